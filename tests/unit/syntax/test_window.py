"""Large documents: what is too large, and a window whose answers are places in the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.syntax.blocks import expects_block
from fimble.syntax.cursor import Region, cursor_region
from fimble.syntax.languages import language_named
from fimble.syntax.one_shot import parse, parse_window
from fimble.syntax.outline import outline
from fimble.syntax.scopes import enclosing_scopes
from fimble.syntax.size import LARGE_BYTES, LONG_LINE_BYTES, is_too_large
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.window import excerpt_around
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

PYTHON = language_named("python")
CLASS = "class A_{n}:\n    é = '🙂'\n\n    def f(self):\n        return 1\n\n"
LINES = CLASS.count("\n")
DOCUMENT = Snapshot.from_text("".join(CLASS.format(n=n) for n in range(20_000)))


def window(around: Position, *, lines: int = 600, snapshot: Snapshot = DOCUMENT) -> SyntaxTree:
    tree = parse_window(snapshot, around, lines=lines, language=PYTHON, deadline_ms=20_000)
    assert tree is not None
    return tree


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"", False),
        (b"x = 1\n" * 100_000, False),
        (b"x = 1\n" * 200_000, True),
        (b"\n" * (LARGE_BYTES - 1), False),
        (b"\n" * LARGE_BYTES, True),
        (b"x" * (LONG_LINE_BYTES - 1), False),
        (b"x" * LONG_LINE_BYTES, True),
        (b"a\n" + b"x" * (LONG_LINE_BYTES - 1) + b"\nb", False),
        (b"a\n" * 50_000 + b"x" * LONG_LINE_BYTES + b"\nb", True),
        (b"a\n" * 50_000 + b"x" * LONG_LINE_BYTES, True),
    ],
)
def test_what_is_too_large(source: bytes, *, expected: bool):
    assert is_too_large(source) is expected


@given(st.lists(st.integers(0, 45_000), max_size=6))
def test_a_long_line_is_found_wherever_it_is(lengths: list[int]):
    source = b"\n".join(b"x" * length for length in lengths)

    assert is_too_large(source) is any(length >= LONG_LINE_BYTES for length in lengths)


def test_a_large_document_is_not_parsed_as_a_whole():
    assert parse(DOCUMENT, language=PYTHON) is None


def test_without_a_grammar_there_is_no_tree():
    plain = Snapshot.from_text("x", language_id="plaintext", uri="file:///a.txt")

    assert parse(plain) is None
    assert parse_window(plain, Position(0, 0)) is None


def test_a_deadline_that_passes_gives_no_tree():
    long = Snapshot.from_text(DOCUMENT.slice(Range(Position(0, 0), Position(30_000, 0))))

    assert parse(long, language=PYTHON, deadline_ms=0.1) is None
    assert parse_window(DOCUMENT, Position(999, 0), language=PYTHON, deadline_ms=0.001) is None


@pytest.mark.parametrize("number", [0, 1, 777, 19_999])
def test_answers_are_places_in_the_whole_document(number: int):
    line = number * LINES
    tree = window(Position(line + 4, 12))

    (scope, inner) = enclosing_scopes(tree, Position(line + 4, 12))
    symbols = {symbol.name: symbol for symbol in outline(tree)}

    assert scope.name == f"A_{number}"
    assert scope.range == Range(Position(line, 0), Position(line + 4, 16))
    assert inner.range == Range(Position(line + 3, 4), Position(line + 4, 16))
    assert symbols[f"A_{number}"].range == scope.range
    assert cursor_region(tree, Position(line + 1, 10)) is Region.STRING
    assert cursor_region(tree, Position(line + 1, 11)) is Region.CODE
    assert expects_block(tree, Position(line + 3, 16))
    assert tree.error_count() == 0
    assert tree.snapshot is DOCUMENT


def test_a_window_is_as_large_as_asked_for():
    tree = window(Position(60_000, 0), lines=600)
    start, end = tree.covered

    assert 300 - LINES <= 60_000 - start.line <= 300
    assert 300 <= end.line - 60_000 <= 301
    assert DOCUMENT.line(start.line).startswith("class A_")


def test_places_outside_the_window_are_clamped_to_it():
    tree = window(Position(60_000, 0))
    start, end = tree.covered

    assert tree.byte_at(Position(0, 0)) == 0
    assert tree.byte_at(Position(1_000_000, 0)) == len(tree.source)
    assert tree.position_at(0) == start
    assert tree.position_at(len(tree.source)) == end
    assert enclosing_scopes(tree, Position(0, 0)) == ()


def test_a_minified_line_is_cut_around_the_cursor():
    text = "x = [" + "'é', " * 200_000 + "]\ny = 1\n"
    snapshot = Snapshot.from_text(text)
    tree = window(Position(0, 400_002), snapshot=snapshot)
    start, end = tree.covered

    assert start == Position(0, 368_005)
    assert end == Position(0, 432_002)
    assert cursor_region(tree, Position(0, 400_007)) is Region.STRING
    assert tree.position_at(tree.byte_at(Position(0, 400_007))) == Position(0, 400_007)


def test_at_the_start_and_at_the_end_of_a_minified_line():
    snapshot = Snapshot.from_text("a = 1\n" + "f();" * 50_000 + "\nb = 1\n")

    at_start = window(Position(1, 0), snapshot=snapshot)
    behind = window(Position(2, 0), snapshot=snapshot)

    assert at_start.covered == Range(Position(0, 0), Position(1, 32_000))
    assert behind.covered == Range(Position(2, 0), Position(3, 0))


PIECES = ["", "x", "  é🙂", "class A:", "\r", "\x0c", "y" * 40]


@given(
    lines=st.lists(st.sampled_from(PIECES), max_size=30),
    line=st.integers(0, 40),
    character=st.integers(0, 60),
    count=st.integers(1, 40),
)
def test_an_excerpt_is_a_part_of_the_document(
    lines: list[str], line: int, character: int, count: int
):
    snapshot = Snapshot.from_text("\n".join(lines))
    place = snapshot.clamp(Position(line, character))
    excerpt, start = excerpt_around(snapshot, place, lines=count)

    end = Position(start.line + excerpt.end.line, excerpt.end.character)
    assert start <= place <= end
    assert excerpt.text == snapshot.slice(Range(start, end))
    assert excerpt.line_count <= count + 1
