"""Asks a workspace for what a place needs: picks the files to look into, ranks what they hold.

Blocks for some milliseconds and reads files: for a thread. Everything that is read goes through
the one reader of workspace files and its gate (T15); open documents count as the editor has them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from fimble.context.index.records import IndexedSymbol
from fimble.context.index.summarise import Summariser, code_language
from fimble.context.retrieval.choosing import Key, choose
from fimble.context.retrieval.file_view import FileView
from fimble.context.retrieval.modules import ModuleNames
from fimble.context.retrieval.ranking import (
    Wanted,
    rank_chunks,
    rank_signatures,
    types_of_names,
    wanted_at,
)
from fimble.context.retrieval.records import ContextItem, ContextQuery, Route
from fimble.context.workspace_files import ScanLimits, WorkspaceFiles
from fimble.policy.masking import mask_secrets

if TYPE_CHECKING:
    from fimble.context.index.symbol_index import SymbolIndex
    from fimble.syntax.imported import ImportedName
    from fimble.syntax.outline import Listed
    from fimble.text.snapshot import Snapshot

MOST_FILES: Final = 64
"""Looked into for one question."""
_KEPT_VIEWS: Final = 160
_KEPT_LINES: Final = 60_000
"""Of all views that are kept: some 10 MB."""
_LARGEST_BYTES: Final = 262_144
_MOST_DEFINITIONS: Final = 3
"""Of a name that is followed: what is defined everywhere says nothing."""
_FOLLOWED_WORDS: Final = 40
_WALKED_FILES: Final = 20_000
_WALKED_S: Final = 0.5

SAME_FILE: Final = Route(boost=0.8, reason="the same file")
IMPORTED: Final = Route(boost=0.4, reason="imported here")
COUNTERPART: Final = Route(boost=0.4, reason="the test beside the module or the module of the test")
RECENT: Final = Route(boost=0.3, reason="edited or viewed lately")
DEFINES: Final = Route(boost=0.2, reason="defines a name near the cursor")
BESIDE: Final = Route(boost=0.4, reason="the same folder")
NEAR: Final = Route(boost=0.0, reason="")


@dataclass(slots=True)
class _Kept:
    view: FileView
    stamp: tuple[int, int]
    masked: int


class _Own(NamedTuple):
    """The document that was asked about last."""

    path: str
    text: str
    view: FileView
    imports: tuple[ImportedName, ...]
    typed: Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a question found."""

    items: tuple[ContextItem, ...]
    files: int
    """How many were looked into."""
    masked: int
    """Values that were replaced in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the editor knows besides the document."""

    open_texts: Mapping[str, Snapshot] = field(default_factory=dict[str, "Snapshot"])
    """Open documents by path, as the editor has them."""
    recent: tuple[str, ...] = ()
    """Paths that were edited or viewed lately, newest first."""


