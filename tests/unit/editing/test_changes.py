"""The smallest changes: they make exactly the new text, touch nothing else, and are few."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fimble.editing.changes import TextChange, minimal_changes
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

LINES = st.lists(st.sampled_from(["a", "b", "  c", "", "é𝒳", "d d"]), max_size=12)
ENDS = st.sampled_from(["\n", "\r\n"])


def after(snapshot: Snapshot, changes: tuple[TextChange, ...]) -> str:
    """Apply changes as an editor does: all ranges count in the text before."""
    for change in reversed(changes):
        snapshot, _ = snapshot.replace(change.range, change.text, version=1)
    return snapshot.text


@given(LINES, LINES, ENDS, st.booleans(), st.booleans())
def test_a_whole_document_becomes_exactly_the_new_text(
    old: list[str], new: list[str], end: str, ended: bool, new_ended: bool
) -> None:
    snapshot = Snapshot.from_text(end.join(old) + (end if ended else ""))
    text = end.join(new) + (end if new_ended else "")
    changes = minimal_changes(snapshot, Range(Position(0, 0), snapshot.end), text)

    assert after(snapshot, changes) == text
    assert (changes == ()) is (snapshot.text == text)
    for first, second in itertools.pairwise(changes):
        assert first.range.end <= second.range.start


@given(LINES, LINES, LINES, LINES, ENDS)
def test_a_part_changes_and_nothing_around_it(
    above: list[str], old: list[str], new: list[str], below: list[str], end: str
) -> None:
    before = "".join(line + end for line in above)
    behind = "".join(end + line for line in below)
    part, text = end.join(old), end.join(new)
    snapshot = Snapshot.from_text(before + part + behind)
    start = Position(len(above), 0)
    last = Position(len(above) + max(len(old), 1) - 1, len(old[-1]) if old else 0)
    changes = minimal_changes(snapshot, Range(start, last), text)

    assert after(snapshot, changes) == before + text + behind


def test_two_places_are_two_changes_and_an_insertion_touches_no_line() -> None:
    snapshot = Snapshot.from_text("a\nb\nc\nd\ne\n")
    whole = Range(Position(0, 0), snapshot.end)

    assert minimal_changes(snapshot, whole, "A\nb\nc\nd\nE\n") == (
        TextChange(range=Range(Position(0, 0), Position(1, 0)), text="A\n"),
        TextChange(range=Range(Position(4, 0), Position(5, 0)), text="E\n"),
    )
    assert minimal_changes(snapshot, whole, "a\nb\nx\nc\nd\ne\n") == (
        TextChange(range=Range(Position(2, 0), Position(2, 0)), text="x\n"),
    )


def test_a_huge_document_with_one_changed_line_is_one_small_change() -> None:
    lines = [f"line {n}" for n in range(60_000)]
    snapshot = Snapshot.from_text("\n".join(lines))
    lines[30_000] = "other"
    whole = Range(Position(0, 0), snapshot.end)
    [change] = minimal_changes(snapshot, whole, "\n".join(lines))

    assert change.range == Range(Position(30_000, 0), Position(30_001, 0))
    assert change.text == "other\n"
