"""One ranked list of what a few typed letters may mean: files, folders, symbols, special words.

The popup of the chat's prompt and `fimble index search` ask it, from any thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.mentions import SPECIAL, mention_text
from fimble.context.index.candidates import Candidate
from fimble.context.index.fuzzy import FuzzyNames
from fimble.context.index.paths import WorkspacePaths
from fimble.context.index.prices import Prices
from fimble.errors import SymbolIndexError

if TYPE_CHECKING:
    from fimble.context.index.fuzzy import Fit
    from fimble.context.index.records import IndexedSymbol
    from fimble.context.index.symbol_index import SymbolIndex

_SPECIAL_DETAIL: Final = {
    "diff": "what changed since the last commit",
    "staged": "what is staged for the next commit",
    "errors": "syntax errors in what changed lately",
    "map": "an outline of the project",
}
_RECENCY_POINTS: Final = 50.0
_FILE_POINTS: Final = 2.0
"""A file before a folder or a symbol that fits as well."""
_NAMES_FRESH_S: Final = 3.0
_ASIDE: Final = 45.0
_LOOKED_AT: Final = 2
"""How many times the limit is taken from each list before they are merged."""
_SAME_NAMES: Final = 4
"""Definitions of one name that are listed; more say nothing to who types a name."""

Recency = Callable[[str], float]
"""How lately a path was used, from 0 (never) to 1 (now)."""
_Ranked = tuple[float, Candidate]


class WorkspaceSearch:
    """Fuzzy search in one workspace; thread-safe."""

    def __init__(
        self,
        workspace: Path,
        *,
        exclude: tuple[str, ...] = (),
        index: SymbolIndex | None = None,
        recency: Recency | None = None,
        count_tokens: Callable[[str], int] | None = None,
    ) -> None:
        """Take the workspace; nothing is read yet.

        Args:
            workspace: Its root.
            exclude: The user's own globs of what is not read.
            index: Its symbols; without one, or before it was ever built, only paths are found.
            recency: Moves what was used lately up among equals.
            count_tokens: Prices the candidates; without it they have no price.
        """
        self._paths = WorkspacePaths(workspace, exclude=exclude)
        self._symbols = None if index is None else _SymbolNames(index)
        self._recency = recency
        self._prices = (
            None if count_tokens is None else Prices(workspace, exclude=exclude, count=count_tokens)
        )
        self._lock = threading.Lock()

    def find(self, text: str, limit: int) -> Sequence[Candidate]:
        """Return at most `limit` candidates for `text`, the best first; never raises for a text.

        Args:
            text: What stands behind the `@`; empty lists what is at the top.
            limit: How many.
        """
        limit = max(0, limit)
        special = [_special(name) for name in SPECIAL if name.startswith(text.lower())]
        names = self._paths.names()
        if not text.strip():
            return [*special, *_at_the_top(names, limit)][:limit]
        fits = names.best(text, _LOOKED_AT * limit, bonus=self._bonus if self._recency else None)
        ranked = [(_path_score(fit), _path(fit.name)) for fit in fits]
        if self._symbols is not None:
            ranked += self._symbols.find(text, limit)
        ranked.sort(key=_by_score)
        found = [candidate for _, candidate in ranked]
        return [*special, *map(self._priced, found[: max(0, limit - len(special))])][:limit]

    def read_anew(self) -> None:
        """Read the symbols' names for the next text, however fresh they are: a build has ended."""
        if self._symbols is not None:
            self._symbols.read_anew()

    def _bonus(self, path: str) -> float:
        return 0.0 if self._recency is None else _RECENCY_POINTS * self._recency(path)

    def _priced(self, candidate: Candidate) -> Candidate:
        if self._prices is None or candidate.kind == "dir":
            return candidate
        path, first, last = candidate.place
        with self._lock:
            return replace(candidate, tokens=self._prices.of(path, first, last))


class _SymbolNames:
    """The names of an index's symbols, read again when the index changed; thread-safe."""

    def __init__(self, index: SymbolIndex) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._names = FuzzyNames((), separator=".")
        self._version = -1
        self._read_at = float("-inf")

    def find(self, text: str, limit: int) -> list[_Ranked]:
        """Return symbols with their scores; none while the index cannot be read."""
        if "/" in text or not self._index.exists:
            return []
        try:
            fits = self._fresh().best(text, limit, bonus=_symbol_points)
            found = [(fit.score, self._candidates(fit)) for fit in fits]
        except SymbolIndexError:
            return []  # Paths are still found; who asks for a symbol by name is told why.
        if not all(candidates for _, candidates in found):
            self._read_at = float("-inf")  # Names that are gone: read them for the next letter.
        return [(score, it) for score, candidates in found for it in candidates]

    def read_anew(self) -> None:
        """Read the names for the next text."""
        self._read_at = float("-inf")

    def _fresh(self) -> FuzzyNames:
        with self._lock:
            version = self._index.store.version()
            now = time.monotonic()
            # While an index is built it changes all the time; half a second of names is not
            # read again for each letter.
            if version != self._version and now - self._read_at > _NAMES_FRESH_S:
                self._read_at = now
                self._names = FuzzyNames(self._index.store.qualified_names(), separator=".")
                self._version = version
            return self._names

    def _candidates(self, fit: Fit) -> list[Candidate]:
        container, _, name = fit.name.rpartition(".")
        store = self._index.store
        alone = store.is_unique(container, name)
        found = store.symbols_in(container, name, _SAME_NAMES)
        return [_symbol(symbol, alone=alone) for symbol in found]


def _by_score(ranked: _Ranked) -> tuple[float, str, str]:
    score, candidate = ranked
    return -score, candidate.label, candidate.mention_text


def _path_score(fit: Fit) -> float:
    return fit.score + (0.0 if fit.name.endswith("/") else _FILE_POINTS)


def _symbol_points(qualified: str) -> float:
    """Let tests and private names come behind what one more likely asks for."""
    return -_ASIDE if qualified.rpartition(".")[2].startswith(("test_", "_")) else 0.0


def _at_the_top(names: FuzzyNames, limit: int) -> Iterable[Candidate]:
    """Return what lies nearest to the root, folders first."""
    paths = (names[place] for place in range(len(names)))
    nearest = sorted(paths, key=lambda path: (path.rstrip("/").count("/"), path[-1:] != "/", path))
    return map(_path, nearest[:limit])


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
        place=(path, 0, 0),
    )


def _symbol(symbol: IndexedSymbol, *, alone: bool) -> Candidate:
    """Return a symbol; one of several of its name is mentioned by its lines, to mean this one."""
    lines = mention_text(symbol.path, first_line=symbol.first_line, last_line=symbol.last_line)
    return Candidate(
        kind=symbol.kind,
        label=symbol.qualified,
        detail=f"{symbol.signature}  {symbol.place}",
        mention_text=mention_text(symbol.qualified) if alone else lines,
        tokens=None,
        place=(symbol.path, symbol.first_line, symbol.last_line),
    )
