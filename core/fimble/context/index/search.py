"""One ranked list of what a few typed letters may mean: files, folders, symbols, special words.

The popup of the chat's prompt and `fimble index search` ask it, from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.mentions import SPECIAL, mention_text
from fimble.context.index.candidates import Candidate
from fimble.context.index.paths import WorkspacePaths

if TYPE_CHECKING:
    from fimble.context.index.fuzzy import Fit, FuzzyNames

_SPECIAL_DETAIL: Final = {
    "diff": "what changed since the last commit",
    "staged": "what is staged for the next commit",
    "errors": "syntax errors in what changed lately",
    "map": "an outline of the project",
}
_RECENCY_POINTS: Final = 50.0
_FILE_POINTS: Final = 2.0
"""A file before a folder or a symbol that fits as well."""
_LOOKED_AT: Final = 2
"""How many times the limit is taken from each list before they are merged."""

Recency = Callable[[str], float]
"""How lately a path was used, from 0 (never) to 1 (now)."""


class WorkspaceSearch:
    """Fuzzy search in one workspace; thread-safe."""

    def __init__(
        self,
        workspace: Path,
        *,
        exclude: tuple[str, ...] = (),
        recency: Recency | None = None,
    ) -> None:
        """Take the workspace; nothing is read yet.

        Args:
            workspace: Its root.
            exclude: The user's own globs of what is not read.
            recency: Moves paths that were used lately up among equals.
        """
        self._paths = WorkspacePaths(workspace, exclude=exclude)
        self._recency = recency

    def find(self, text: str, limit: int) -> Sequence[Candidate]:
        """Return at most `limit` candidates for `text`, the best first; never raises for a text.

        Args:
            text: What stands behind the `@`; empty lists what is at the top.
            limit: How many.
        """
        special = [_special(name) for name in SPECIAL if name.startswith(text.lower())]
        names = self._paths.names()
        if not text.strip():
            return [*special, *_at_the_top(names, limit)][: max(0, limit)]
        fits = names.best(text, _LOOKED_AT * limit, bonus=self._bonus if self._recency else None)
        ranked = [(_path_score(fit), _path(fit.name)) for fit in fits]
        ranked.sort(key=_by_score)
        return [*special, *(candidate for _, candidate in ranked)][: max(0, limit)]

    def _bonus(self, path: str) -> float:
        return 0.0 if self._recency is None else _RECENCY_POINTS * self._recency(path)


def _by_score(ranked: tuple[float, Candidate]) -> tuple[float, str]:
    score, candidate = ranked
    return -score, candidate.label


def _path_score(fit: Fit) -> float:
    return fit.score + (0.0 if fit.name.endswith("/") else _FILE_POINTS)


def _at_the_top(names: FuzzyNames, limit: int) -> Iterable[Candidate]:
    """Return what lies nearest to the root, folders first."""
    paths = (names[place] for place in range(len(names)))
    nearest = sorted(paths, key=lambda path: (path.rstrip("/").count("/"), path[-1:] != "/", path))
    return map(_path, nearest[: max(0, limit)])


def _special(name: str) -> Candidate:
    return Candidate(
        kind=name,
        label=f"@{name}",
        detail=_SPECIAL_DETAIL[name],
        mention_text=f"@{name}",
        tokens=None,
    )


def _path(path: str) -> Candidate:
    folder = path.rstrip("/").rpartition("/")[0]
    return Candidate(
        kind="dir" if path.endswith("/") else "file",
        label=path,
        detail=folder and f"in {folder}/",
        mention_text=mention_text(path),
        tokens=None,
    )
