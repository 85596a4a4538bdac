"""What a document says about a place in it."""

import pytest

from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.syntax.one_shot import parse
from fimble.text.position import Position, Range
from support.marked import marked

SOURCE = '''\
import os
from shop import (
    Item,
    Cart,
)


class Till:
    """D."""

    def open(self):
        def inner():
            return <|cursor|>1

        return inner

    limit = 3
'''


def values(source: str, *, path: str = "a.py", selection: Range | None = None) -> dict[str, str]:
    snapshot, cursor = marked(source, uri=f"file:///w/{path}", language_id="")
    place = PlaceInDocument(snapshot=snapshot, cursor=cursor, path=path, selection=selection)
    return place_values(place, parse(snapshot, deadline_ms=10_000))


def test_without_a_selection_it_is_the_function_at_the_cursor_with_its_indentation():
    found = values(SOURCE)

    assert found["selection"] == "        def inner():\n            return 1"
    assert found["symbol"] == found["selection"]
    assert found["before"].endswith("def open(self):")
    assert found["after"].startswith("        return inner")


def test_in_a_class_but_in_no_function_it_is_the_class():
    found = values("class A:\n    x = <|cursor|>1\n    y = 2\n\nz = 3\n")

    assert found["selection"] == "class A:\n    x = 1\n    y = 2"
    assert found["after"] == "z = 3"


@pytest.mark.parametrize("path", ["a.py", "notes.txt"])
def test_outside_of_any_definition_it_is_the_line(path):
    found = values("a = 1\nb = <|cursor|>2\nc = 3\n", path=path)

    assert (found["before"], found["selection"], found["after"]) == ("a = 1", "b = 2", "c = 3")
    assert "symbol" not in found


def test_a_selection_wins_and_a_line_that_it_only_touches_is_not_in_it():
    span = Range(Position(1, 0), Position(2, 0))

    found = values("a = 1\nb = 2\n<|cursor|>c = 3\n", selection=span)

    assert (found["before"], found["selection"], found["after"]) == ("a = 1", "b = 2", "c = 3")


def test_imports_are_whole_statements_and_each_stands_once():
    assert values(SOURCE)["imports"] == "import os\nfrom shop import (\n    Item,\n    Cart,\n)"


def test_the_outline_shows_what_holds_what():
    assert values(SOURCE)["outline"] == "class Till\n    def open(self)\n    limit = 3"


def test_plain_text_has_no_language_and_nothing_that_syntax_tells():
    found = values("hello <|cursor|>world\n", path="notes.txt")

    assert found["language"] == ""
    assert not found.keys() & {"imports", "outline", "symbol"}
    assert (found["prefix"], found["suffix"]) == ("hello ", "world\n")