class Retriever:
    """Answers for one workspace; one thread at a time."""

    def __init__(self, index: SymbolIndex) -> None:
        """Take the workspace's index, which somebody else keeps up to date."""
        self._index = index
        self._names = ModuleNames(())
        self._paths: tuple[str, ...] = ()
        self._version = -1
        self._views: dict[str, _Kept] = {}
        self._lines = 0
        self._on_disk: tuple[str, ...] | None = None
        self._last: _Own | None = None
        self._summariser = Summariser(pause=_breathe)
        limits = ScanLimits(max_file_bytes=_LARGEST_BYTES)
        self._files = WorkspaceFiles(index.workspace, limits=limits, exclude=index.exclude)

    def retrieve(
        self,
        query: ContextQuery,
        budget: int,
        count: Callable[[str], int],
        *,
        around: Surroundings | None = None,
        known: Collection[Key] = (),
        own_file_only: bool = False,
    ) -> Found:
        """Return what to show for a place, in the order in which it was chosen.

        Args:
            query: The place.
            budget: In tokens.
            count: Tokens of a text.
            around: What the editor knows besides.
            known: Keys of items that are shown already.
            own_file_only: Whether nothing but the query's own document may be shown (T5).

        Raises:
            SymbolIndexError: The index cannot be read.
        """
        around = around or Surroundings()
        own = self._own(query)
        wanted = wanted_at(query, own.imports, own.view.symbols, own.typed)
        routes: dict[str, Route] = {query.path: SAME_FILE}
        views = [own.view]
        masked = 0
        if not own_file_only:
            self._read_paths()
            routes |= self.routes(query, wanted, own.imports, around)
            for path in routes:
                kept = None if path == query.path else self._view(path, around)
                if kept is not None:
                    views.append(kept.view)
                    masked += kept.masked
        items = choose(
            rank_signatures(views, routes, query, wanted),
            rank_chunks(views, routes, query, wanted),
            budget,
            count,
            known=known,
        )
        return Found(items=tuple(items), files=len(views), masked=masked)

    def routes(
        self,
        query: ContextQuery,
        wanted: Wanted,
        imported: Collection[ImportedName],
        around: Surroundings,
    ) -> dict[str, Route]:
        """Return the files to look into besides the query's own, each with its strongest reason."""
        found: dict[str, Route] = {}

        def add(paths: Collection[str], route: Route) -> None:
            for path in paths:
                if path != query.path and len(found) < MOST_FILES:
                    found.setdefault(path, route)

        for each in imported:
            add(self._names.resolve(each.module, each.name, query.path), IMPORTED)
        add(self._names.counterparts(query.path), COUNTERPART)
        add(around.recent, RECENT)
        names = sorted(wanted.words, key=wanted.words.__getitem__, reverse=True)[:_FOLLOWED_WORDS]
        for name in (*names, *wanted.imported):
            symbols = self._index.store.symbols_named(name, _MOST_DEFINITIONS + 1)
            if len(symbols) <= _MOST_DEFINITIONS:
                add([it.path for it in symbols], DEFINES)
        beside = self._names.beside(query.path)
        add(beside[: MOST_FILES // 2], BESIDE)
        add(self._nearest(query.path), NEAR)
        return found

    def _own(self, query: ContextQuery) -> _Own:
        """Return the query's document as it is now, and what it imports now."""
        text = query.snapshot.text
        if self._last is not None and self._last.path == query.path and self._last.text == text:
            return self._last
        language = code_language(query.path)
        symbols: list[IndexedSymbol] = []
        imported: tuple[ImportedName, ...] = ()
        if language is not None:
            summary = self._summariser.summarise(text, language)
            symbols = [_symbol(query.path, it) for it in summary.symbols]
            imported = summary.imports
        view = FileView(query.path, text, symbols)
        self._last = _Own(query.path, text, view, imported, types_of_names(text))
        return self._last

    def _nearest(self, path: str) -> list[str]:
        """Return files of the workspace, those nearest in the tree first, while it is small."""
        if len(self._paths) > 4 * MOST_FILES:
            return []
        folders = path.split("/")[:-1]

        def far(other: str) -> tuple[int, str]:
            parts = other.split("/")[:-1]
            same = 0
            while same < min(len(parts), len(folders)) and parts[same] == folders[same]:
                same += 1
            return len(parts) + len(folders) - 2 * same, other

        return sorted(self._paths, key=far)[:MOST_FILES]

    def _read_paths(self) -> None:
        version = self._index.store.version()
        if version != self._version:
            self._version = version
            paths = sorted(self._index.store.paths().values())
            if self._index.store.noted("built") is None:
                paths = sorted({*paths, *self._walked()})
            self._paths = tuple(paths)
            self._names = ModuleNames(self._paths)

    def _walked(self) -> tuple[str, ...]:
        """Return the files of code that there are, for as long as no index was built."""
        if self._on_disk is None:
            limits = ScanLimits(max_files=_WALKED_FILES, max_seconds=_WALKED_S)
            walk = WorkspaceFiles(self._index.workspace, limits=limits, exclude=self._index.exclude)
            self._on_disk = tuple(it for it in walk.names() if code_language(it) is not None)
        return self._on_disk

    def _view(self, path: str, around: Surroundings) -> _Kept | None:
        snapshot = around.open_texts.get(path)
        stamp = self._stamp(path) if snapshot is None else (-2, snapshot.version or 0)
        kept = self._views.pop(path, None)
        if kept is not None and kept.stamp != stamp:
            self._lines -= len(kept.view.lines)
            kept = None
        if kept is None:
            kept = self._read(path, snapshot, stamp)
            self._lines += 0 if kept is None else len(kept.view.lines)
        if kept is not None:
            self._views[path] = kept
            self._forget_some()
        return kept

    def _read(self, path: str, snapshot: Snapshot | None, stamp: tuple[int, int]) -> _Kept | None:
        # Also an open document is shown beside another one only if its file may be read.
        found = self._files.read(self._index.workspace / path)
        if found is None:
            return None
        text, masked = mask_secrets(found.text if snapshot is None else snapshot.text)
        symbols = [_masked(it) for it in self._symbols(path, text, stamp) if it.signature]
        _breathe()
        return _Kept(FileView(path, text, symbols), stamp, masked)

    def _symbols(self, path: str, text: str, stamp: tuple[int, int]) -> list[IndexedSymbol]:
        """Return a file's definitions: the index's, or read now where it has not this text."""
        known = self._index.store.known_file(path)
        if known is not None and known.stamp == stamp:
            return self._index.store.symbols_of(path)
        language = code_language(path)
        if language is None:
            return []
        return [_symbol(path, it) for it in self._summariser.summarise(text, language).symbols]

    def _stamp(self, path: str) -> tuple[int, int]:
        try:
            found = os.stat(self._index.workspace / path)  # noqa: PTH116 - the fields alone count
        except OSError:
            return -1, -1
        return found.st_size, found.st_mtime_ns

    def _forget_some(self) -> None:
        while len(self._views) > MOST_FILES and (
            len(self._views) > _KEPT_VIEWS or self._lines > _KEPT_LINES
        ):
            oldest = next(iter(self._views))
            self._lines -= len(self._views.pop(oldest).view.lines)


def _masked(symbol: IndexedSymbol) -> IndexedSymbol:
    """Return the symbol with the secrets in its texts masked: a default value may be one."""
    return symbol._replace(
        signature=mask_secrets(symbol.signature)[0], doc=mask_secrets(symbol.doc)[0]
    )


def _symbol(path: str, it: Listed) -> IndexedSymbol:
    first, last = it.first_line + 1, it.last_line + 1
    return IndexedSymbol(
        path, it.name, it.container, it.kind.value, first, last, it.signature, it.doc
    )


def _breathe() -> None:
    """Let go of the interpreter's lock: an event loop runs beside this thread."""
    time.sleep(0)
