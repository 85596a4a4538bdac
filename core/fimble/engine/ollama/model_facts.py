"""What the server says of the configured model: is it there, is it local, what can it do.

Locality is checked before the first prompt, again when the model's digest has changed, and at
least once a minute while prompts are sent (threat T6): a model of the same name may be replaced by
a pointer to another host while Fimble runs. The digest comes from /api/tags, which is cheap; the
manifest is read from a raw /api/show, since the `ollama` package drops the fields that matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fimble.engine.ollama.requests import show_body
from fimble.engine.ollama.wire import ListedModel, Show, Tags
from fimble.errors import FimbleError
from fimble.policy.model_locality import check_model_name, check_show

if TYPE_CHECKING:
    from fimble.engine.ollama.connection import OllamaConnection

RECHECK_AFTER_S = 60.0
"""Age at which a check of the digest is repeated before a prompt is sent."""
MAX_VOCABULARY_BYTES = 64 << 20
_VOCABULARY_DEADLINE_S = 60.0
_OPENERS = frozenset("<[▁")
"""SentencePiece vocabularies write CodeLlama's tokens as "▁<PRE>"."""
_CLOSERS = frozenset(">]")
_DEFAULT_PREFIXES = ("registry.ollama.ai/", "library/")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One version of the model, as /api/tags and /api/show describe it."""

    digest: str
    """Empty when the server does not list the model but knows it."""
    family: str
    """Architecture, such as "qwen35"."""
    trained_context_tokens: int | None
    capabilities: tuple[str, ...]
    """Such as "completion", "insert", "thinking"."""
    size_bytes: int = 0
    """On disk, which is about what a load reads; 0 when the server does not say."""


def full_name(name: str) -> str:
    """Return a model's name as the server lists it: folded, tag included, defaults left out."""
    wanted = name.strip().casefold()
    for prefix in _DEFAULT_PREFIXES:
        wanted = wanted.removeprefix(prefix)
    return wanted if ":" in wanted.rpartition("/")[2] else f"{wanted}:latest"


class ModelInspector:
    """Knows the facts of the model's current version and how old that knowledge is."""

    def __init__(
        self, connection: OllamaConnection, model: str, *, now: Callable[[], float]
    ) -> None:
        check_model_name(model)
        self._connection = connection
        self._model = model
        self._now = now
        self._facts: ModelFacts | None = None
        self._checked_at = float("-inf")
        self._tokens: frozenset[str] | None = None

    @property
    def facts(self) -> ModelFacts | None:
        """The facts as last checked."""
        return self._facts

    def forget(self) -> None:
        """Distrust what is known: the next prompt waits for a new check."""
        self._facts = None
        self._tokens = None
        self._checked_at = float("-inf")

    async def verified(self) -> ModelFacts:
        """Return facts that were checked within the last minute.

        Raises:
            ModelMissing: The server does not have the model.
            EngineNotLocalError: The model is a pointer to another host.
            EngineError: The server did not answer.
        """
        if self._facts is not None and self._now() - self._checked_at < RECHECK_AFTER_S:
            return self._facts
        return await self.check()

    async def check(self) -> ModelFacts:
        """Ask the server now; reads the manifest only when the digest has changed."""
        asked_at = self._now()
        listed = await self._listed()
        digest = listed.digest if listed is not None else ""
        if self._facts is None or not digest or digest != self._facts.digest:
            self.forget()
            size = max(0, listed.size) if listed is not None else 0
            self._facts = await self._read_manifest(digest, size)
        self._checked_at = asked_at
        return self._facts

    async def _listed(self) -> ListedModel | None:
        tags = await self._connection.get("/api/tags", Tags)
        wanted = full_name(self._model)
        for entry in tags.models or ():
            if full_name(entry.name or entry.model) == wanted:
                try:
                    _check_local(entry, self._model)
                except FimbleError:
                    self.forget()
                    raise
                return entry
        return None

    async def _read_manifest(self, digest: str, size_bytes: int) -> ModelFacts:
        show = await self._connection.ask("/api/show", show_body(self._model), Show)
        _check_local(show, self._model)
        with self._connection.border:
            return ModelFacts(
                digest=digest,
                family=show.architecture,
                trained_context_tokens=show.trained_context_tokens,
                capabilities=show.capabilities or (),
                size_bytes=size_bytes,
            )

    async def whole_manifest(self) -> Show:
        """Ask for the manifest with the whole vocabulary: several megabytes, never kept here.

        Raises:
            EngineNotLocalError: The model is a pointer to another host.
            EngineError: The server did not answer.
        """
        show = await self._connection.ask(
            "/api/show",
            show_body(self._model, verbose=True),
            Show,
            deadline_s=_VOCABULARY_DEADLINE_S,
            max_bytes=MAX_VOCABULARY_BYTES,
        )
        _check_local(show, self._model)
        return show

    async def control_tokens(self) -> frozenset[str]:
        """Return the bracketed tokens of the model's vocabulary, read once for each digest.

        The answer is several megabytes; ask while the user is idle. Empty when the server does
        not tell.
        """
        await self.verified()
        if self._tokens is None:
            show = await self.whole_manifest()
            with self._connection.border:
                vocabulary = show.vocabulary
            self._tokens = frozenset(
                token for token in vocabulary if token[:1] in _OPENERS and token[-1:] in _CLOSERS
            )
        return self._tokens


def _check_local(described: ListedModel | Show, model: str) -> None:
    check_show(
        {"remote_host": described.remote_host, "remote_model": described.remote_model}, model=model
    )
