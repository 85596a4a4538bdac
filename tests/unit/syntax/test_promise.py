"""A promised tree is made once, when it is wanted, and never for a question about the text."""

from __future__ import annotations

import pytest

from fimble.completion.planning import Plan, TokenLimits, Trigger, plan_request
from fimble.completion.surroundings import Extent, look_around
from fimble.syntax.promise import TreePromise
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from support.parsed_source import parsed

LIMITS = TokenLimits(line=10, block=20)


class Maker:
    """Makes the tree of one text and counts how often."""

    def __init__(self, text: str) -> None:
        self.snapshot = Snapshot.from_text(text, uri="file:///a.py", language_id="python")
        self.made = 0

    def __call__(self) -> SyntaxTree | None:
        """Make the tree."""
        self.made += 1
        return parsed("python", self.snapshot)


def test_a_tree_is_made_once() -> None:
    """However often it is asked for, and although keeping the promise asks too."""
    maker = Maker("x = 1\n")
    promise = TreePromise(maker)

    assert maker.made == 0
    tree = promise.tree
    promise.keep()
    assert tree is not None
    assert promise.tree is tree
    assert maker.made == 1


def test_no_tree_is_an_answer() -> None:
    """A language without grammar is not asked again."""
    asked: list[int] = []
    promise = TreePromise(lambda: asked.append(1))

    assert promise.tree is None
    assert promise.tree is None
    assert asked == [1]


@pytest.mark.parametrize(
    ("line", "made", "extent"),
    [
        ("    total = self.va", 0, Extent.LINE),
        ("    return (", 0, Extent.LINE),
        ("    if total:", 1, Extent.BLOCK),
        ("    # if total:", 0, Extent.LINE),
        ("    text = 'if total:", 0, Extent.LINE),
        ("    ", 1, Extent.BLOCK),
    ],
)
def test_only_a_header_and_a_blank_line_need_a_tree(line: str, made: int, extent: Extent) -> None:
    """What a key asks for is decided by the text wherever the text can decide it."""
    maker = Maker(f"def f(self, total):\n{line}\n")
    around = look_around(maker.snapshot, Position(1, len(line)), TreePromise(maker))

    plan = plan_request(around, Trigger.AUTOMATIC, LIMITS)

    assert isinstance(plan, Plan)
    assert plan.extent is extent
    assert maker.made == made


def test_a_promised_tree_of_another_text_is_no_help() -> None:
    """As little as one that is there already."""
    maker = Maker("def f():\n    \n")
    other = maker.snapshot.at_version(7)

    assert look_around(other, Position(1, 4), TreePromise(maker)).tree is None
