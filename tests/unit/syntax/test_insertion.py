"""The syntax errors that an insertion adds or mends."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fimble.syntax.insertion import Errors, InsertionCheck
from fimble.text.position import Position, Range
from support.marked import CURSOR
from support.parsed_source import parsed, parsed_at_cursor

NO_HURRY_US = 20_000_000
_NONE = Errors(total=0, inside=0, skipped_bytes=0)


def check(language: str, source: str) -> InsertionCheck:
    tree, place = parsed_at_cursor(language, source)
    return InsertionCheck(tree, place, budget_us=NO_HURRY_US)


def count(errors: Errors | None) -> int:
    assert errors is not None
    return errors.total


def test_what_mends_the_line_leaves_no_error():
    asked = check("python", f"y = 2\nx = {CURSOR}\n")

    assert count(asked.errors_without()) == 1
    assert count(asked.errors_without_line()) == 0
    assert asked.errors_with("1") == _NONE


def test_what_breaks_the_line_is_counted_where_it_is():
    found = check("javascript", f"x = 1{CURSOR};\n").errors_with(" two three")

    assert found is not None
    assert found.total >= 1
    assert found.inside >= 1


def test_replaced_characters_are_taken_out():
    asked = check("javascript", f"é(x{CURSOR});\n")

    assert asked.errors_with(");", replaced_characters=2) == _NONE
    missed = asked.errors_with(");")
    assert missed is not None
    assert missed.total > 0


def test_a_long_document_is_looked_at_around_the_place_and_no_further():
    lines = "def f():\n    return 1\n\n" * 5_000
    asked = check("python", f"x = (\n{lines}y = {CURSOR}\n{lines}")

    assert count(asked.errors_without()) == 1
    assert asked.errors_with("1") == _NONE


def test_when_time_runs_out_no_question_is_answered():
    tree, place = parsed_at_cursor("python", f"x = {CURSOR}\n")
    asked = InsertionCheck(tree, place, budget_us=1)

    assert asked.errors_with("f(" * 50_000) is None
    assert asked.errors_with("1") is None


@settings(max_examples=150, deadline=None)
@given(
    st.text("ab(){}[]'\"\n ;é", max_size=60), st.text("ab(){}[]'\"\n ;é", max_size=20), st.data()
)
def test_the_count_is_that_of_a_parse_from_scratch(document: str, text: str, data: st.DataObject):
    tree = parsed("javascript", document)
    snapshot = tree.snapshot
    line = data.draw(st.integers(0, snapshot.line_count - 1))
    place = Position(line, data.draw(st.integers(0, len(snapshot.line(line)))))
    found = InsertionCheck(tree, place, budget_us=NO_HURRY_US).errors_with(text)
    after, _ = snapshot.replace(Range(place, place), text, version=1)

    assert found is not None
    assert (found.total == 0) == (parsed("javascript", after).error_count() == 0)
