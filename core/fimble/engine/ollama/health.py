"""The state of Ollama and its model as one value; a failure is a state, never an exception."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fimble.engine.ollama.model_facts import ModelFacts, ModelInspector, full_name
from fimble.engine.ollama.status import ENGINE
from fimble.engine.ollama.wire import LoadedModel, Processes, Version
from fimble.engine.protocol import EngineHealth, EngineState
from fimble.errors import EngineTimeout, EngineUnavailable, FimbleError, ModelMissing

if TYPE_CHECKING:
    from fimble.config.schema import OllamaSettings
    from fimble.engine.ollama.connection import OllamaConnection


class HealthCheck:
    """Asks for version, model and memory, in that order, and stops at the first trouble."""

    def __init__(
        self, connection: OllamaConnection, inspector: ModelInspector, settings: OllamaSettings
    ) -> None:
        self._connection = connection
        self._inspector = inspector
        self._settings = settings

    async def check(self, *, loading: bool) -> EngineHealth:
        """Return the state now; `loading` says that a load of ours is under way."""
        version = ""
        try:
            version = (await self._connection.get("/api/version", Version)).version
            facts = await self._inspector.check()
            loaded = await self._loaded(facts)
        except FimbleError as error:
            health = self._health(_state_of(error), str(error), version, self._inspector.facts)
            return replace(health, model_missing=isinstance(error, ModelMissing))
        model = self._settings.model
        if loading:
            return self._health("loading", f"Ollama is loading `{model}`.", version, facts)
        if loaded is None:
            return self._health("loading", f"`{model}` is not in memory.", version, facts)
        effective = loaded.context_length or None
        if effective is not None and effective != self._expected_context(facts):
            message = (
                f"`{model}` is in memory with a context window of {effective} tokens and will be "
                f"loaded again with {self._settings.num_ctx}."
            )
            return self._health("loading", message, version, facts)
        health = self._health("ready", "", version, facts, effective=effective)
        return replace(health, spilled_share=_spilled_share(loaded))

    def _expected_context(self, facts: ModelFacts) -> int:
        """The window that a load of ours gets: the server caps it to what was trained."""
        trained = facts.trained_context_tokens
        return min(self._settings.num_ctx, trained) if trained else self._settings.num_ctx

    async def _loaded(self, facts: ModelFacts) -> LoadedModel | None:
        """Find the model among those in memory."""
        processes = await self._connection.get("/api/ps", Processes)
        wanted = full_name(self._settings.model)
        for entry in processes.models or ():
            if full_name(entry.name or entry.model) == wanted and (
                not facts.digest or not entry.digest or entry.digest == facts.digest
            ):
                return entry
        return None

    def _health(
        self,
        state: EngineState,
        message: str,
        version: str,
        facts: ModelFacts | None,
        *,
        effective: int | None = None,
    ) -> EngineHealth:
        return EngineHealth(
            state=state,
            engine=ENGINE,
            model=self._settings.model,
            message=message,
            server_version=version,
            model_digest=facts.digest if facts else "",
            family=facts.family if facts else "",
            model_bytes=facts.size_bytes if facts else 0,
            context_tokens=effective or (facts.trained_context_tokens if facts else None),
        )


def _spilled_share(loaded: LoadedModel) -> float:
    if loaded.size <= 0 or not 0 <= loaded.size_vram <= loaded.size:
        return 0.0
    return 1 - loaded.size_vram / loaded.size


def _state_of(error: FimbleError) -> EngineState:
    if isinstance(error, EngineUnavailable):
        return "offline"
    if isinstance(error, EngineTimeout) and error.stage == "connect":
        return "offline"
    return "failing"
