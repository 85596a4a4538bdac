"""What the server says of itself: which it is, which models it has, its window and its slots.

Asked again when it is older than a minute. A server without /v1/models is taken at its word when
the first prompt comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from fimble.engine.openai.dialects import DIALECTS, Dialect, dialect_of
from fimble.engine.openai.status import model_missing
from fimble.engine.openai.wire import Properties, ServedModel, ServedModels, Version
from fimble.errors import EngineError, EngineProtocolError, EngineRejected

if TYPE_CHECKING:
    from fimble.config.schema import OpenAISettings
    from fimble.engine.openai.connection import OpenAIConnection

RECHECK_AFTER_S = 60.0
_NO_SUCH_ROUTE = frozenset({404, 405, 501})
_MAX_FACTS_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """One look at the server."""

    dialect: Dialect
    models: tuple[str, ...] = ()
    """What it serves; empty when it does not tell."""
    window_tokens: int | None = None
    """The context window of one request; None when it does not tell."""
    slots: int | None = 1
    """Requests that it works on at once; None: as many as there are."""
    version: str = ""


class ServerInspector:
    """Knows the facts and how old that knowledge is."""

    def __init__(
        self, connection: OpenAIConnection, settings: OpenAISettings, *, now: Callable[[], float]
    ) -> None:
        self._connection = connection
        self._model = settings.model
        self._named = None if settings.dialect == "auto" else DIALECTS[settings.dialect]
        self._now = now
        self._facts: ServerFacts | None = None
        self._checked_at = float("-inf")

    @property
    def facts(self) -> ServerFacts | None:
        """The facts as last checked."""
        return self._facts

    async def known(self) -> ServerFacts:
        """Return facts that were checked within the last minute.

        Raises:
            ModelMissing: The server does not have the model.
            EngineError: It did not answer.
        """
        if self._facts is not None and self._now() - self._checked_at < RECHECK_AFTER_S:
            return self._facts
        return await self.check()

    async def check(self) -> ServerFacts:
        """Ask the server now."""
        asked_at = self._now()
        self._facts = None
        models = await self._served()
        entry = self._ours(models)
        owner = (entry.owned_by if entry else "") or ""
        dialect = self._named or dialect_of(owner)
        facts = ServerFacts(
            dialect=dialect,
            models=tuple(model.id for model in models),
            window_tokens=(entry and (entry.max_model_len or (entry.meta and entry.meta.n_ctx)))
            or None,
            slots=dialect.slots,
        )
        self._facts = await self._completed(facts, owner)
        self._checked_at = asked_at
        return self._facts

    async def _served(self) -> Sequence[ServedModel]:
        try:
            answer = await self._connection.ask(
                "/v1/models", None, ServedModels, max_bytes=_MAX_FACTS_BYTES
            )
        except EngineRejected as error:
            if error.status in _NO_SUCH_ROUTE:
                return ()
            raise
        return answer.data or ()

    def _ours(self, models: Sequence[ServedModel]) -> ServedModel | None:
        """Return the configured model; a gateway may list patterns such as "openai/*"."""
        for model in models:
            names = (model.id, *(model.aliases or ()))
            if any(name == self._model or fnmatchcase(self._model, name) for name in names):
                return model
        if models:
            served = tuple(model.id for model in models)
            raise model_missing(self._model, self._connection.base_url, served)
        return None

    async def _completed(self, facts: ServerFacts, owner: str) -> ServerFacts:
        """Add what the server tells in ways of its own; a gateway has no such routes."""
        try:
            if owner == "llamacpp":
                told = await self._connection.get("/props", Properties)
                return replace(
                    facts,
                    slots=max(1, told.total_slots),
                    window_tokens=told.default_generation_settings.n_ctx or facts.window_tokens,
                    version=told.build_info[:64],
                )
            if owner == "vllm":
                version = (await self._connection.get("/version", Version)).version
                return replace(facts, version=version[:64])
        except (EngineRejected, EngineProtocolError):
            return facts
        except EngineError:
            raise
        return facts
