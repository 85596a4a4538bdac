"""Changes from an editor give the editor's text, and the edit that tree-sitter needs."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fimble.text.changes import (
    apply_change,
    position_in_client_units,
    position_in_code_points,
)
from fimble.text.chunk import MAX_LINES
from fimble.text.encoding import PositionEncoding
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from support.naive_text import (
    awkward_text,
    naive_change,
    naive_join,
    naive_point,
    naive_position,
    naive_utf8,
)

UTF16 = PositionEncoding.UTF16
encodings = st.sampled_from(PositionEncoding)
positions = st.builds(Position, st.integers(0, 9), st.integers(0, 14))
changes = st.tuples(st.builds(Range, positions, positions), awkward_text(max_pieces=4))


def check_step(before, span, new, encoding):
    """Apply one change to a snapshot and to the reference, and compare all there is."""
    expected = naive_change(before.text, span, new, encoding)
    after, edit = apply_change(before, span, new, encoding, before.version + 1)
    old, utf8 = naive_utf8(before.text), naive_utf8(expected)

    assert expected == after.text
    assert utf8 == after.utf8
    assert len(utf8) == after.byte_offset(after.end)
    assert list(Snapshot.from_text(expected).lines) == list(after.lines)
    assert Snapshot.from_text(expected).line_ending == after.line_ending
    assert before.version + 1 == after.version
    assert edit is not None
    assert old[: edit.start_byte] == utf8[: edit.start_byte]
    assert old[edit.old_end_byte :] == utf8[edit.new_end_byte :]
    assert naive_point(old, edit.start_byte) == edit.start_point
    assert naive_point(old, edit.old_end_byte) == edit.old_end_point
    assert naive_point(utf8, edit.new_end_byte) == edit.new_end_point
    return after


def at(line, character):
    return Range(Position(line, character), Position(line, character))


@given(awkward_text(), st.lists(changes, min_size=1, max_size=6), encodings)
@settings(max_examples=400)
@example(text="a\r", edits=[(at(1, 0), "\n")], encoding=UTF16)
@example(text="a\nb", edits=[(at(0, 1), "\r")], encoding=UTF16)
@example(text="a\rx\n", edits=[(Range(Position(1, 0), Position(1, 1)), "")], encoding=UTF16)
@example(text="\ud83dx\ude00", edits=[(Range(Position(0, 1), Position(0, 2)), "")], encoding=UTF16)
@example(text="\ud83d", edits=[(at(0, 1), "\ude00")], encoding=UTF16)
@example(text="\ude00", edits=[(at(0, 0), "\ud83d")], encoding=UTF16)
def test_f15_any_changes_give_the_text_of_the_reference(text, edits, encoding):
    snapshot = Snapshot.from_text(text)
    for span, new in edits:
        snapshot = check_step(snapshot, span, new, encoding)


@given(
    st.sampled_from(["ab\n", "ab\r", "é\r\n", "\r", "\n"]),
    st.lists(
        st.tuples(
            st.integers(-2, 2),
            st.integers(0, 3),
            st.sampled_from([0, 0, 1, 3, MAX_LINES]),
            st.one_of(awkward_text(max_pieces=3), st.just("new\n" * (MAX_LINES + 9))),
        ),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=25, deadline=None)
def test_f15_changes_across_the_borders_of_chunks_are_right(line, edits):
    """Edits fall within two lines of where the store has cut a document of several chunks."""
    snapshot = Snapshot.from_text(line * 2 * MAX_LINES)
    for shift, character, height, new in edits:
        border = snapshot._lines._line_starts[len(snapshot._lines._line_starts) // 2]
        start = Position(max(0, border + shift), character)
        span = Range(start, Position(start.line + height, character))
        snapshot = check_step(snapshot, span, new, UTF16)


@pytest.mark.parametrize(
    ("text", "span", "new", "expected"),
    [
        ("ab\r\ncd", at(0, 99), "X", "abX\r\ncd"),
        ("ab\ncd", at(1, 99), "X", "ab\ncdX"),
        ("ab\ncd", at(99, 0), "X", "ab\ncdX"),
        ("ab\n", at(1, 0), "X", "ab\nX"),
        ("", at(0, 0), "X", "X"),
        ("a😀b", at(0, 2), "X", "aX😀b"),
        ("abc", Range(Position(0, 2), Position(0, 1)), "X", "aXc"),
        ("a\fb\nc", at(1, 1), "X", "a\fb\ncX"),
        ("a\u2028b\nc", at(1, 1), "X", "a\u2028b\ncX"),
        ("a\x85b\nc", at(1, 1), "X", "a\x85b\ncX"),
        ("ab\r\ncd", Range(Position(0, 2), Position(1, 0)), "\r", "ab\rcd"),
        ("\ufeffab", at(0, 1), "X", "\ufeffXab"),
    ],
)
def test_f15_places_that_editors_send_and_servers_get_wrong(text, span, new, expected):
    after, _ = apply_change(Snapshot.from_text(text), span, new, UTF16, 1)

    assert expected == after.text


def test_a_pasted_cr_before_lf_makes_one_line_ending():
    before = Snapshot.from_text("a\nb")
    after, edit = apply_change(before, at(0, 1), "\r", UTF16, 1)

    assert list(after.lines) == ["a\r\n", "b"]
    assert edit is not None
    assert (edit.start_byte, edit.old_end_byte, edit.new_end_byte) == (1, 1, 2)


def test_an_lf_typed_behind_a_bare_cr_joins_it():
    after, edit = apply_change(Snapshot.from_text("a\rb"), at(1, 0), "\n", UTF16, 1)

    assert list(after.lines) == ["a\r\n", "b"]
    assert edit is not None
    assert (edit.start_byte, edit.old_end_byte, edit.new_end_byte) == (2, 2, 3)


def test_f16_a_character_that_arrives_in_halves_becomes_whole():
    first, _ = apply_change(Snapshot.from_text("ab"), at(0, 1), "\ud83d", UTF16, 1)
    second, edit = apply_change(first, at(0, 2), "\ude00", UTF16, 2)

    assert second.text == "a😀b"
    assert second.utf8 == "a😀b".encode()
    assert edit is not None
    assert (edit.start_byte, edit.old_end_byte, edit.new_end_byte) == (1, 4, 5)


@given(awkward_text(), awkward_text())
def test_a_change_without_a_range_is_the_whole_document(text, new):
    before = Snapshot.from_text(text, uri="file:///a.c", version=1, language_id="c")
    after, edit = apply_change(before, None, new, UTF16, 2)

    assert edit is None
    assert naive_join(new) == after.text
    assert (after.uri, after.language_id, after.version) == ("file:///a.c", "c", 2)


@given(awkward_text(), positions, encodings)
def test_f15_positions_convert_as_in_the_reference_and_back(text, position, encoding):
    snapshot = Snapshot.from_text(text)
    inside = position_in_code_points(snapshot, position, encoding)

    assert naive_position(snapshot.text, position, encoding) == inside
    assert inside == position_in_code_points(
        snapshot, position_in_client_units(snapshot, inside, encoding), encoding
    )


def test_a_negative_line_means_the_start():
    snapshot = Snapshot.from_text("ab")

    assert position_in_code_points(snapshot, Position(-1, 1), UTF16) == (0, 0)
