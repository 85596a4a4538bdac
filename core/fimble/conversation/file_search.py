"""Files and folders by parts of their names: what a mention may mean until symbols are indexed."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fimble.chat.mentions import SPECIAL, mention_text
from fimble.context.workspace_files import WorkspaceFiles

_FRESH_S: Final = 5.0
"""How long a list of files is good for."""
_MAX_FILES: Final = 50_000
_SPECIAL_DETAIL: Final = {
    "diff": "what changed since the last commit",
    "staged": "what is staged for the next commit",
    "errors": "the editor's errors",
    "map": "an outline of the project",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that can be mentioned."""

    kind: str
    label: str
    detail: str
    mention_text: str
    """What stands in the question for it."""
    tokens: int | None
    """What it would cost; None when that is not known without reading it."""


class FileSearch:
    """Fuzzy over paths; thread-safe."""

    def __init__(self, workspace: Path, *, exclude: tuple[str, ...] = ()) -> None:
        self._workspace = workspace
        self._exclude = exclude
        self._lock = threading.Lock()
        self._paths: tuple[str, ...] = ()
        self._read_at = float("-inf")

    def find(self, text: str, limit: int) -> Sequence[Candidate]:
        """Return at most `limit` candidates for `text`, the best first."""
        special = [_special(name) for name in SPECIAL if name.startswith(text.lower())]
        wanted = text.lower()
        ranked = sorted(
            (rank, path) for path in self._all() if (rank := _rank(wanted, path)) is not None
        )
        files = [_candidate(path) for _, path in ranked[:limit]]
        return [*special, *files][:limit]

    def _all(self) -> tuple[str, ...]:
        with self._lock:
            if time.monotonic() - self._read_at > _FRESH_S:
                folders: dict[str, None] = {}
                files: list[str] = []
                for path in WorkspaceFiles(self._workspace, exclude=self._exclude).names():
                    files.append(path)
                    folders.update((f"{parent}/", None) for parent in _parents(path))
                    if len(files) >= _MAX_FILES:
                        break
                self._paths = (*folders, *files)
                self._read_at = time.monotonic()
            return self._paths


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _rank(wanted: str, path: str) -> tuple[int, int] | None:
    """Return how well a path fits, small is good; None when it does not."""
    lowered = path.lower()
    place = lowered.find(wanted)
    if place >= 0:
        base = lowered.rstrip("/").rfind("/") + 1
        good = 0 if place == base else 1 if place > base or place == 0 else 2
        return good, len(path)
    at = -1
    first = None
    for character in wanted:
        at = lowered.find(character, at + 1)
        if at < 0:
            return None
        first = at if first is None else first
    return 3 + at - (first or 0) - len(wanted), len(path)


def _special(name: str) -> Candidate:
    return Candidate(
        kind=name,
        label=f"@{name}",
        detail=_SPECIAL_DETAIL[name],
        mention_text=f"@{name}",
        tokens=None,
    )


def _candidate(path: str) -> Candidate:
    folder, _, _ = path.rstrip("/").rpartition("/")
    return Candidate(
        kind="dir" if path.endswith("/") else "file",
        label=path,
        detail=folder and f"in {folder}/",
        mention_text=mention_text(path),
        tokens=None,
    )
