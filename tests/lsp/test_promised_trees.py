"""A tree promised to a request is of the text that the request was about, whatever comes later."""

from __future__ import annotations

import asyncio

from fimble.syntax.promise import TreePromise
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from fimble_lsp.parsing import BackgroundParsing, DocumentParser

TEXT = "def f():\n    return 1\n"


def opened() -> tuple[Snapshot, DocumentParser]:
    """Open a document."""
    snapshot = Snapshot.from_text(TEXT, uri="file:///a.py", version=1, language_id="python")
    return snapshot, DocumentParser(snapshot)


def typed(snapshot: Snapshot, parser: DocumentParser) -> Snapshot:
    """Type one key at the end of the second line."""
    end = Position(1, 12)
    after, edit = snapshot.replace(Range(end, end), "0", version=snapshot.version + 1)
    parser.follow(after, [edit])
    return after


def test_a_promise_is_kept_before_the_text_goes_on() -> None:
    """The request's stream outlives its text and still wants the tree."""
    before, parser = opened()
    promise = parser.promise(Position(1, 4))
    after = typed(before, parser)

    tree = promise.tree
    assert tree is not None
    assert tree.snapshot is before
    later = parser.tree_for(Position(1, 4))
    assert later is not None
    assert later.snapshot is after


def test_a_promise_that_nobody_holds_costs_no_parse() -> None:
    """A request that was answered without a tree leaves nothing to do for the next key."""
    before, parser = opened()
    parser.promise(Position(1, 4))
    typed(before, parser)

    assert parser._parser is None  # type: ignore[attr-defined]


async def test_a_promise_is_kept_soon_where_somebody_waits_for_the_model() -> None:
    """The tree is there when the answer comes, without anybody asking."""
    made = asyncio.Event()
    promise = TreePromise(made.set)
    BackgroundParsing().keep_soon(promise)

    await made.wait()
    assert promise.tree is None
