"""The real pipeline behind `completions.CompleterFactory`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.pipeline.assembly import CompletionService
    from fimble.pipeline.engine_router import OnStatus
    from fimble.pipeline.statistics import StatisticsRecorder


class PipelineFactory:
    """Builds `fimble.pipeline.assembly.CompletionService`, importing it only when it is due."""

    def load(self) -> None:
        """Import the engines and the HTTP client."""
        import fimble.engine.ollama.client  # noqa: PLC0415 - the first key shall not pay for it
        import fimble.pipeline.assembly  # noqa: PLC0415

        _ = fimble.engine.ollama.client, fimble.pipeline.assembly

    def build(
        self, settings: Settings, folders: tuple[str, ...], on_status: OnStatus
    ) -> CompletionService:
        """Return a service that is not started; raises `EngineNotLocalError`."""
        from fimble.pipeline.assembly import CompletionService  # noqa: PLC0415 - as above

        service = CompletionService(
            settings,
            folders,
            on_status,
            statistics=_recorder() if settings.statistics.enabled else None,
        )
        # The first prompt shall not miss what it may show; later changes come with the prompts.
        service.trust(granted=bool(folders) and _is_trusted(Path(folders[0])))
        return service


def _is_trusted(folder: Path) -> bool:
    from fimble.errors import TrustError  # noqa: PLC0415 - as above
    from fimble.trust.granted import trust_of  # noqa: PLC0415

    try:
        return trust_of(folder).granted
    except TrustError:
        return False


def _recorder() -> StatisticsRecorder:
    from fimble.history.statistics_store import StatisticsStore, default_path  # noqa: PLC0415
    from fimble.pipeline.statistics import StatisticsRecorder  # noqa: PLC0415

    return StatisticsRecorder(StatisticsStore(default_path()))
