"""Accepting is read off the text, whole or in part; typing is not accepting."""

from __future__ import annotations

import pytest

from fimble.completion.acceptance import ShownSuggestion, accepted_by, countable, kept_characters
from fimble.text.position import Position, Range
from support.marked import CURSOR, marked


@pytest.mark.parametrize(
    ("inserted", "accepted", "whole"),
    [
        pytest.param("compute(total)", "compute(total)", True, id="all of it"),
        pytest.param("compute", "compute", False, id="a word"),
        pytest.param("c", None, None, id="a typed character"),
        pytest.param("cost", None, None, id="something else pasted"),
    ],
)
def test_an_edit_accepts_what_it_takes_over(
    inserted: str, accepted: str | None, whole: bool | None
) -> None:
    snapshot, cursor = marked(f"value = {CURSOR}\n")
    shown = ShownSuggestion(uri=snapshot.uri, at=cursor, text="compute(total)", engine="ollama")
    after, edit = snapshot.replace(Range(cursor, cursor), inserted, version=2)
    found = accepted_by(shown, after, edit)

    assert (None if found is None else found.text) == accepted
    assert (None if found is None else found.whole) == whole


def test_an_editor_that_replaces_the_typed_beginning_too_accepts_as_well() -> None:
    snapshot, cursor = marked(f"value = com{CURSOR}\n")
    shown = ShownSuggestion(uri=snapshot.uri, at=cursor, text="pute(total)", engine="ollama")
    after, edit = snapshot.replace(Range(Position(0, 8), cursor), "compute(total)", version=2)

    found = accepted_by(shown, after, edit)
    assert found is not None
    assert found.text == "pute(total)"


def test_kept_characters_are_those_that_still_stand_near_the_place() -> None:
    snapshot, cursor = marked(f"def f():\n    {CURSOR}\n")
    shown = ShownSuggestion(
        uri=snapshot.uri, at=cursor, text="one = 1\n    two = 2", engine="ollama"
    )
    after, edit = snapshot.replace(Range(cursor, cursor), shown.text, version=2)
    accepted = accepted_by(shown, after, edit)
    assert accepted is not None
    assert kept_characters(accepted, after) == countable(shown.text) == 14

    rewritten, _ = after.replace(Range(Position(2, 4), Position(2, 7)), "three", version=3)
    assert kept_characters(accepted, rewritten) == 7
