"""The paths of a workspace, folders included, ready to be searched; read again when they age."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fimble.context.index.fuzzy import FuzzyNames
from fimble.context.workspace_files import ScanLimits, WorkspaceFiles

_FRESH_S: Final = 5.0
"""How long a list of paths is good for."""
_LIMITS: Final = ScanLimits(max_files=50_000, max_seconds=10.0)


class WorkspacePaths:
    """Reads the names below a workspace, by the rules of its one reader; thread-safe."""

    def __init__(
        self,
        workspace: Path,
        *,
        exclude: tuple[str, ...] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace = workspace
        self._exclude = exclude
        self._now = now
        self._lock = threading.Lock()
        self._names = FuzzyNames((), separator="/")
        self._read_at = float("-inf")

    def names(self) -> FuzzyNames:
        """Return all folders and files, folders first and with a "/" at their ends."""
        with self._lock:
            started = self._now()
            if started - self._read_at > _FRESH_S:
                self._names = self._read()
                # A slow disk is asked less often, not again and again.
                taken = self._now() - started
                self._read_at = self._now() + 10 * taken
            return self._names

    def _read(self) -> FuzzyNames:
        folders: dict[str, None] = {}
        files: list[str] = []
        reader = WorkspaceFiles(self._workspace, limits=_LIMITS, exclude=self._exclude)
        for path in reader.names():
            files.append(path)
            end = path.rfind("/")
            while end > 0 and (folder := path[: end + 1]) not in folders:
                folders[folder] = None
                end = path.rfind("/", 0, end)
        return FuzzyNames((*sorted(folders), *files), separator="/")
