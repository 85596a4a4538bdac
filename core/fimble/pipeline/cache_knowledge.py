"""What is known of the running server's prompt cache: recalled, or measured in a pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fimble.completion.cache_forecast import CacheKind
from fimble.errors import EngineError, EngineUnavailable
from fimble.pipeline.probe_store import ProbeKey, ProbeStore
from fimble.pipeline.probing import CacheMeasurement

if TYPE_CHECKING:
    from fimble.completion.measured_cache import ProbeResult
    from fimble.config.schema import ModelServerSettings
    from fimble.engine.model_server import ModelServerEngine
    from fimble.engine.profiles import ModelProfile
    from fimble.engine.protocol import EngineHealth
    from fimble.pipeline.completions_first import CompletionsFirst


def probe_key(settings: ModelServerSettings, health: EngineHealth) -> ProbeKey | None:
    """Return what a measurement now would hold for; None while the model is not known."""
    if not health.model_digest or not health.server_version:
        return None
    return ProbeKey(
        endpoint=settings.endpoint,
        server_version=health.server_version,
        model_digest=health.model_digest,
        num_ctx=settings.num_ctx,
    )


def measurement_for(
    server: ModelServerEngine, settings: ModelServerSettings, profile: ModelProfile
) -> CacheMeasurement:
    """Return the measurement that suits a server and the model of `profile`."""
    return CacheMeasurement(
        server=server,
        estimator=server.tokens,
        window_tokens=settings.num_ctx,
        expected=CacheKind.HYBRID if profile.hybrid else CacheKind.DENSE,
    )


class CacheKnowledge:
    """The one result that holds for the server and model in use."""

    def __init__(
        self,
        server: ModelServerEngine,
        settings: ModelServerSettings,
        store: ProbeStore | None = None,
    ) -> None:
        self._server = server
        self._settings = settings
        self._store = store or ProbeStore()
        self._key: ProbeKey | None = None
        self._tried: ProbeKey | None = None
        self.measured: ProbeResult | None = None
        """None until something is known, if only the speed."""

    def recall(self, health: EngineHealth) -> None:
        """Take what was measured earlier for this server, model and window."""
        key = probe_key(self._settings, health)
        if key != self._key:
            self._key = key
            self.measured = None if key is None else self._store.load(key)

    async def measure_in_pauses(
        self, turns: CompletionsFirst, profile: ModelProfile, *, idle_s: float
    ) -> bool:
        """Measure what is not known yet while nobody types; whether something was found out.

        A server that fails meanwhile tells nothing here: the next completion finds out.
        """
        key = self._key
        if key is None or self.measured is not None or self._tried == key:
            return False
        self._tried = key
        measurement = measurement_for(self._server, self._settings, profile)
        try:
            result = await measurement.measure_in_pauses(turns, idle_s=idle_s)
        except EngineUnavailable:
            self._tried = None
            return False
        except EngineError:
            return False
        if result is None or key != self._key:
            return False
        if result.certain:
            self._store.save(key, result)
        self.measured = result
        return True
