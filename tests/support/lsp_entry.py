"""`python -m support.lsp_entry`: the real server with a completer that tests can steer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fimble_lsp.server import serve

if TYPE_CHECKING:
    from fimble.config.schema import Settings
    from fimble.pipeline.engine_router import OnStatus
    from support.scripted_completer import ScriptedCompleter


class ScriptedFactory:
    """Builds completers whose imports are deferred as those of the real one are."""

    def load(self) -> None:
        """Import the completer."""
        import support.scripted_completer  # noqa: PLC0415

        _ = support.scripted_completer

    def build(
        self, settings: Settings, folders: tuple[str, ...], on_status: OnStatus
    ) -> ScriptedCompleter:
        """Build one."""
        from support.scripted_completer import build_scripted  # noqa: PLC0415

        return build_scripted(settings, folders, on_status)


if __name__ == "__main__":
    sys.exit(serve(ScriptedFactory()))
