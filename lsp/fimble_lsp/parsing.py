"""Syntax trees of open documents, made in short slices on the event loop.

Parsing holds the interpreter lock, so a thread would stall the loop for a whole parse; a slice
stalls it for two milliseconds. A request gets the promise of a tree: after most keys the model can
be asked without it, and it is made once the request has gone out. Where the tree is asked for, the
request tries to finish the parse itself: after one key that takes about a millisecond. Where it
takes longer (a file just opened, an opening quote in a long one) or the document is too large to
be parsed as a whole, the request parses the lines around the cursor, and the whole is parsed in
the background, once nobody types.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final
from weakref import WeakSet, ref

from fimble.text.edit import ByteEdit
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

if TYPE_CHECKING:
    from fimble.syntax.incremental import IncrementalParser
    from fimble.syntax.language import Language
    from fimble.syntax.promise import TreePromise
    from fimble.syntax.tree import SyntaxTree

SLICE_US: Final = 2000
"""How long one slice may hold the loop, in microseconds."""

_REQUEST_SLICES: Final = 2
"""Slices that a request spends on the whole before it turns to the lines around the cursor."""

_WINDOW_LINES: Final = 300
_WINDOW_DEADLINE_MS: Final = 10.0
"""How long a request may take for the lines around the cursor; 1 to 3 ms is usual."""

_QUIET_S: Final = 0.03
"""Pause after a key before the background begins: the next makes a half-done parse worthless."""

_KEEP_AFTER_S: Final = 0.008
"""When a promised tree that nobody asked for is made: the model's request has gone out by then,
and its answer has hardly begun."""

_PAUSE_S: Final = 0.002
"""Free time after each slice in the background: half of the loop belongs to messages, which take
several turns of the loop each."""


class DocumentParser:
    """Keeps the tree of one document up to date; costs nothing until the first slice."""

    __slots__ = (
        "_begun",
        "_from_whole",
        "_language",
        "_parser",
        "_promises",
        "_slices",
        "_slow",
        "_snapshot",
        "_told",
    )

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._promises: WeakSet[TreePromise] = WeakSet()
        """Of trees of the present text; some of them may have been kept."""
        self._begun = False
        self._language: Language | None = None
        self._parser: IncrementalParser | None = None
        """None also where there is no grammar for the language."""
        self._told = False
        """Whether the parser has been given the present text."""
        self._slices = 0
        """Slices spent on the present text."""
        self._slow = False
        """Whether the last whole parse took more than a request can wait for."""
        self._from_whole = False
        """Whether the edits since are all that a parse of the present text has to look at."""

    def follow(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Take the next text and the edits that led to it; None stands for a whole new text."""
        for promise in tuple(self._promises):
            promise.keep()
        self._promises.clear()
        self._snapshot = snapshot
        if self._parser is not None:
            if self._told:
                self._from_whole = not self._parser.pending
            for edit in edits:
                self._parser.edit(edit)
        self._told = False

    def advance(self) -> bool:
        """Work for one slice at most; True when nothing is left to do."""
        parser = self._begin()
        if parser is None:
            return True
        if not self._told:
            parser.set_text(self._snapshot)
            self._told = True
            self._slices = 0
        if parser.pending:
            parser.parse_slice(SLICE_US)
            self._slices += 1
            self._slow = self._slices > _REQUEST_SLICES
        return not parser.pending

    def promise(self, cursor: Position) -> TreePromise:
        """Promise what `tree_for` returns, for the present text whatever comes after it."""
        from fimble.syntax.promise import TreePromise  # noqa: PLC0415 - after start-up

        promise = TreePromise(partial(self.tree_for, cursor))
        self._promises.add(promise)
        return promise

    def tree_for(self, cursor: Position) -> SyntaxTree | None:
        """Return a tree of the present text that covers `cursor`, within a request's budget.

        It covers the lines around the cursor only where the whole is not to be had in time.
        """
        from fimble.syntax.one_shot import parse_window  # noqa: PLC0415 - after start-up
        from fimble.syntax.size import LARGE_BYTES  # noqa: PLC0415

        large = self._snapshot.byte_offset(self._snapshot.end) >= LARGE_BYTES
        parser = None if large else self._begin()
        if parser is not None and self._finish_for_request(parser) and not parser.too_large:
            return parser.latest
        if self._language is None and not large:
            return None
        return parse_window(
            self._snapshot,
            cursor,
            lines=_WINDOW_LINES,
            language=self._language,
            deadline_ms=_WINDOW_DEADLINE_MS,
        )

    def _finish_for_request(self, parser: IncrementalParser) -> bool:
        """Finish the whole if it can be done in time."""
        if self._slow and not self._from_whole:
            return self._told and not parser.pending
        # Opening a long file is slow and the first key after it is not; one slice finds out.
        return any(self.advance() for _ in range(1 if self._slow else _REQUEST_SLICES))

    def _begin(self) -> IncrementalParser | None:
        """Make a parser for the language; None where there is no grammar."""
        if not self._begun:
            from fimble.syntax.incremental import IncrementalParser  # noqa: PLC0415 - late
            from fimble.syntax.languages import language_for  # noqa: PLC0415

            self._begun = True
            self._language = language_for(self._snapshot.language_id, self._snapshot.uri)
            if self._language is not None:
                self._parser = IncrementalParser(self._language)
        return self._parser


class BackgroundParsing:
    """Finishes parses while nobody types, the document touched last first."""

    def __init__(self) -> None:
        self._waiting: dict[DocumentParser, None] = {}
        self._woken = asyncio.Event()
        self._touched_at = 0.0
        """Time of the loop."""

    def wake(self, parser: DocumentParser) -> None:
        """Note that a document has a text without a tree."""
        self._waiting.pop(parser, None)
        self._waiting[parser] = None
        self._touched_at = asyncio.get_running_loop().time()
        self._woken.set()

    def keep_soon(self, promise: TreePromise) -> None:
        """Make a promised tree unless nobody holds the promise any more by then."""
        held = ref(promise)

        def keep_it() -> None:
            if (promise := held()) is not None:
                promise.keep()

        asyncio.get_running_loop().call_later(_KEEP_AFTER_S, keep_it)

    def forget(self, parser: DocumentParser) -> None:
        """Drop a document that has been closed."""
        self._waiting.pop(parser, None)

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._woken.wait()
            await asyncio.sleep(max(_PAUSE_S, self._touched_at + _QUIET_S - loop.time()))
            if loop.time() < self._touched_at + _QUIET_S:
                continue
            parser = next(reversed(self._waiting), None)
            if parser is None:
                self._woken.clear()
            elif parser.advance():
                self._waiting.pop(parser, None)
