"""Asks a workspace for what a place needs: picks the files to look into, ranks what they hold.

Blocks for some milliseconds and reads files: for a thread. Everything that is read goes through
the one reader of workspace files and its gate (T15); open documents count as the editor has them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log
from typing import TYPE_CHECKING, Final, NamedTuple

from fimble.context.index.records import IndexedSymbol
from fimble.context.index.summarise import Summariser, code_language
from fimble.context.retrieval.choosing import Key, choose
from fimble.context.retrieval.file_view import FileView
from fimble.context.retrieval.modules import ModuleNames
from fimble.context.retrieval.ranking import (
    Wanted,
    named_in,
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

MOST_FILES: Final = 28
"""Looked into for one question."""
_MOST_LINES: Final = 20_000
"""Looked into for one question; what comes last was found by the least."""
_KEPT_VIEWS: Final = 160
_KEPT_LINES: Final = 60_000
"""Of all views that are kept: some 10 MB."""
_LARGEST_BYTES: Final = 262_144
_MOST_DEFINITIONS: Final = 3
"""Of a name that is followed: what is defined everywhere says nothing."""
_FOLLOWED_WORDS: Final = 40
_LEAST_HOLDERS: Final = 24
_HOLDERS_SHARE: Final = 6
"""A word that more than a sixth of all files hold finds none."""
_MOST_IMPORTED: Final = 14
_MOST_NAMED: Final = 24
_MOST_RECENT: Final = 6
_MOST_FURTHER: Final = 8
_FEW_BESIDE: Final = 4
"""Files of the same folder that nothing else points to."""
_WALKED_FILES: Final = 20_000
_WALKED_S: Final = 0.5

SAME_FILE: Final = Route(boost=0.8, reason="the same file")
IMPORTED: Final = Route(boost=0.4, reason="imported here")
COUNTERPART: Final = Route(boost=0.4, reason="the test beside the module or the module of the test")
RECENT: Final = Route(boost=0.3, reason="edited or viewed lately")
DEFINES: Final = Route(boost=0.2, reason="defines a name near the cursor")
BESIDE: Final = Route(boost=0.4, reason="the same folder")
HOLDS: Final = Route(boost=0.0, reason="")
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
        self._numbers: dict[int, str] = {}
        self._held: dict[str, tuple[int, ...]] = {}
        """Files by the words that they hold, and names' files, as far as somebody asked."""
        self._defining: dict[str, tuple[str, ...]] = {}
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
            masked += self._look_into(routes, views, around)
        chunks = rank_chunks(views, routes, query, wanted)
        wanted = replace(wanted, followed=named_in(chunks, wanted.words))
        if not own_file_only:
            further = self._defining_files(wanted.followed, routes)
            routes |= further
            masked += self._look_into(further, views, around)
        items = choose(
            rank_signatures(views, routes, query, wanted), chunks, budget, count, known=known
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

        def add(paths: Collection[str], route: Route, most: int = MOST_FILES) -> None:
            for path in paths:
                if path != query.path and len(found) < most:
                    found.setdefault(path, route)

        for each in imported:
            add(self._names.resolve(each.module, each.name, query.path), IMPORTED, _MOST_IMPORTED)
        add(self._names.counterparts(query.path), COUNTERPART)
        add(around.recent[:_MOST_RECENT], RECENT)
        words = sorted(wanted.words, key=wanted.words.__getitem__, reverse=True)[:_FOLLOWED_WORDS]
        for name in (*words, *wanted.imported):
            add(self._definers(name), DEFINES, _MOST_NAMED)
        beside = frozenset(self._names.beside(query.path))
        holding = self._holding(words, wanted)
        add([path for path in holding if path in beside], BESIDE)
        add(holding, HOLDS)
        # Files that no index knows yet are found by where they lie.
        few = len(found) + _FEW_BESIDE if self._numbers else MOST_FILES
        add(sorted(beside), BESIDE, few)
        add(self._nearest(query.path), NEAR)
        return found

    def _look_into(
        self, routes: Collection[str], views: list[FileView], around: Surroundings
    ) -> int:
        """Add what may be read of some files; return how many values were replaced in them."""
        own = views[0].path
        lines = masked = 0
        for path in routes:
            kept = None if path == own else self._view(path, around)
            if kept is not None:
                views.append(kept.view)
                masked += kept.masked
                lines += len(kept.view.lines)
            if lines > _MOST_LINES:
                break
        return masked

    def _defining_files(self, names: Collection[str], known: Collection[str]) -> dict[str, Route]:
        """Return the files that define some names and are not looked into yet."""
        paths = [path for name in names for path in self._definers(name) if path not in known]
        return dict.fromkeys(list(dict.fromkeys(paths))[:_MOST_FURTHER], HOLDS)

    def _definers(self, name: str) -> tuple[str, ...]:
        """Return the files that define a name; none where too many do."""
        known = self._defining.get(name)
        if known is None:
            symbols = self._index.store.symbols_named(name, _MOST_DEFINITIONS + 1)
            few = len(symbols) <= _MOST_DEFINITIONS
            known = self._defining[name] = tuple(it.path for it in symbols) if few else ()
        return known

    def _holding(self, words: Sequence[str], wanted: Wanted) -> list[str]:
        """Return the files that hold most of some words, rare ones first."""
        most = max(_LEAST_HOLDERS, len(self._numbers) // _HOLDERS_SHARE)
        scores: dict[int, float] = {}
        for word in words:
            files = self._held.get(word)
            if files is None:
                files = self._held[word] = tuple(self._index.store.holders(word, most + 1))
            if 0 < len(files) <= most:
                value = wanted.words[word] * log(1 + len(self._numbers) / len(files))
                for file in files:
                    scores[file] = scores.get(file, 0.0) + value
        best = sorted(scores, key=lambda file: (-scores[file], file))[:MOST_FILES]
        return [self._numbers[file] for file in best if file in self._numbers]

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
            self._numbers = self._index.store.paths()
            self._held.clear()
            self._defining.clear()
            paths = sorted(self._numbers.values())
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
        symbols = _masked([it for it in self._symbols(path, text, stamp) if it.signature])
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


def _masked(symbols: list[IndexedSymbol]) -> list[IndexedSymbol]:
    """Return symbols with the secrets in their texts masked: a default value may be one."""
    said = "\n".join([text for it in symbols for text in (it.signature, it.doc)])
    if not mask_secrets(said)[1]:
        return symbols
    return [
        it._replace(signature=mask_secrets(it.signature)[0], doc=mask_secrets(it.doc)[0])
        for it in symbols
    ]


def _symbol(path: str, it: Listed) -> IndexedSymbol:
    first, last = it.first_line + 1, it.last_line + 1
    return IndexedSymbol(
        path, it.name, it.container, it.kind.value, first, last, it.signature, it.doc
    )


def _breathe() -> None:
    """Let go of the interpreter's lock: an event loop runs beside this thread."""
    time.sleep(0)
