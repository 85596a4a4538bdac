"""F17: hostile nesting and length; nothing recurses, nothing holds an event loop for long.

Times are processor times of this thread with a margin of several times what was measured, so
that a busy machine fails no test but recursion or a quadratic walk does.
"""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimble.syntax.blocks import expects_block
from fimble.syntax.cursor import cursor_region
from fimble.syntax.imports import imports
from fimble.syntax.incremental import WORK_LIMIT_S, IncrementalParser
from fimble.syntax.languages import language_named, languages
from fimble.syntax.one_shot import parse_window
from fimble.syntax.outline import outline
from fimble.syntax.scopes import enclosing_scopes
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from support.parsed_source import parsed

NESTED = ("[" * 100 + "\n") * 2_000
CLOSED = NESTED + ("]" * 100 + "\n") * 2_000
SLOWEST_ANSWER_S = 0.4
SLOWEST_SLICE_S = 0.4


def timed(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def questions(tree: SyntaxTree, place: Position) -> list[Callable[[], object]]:
    return [
        lambda: cursor_region(tree, place),
        lambda: enclosing_scopes(tree, place),
        lambda: expects_block(tree, place),
        lambda: outline(tree),
        lambda: imports(tree),
        tree.error_count,
    ]


@pytest.mark.parametrize("text", [NESTED, CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize("name", ["python", "javascript", "json", "go", "toml"])
def test_f17_two_hundred_thousand_nested_brackets(name: str, text: str):
    row = language_named(name)
    assert row is not None
    parser = IncrementalParser(row)
    parser.set_text(Snapshot.from_text(text))
    slices: list[float] = []
    while parser.pending:
        slices.append(timed(parser.parse_slice))

    assert max(slices) < SLOWEST_SLICE_S
    assert sum(slices) < WORK_LIMIT_S + SLOWEST_SLICE_S
    tree = parser.latest
    if tree is None:
        assert parser.too_large
        return
    end = tree.snapshot.end
    for place in (Position(0, 50), Position(end.line // 2, 0), end):
        assert max(map(timed, questions(tree, place))) < SLOWEST_ANSWER_S


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in languages()])
def test_f17_a_line_of_a_megabyte_is_read_around_the_cursor(row):
    snapshot = Snapshot.from_text("x = [" + "'a', {b: 1}, " * 80_000 + "]\n")
    place = Position(0, 500_000)
    found: list[SyntaxTree | None] = []

    spent = timed(
        lambda: found.append(parse_window(snapshot, place, language=row, deadline_ms=300))
    )

    assert spent < SLOWEST_ANSWER_S * 2
    if found[0] is not None:
        assert max(map(timed, questions(found[0], place))) < SLOWEST_ANSWER_S


def test_f17_a_document_of_ten_megabytes_is_read_around_the_cursor():
    snapshot = Snapshot.from_text("def f(a):\n    return [a]\n\n" * 400_000)
    row = language_named("python")
    place = Position(600_001, 4)
    tree = parse_window(snapshot, place, language=row, deadline_ms=5_000)

    assert tree is not None
    assert [scope.name for scope in enclosing_scopes(tree, place)] == ["f"]
    assert timed(lambda: parse_window(snapshot, place, language=row)) < SLOWEST_ANSWER_S


def test_a_long_chain_of_operators_is_no_deep_recursion():
    tree = parsed("python", "x = " + " + \\\n    ".join(["a"] * 20_000) + "\n")

    for question in questions(tree, Position(19_999, 5)):
        question()


PIECES = ["def f(", "class A", "(", ")", "{", "}", "[", "]", ":", "\n", "\n  ", "\n    ", '"', "'"]
PIECES += [
    "#",
    "//",
    "/*",
    "*/",
    "import ",
    "from a ",
    "use a::{",
    "=",
    "=>",
    ",",
    ";",
    "end",
    "<a>",
]
PIECES += [
    "</a>",
    "é",
    "🙂",
    "\ud800",
    "\x00",
    "\r",
    "\t",
    "`",
    "${",
    "require('a')",
    "<?php ",
    "- ",
]


@settings(max_examples=150, deadline=None)
@given(
    row=st.sampled_from(languages()),
    text=st.one_of(st.text(max_size=120), st.lists(st.sampled_from(PIECES)).map("".join)),
    line=st.integers(-1, 12),
    character=st.integers(-1, 40),
)
def test_no_text_and_no_place_makes_an_answer_raise(row, text: str, line: int, character: int):
    tree = parsed(row.name, text)
    place = Position(line, character)

    for question in questions(tree, place):
        question()
    for scope in enclosing_scopes(tree, place):
        assert scope.range.start <= scope.range.end
    for symbol in outline(tree):
        assert symbol.name
        assert symbol.range.start <= symbol.range.end
