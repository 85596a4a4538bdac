"""What an edit replaces, for selections and cursors of all sorts."""

from __future__ import annotations

import pytest

from fimble.editing.place import edit_range
from fimble.syntax.one_shot import parse
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

TEXT = """\
import os
import re

class A:
    def f(self):
        return 1

    x = 2
    y = 3
"""


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        ((4, 8), (4, 8), "    def f(self):\n        return 1"),
        ((5, 0), (5, 0), "    def f(self):\n        return 1"),
        ((4, 0), (4, 0), "    def f(self):\n        return 1"),
        ((0, 3), (0, 3), "import os\nimport re"),
        ((5, 8), (5, 14), "return"),
        ((5, 15), (5, 16), "    def f(self):\n        return 1"),
        ((5, 8), (5, 16), "        return 1"),
        ((4, 4), (6, 0), "    def f(self):\n        return 1"),
        ((4, 8), (5, 10), "    def f(self):\n        return 1"),
        ((6, 0), (9, 0), "    x = 2\n    y = 3"),
        ((9, 9), (4, 4), "    def f(self):\n        return 1\n\n    x = 2\n    y = 3"),
        ((99, 9), (99, 9), "    x = 2\n    y = 3"),
    ],
)
def test_selections_become_what_models_give_back(
    start: tuple[int, int], end: tuple[int, int], text: str
) -> None:
    snapshot = Snapshot.from_text(TEXT, uri="a.py", language_id="python")
    span = edit_range(snapshot, Range(Position(*start), Position(*end)), parse(snapshot))

    assert snapshot.slice(span) == text


def test_a_reported_place_stands_for_its_surroundings() -> None:
    snapshot = Snapshot.from_text(TEXT, uri="a.py", language_id="python")
    place = Range(Position(5, 15), Position(5, 16))
    span = edit_range(snapshot, place, parse(snapshot), widen=True)

    assert snapshot.slice(span) == "    def f(self):\n        return 1"


def test_a_word_is_a_selection_only_where_words_are_edited() -> None:
    snapshot = Snapshot.from_text(TEXT, uri="a.py", language_id="python")
    word = Range(Position(5, 8), Position(5, 14))
    expression = Range(Position(5, 8), Position(5, 15))
    tree = parse(snapshot)

    assert snapshot.slice(edit_range(snapshot, word, tree)) == "return"
    assert snapshot.slice(edit_range(snapshot, word, tree, words=False)).startswith("    def f")
    assert snapshot.slice(edit_range(snapshot, expression, tree, words=False)) == "return "


def test_without_a_grammar_a_cursor_stands_for_its_paragraph() -> None:
    snapshot = Snapshot.from_text("a\nb\n\nc\n")
    span = edit_range(snapshot, Range(Position(1, 0), Position(1, 0)), None)

    assert snapshot.slice(span) == "a\nb"
