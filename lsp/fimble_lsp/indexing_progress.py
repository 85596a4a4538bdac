"""Shows in the editor how far the workspace's index is, where that takes long enough to be seen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from fimble_lsp.work_progress import WorkProgress

if TYPE_CHECKING:
    from fimble.context.index.records import BuildProgress
    from fimble_lsp.server import FimbleServer

_TITLE: Final = "Fimble reads the workspace"
_WORTH_TELLING: Final = 200
"""Files; fewer are read before a bar could be looked at."""


class IndexingProgress:
    """Carries what a thread tells to the client."""

    def __init__(self, server: FimbleServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._shown: WorkProgress | None = None

    def tell(self, progress: BuildProgress | None) -> None:
        """Take in how far a build is, from any thread; None when it has ended."""
        try:
            self._loop.call_soon_threadsafe(self._show, progress)
        except RuntimeError:
            return  # The loop is closed: the server ends.

    def _show(self, progress: BuildProgress | None) -> None:
        if progress is None:
            if self._shown is not None:
                self._shown.end()
                self._shown = None
            return
        if self._shown is None:
            if progress.found < _WORTH_TELLING:
                return
            self._shown = WorkProgress(
                self._server, _TITLE, token=None, cancel=self._server.completions.stop_indexing
            )
            self._shown.__enter__()
        self._shown.report(f"{progress.done:,} files, {progress.lines:,} lines")
