"""What a file or some lines of it would cost in a prompt, for the few that a popup shows."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fimble.context.workspace_files import WorkspaceFiles
from fimble.text.splitting import split_lines

_KEPT: Final = 512
_MOST_BYTES: Final = 65_536
"""Counting more would be felt while typing."""

_Key = tuple[str, int, int, int, int]


class Prices:
    """Reads and counts; what did not change is counted once. One thread at a time."""

    def __init__(
        self, workspace: Path, *, exclude: tuple[str, ...], count: Callable[[str], int]
    ) -> None:
        self._workspace = workspace
        self._files = WorkspaceFiles(workspace, exclude=exclude)
        self._count = count
        self._known: OrderedDict[_Key, int | None] = OrderedDict()

    def of(self, path: str, first_line: int = 0, last_line: int = 0) -> int | None:
        """Return the tokens of lines of a file, from 1 and the last included; 0 means all.

        None for what is not read, or is long.
        """
        try:
            found = os.stat(self._workspace / path)  # noqa: PTH116 - its fields are the key
        except (OSError, ValueError):
            return None
        if found.st_size > _MOST_BYTES and not first_line:
            return None
        key = (path, found.st_size, found.st_mtime_ns, first_line, last_line)
        if key not in self._known:
            self._known[key] = self._counted(path, first_line, last_line)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[key]

    def _counted(self, path: str, first_line: int, last_line: int) -> int | None:
        file = self._files.read(self._workspace / path)
        if file is None:
            return None
        text = file.text
        if first_line:
            text = "".join(split_lines(text)[first_line - 1 : last_line])
        return self._count(text) if len(text) <= _MOST_BYTES else None
