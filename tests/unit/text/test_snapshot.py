"""A snapshot counts lines, bytes and places as the reference does, and never changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.text.encoding import PositionEncoding
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from support.naive_text import (
    awkward_text,
    naive_index,
    naive_join,
    naive_lines,
    naive_position,
    naive_utf8,
)

positions = st.builds(Position, st.integers(0, 12), st.integers(0, 14))
UTF32 = PositionEncoding.UTF32


@given(awkward_text())
def test_f15_a_snapshot_holds_the_text_it_was_given(text):
    snapshot = Snapshot.from_text(text)
    lines = naive_lines(naive_join(text))

    assert naive_join(text) == snapshot.text
    assert naive_utf8(naive_join(text)) == snapshot.utf8
    assert len(lines) == snapshot.line_count
    assert [content for content, _ in lines] == [
        snapshot.line(index) for index in range(snapshot.line_count)
    ]
    assert [content + ending for content, ending in lines] == list(snapshot.lines)
    assert Position(len(lines) - 1, len(lines[-1][0])) == snapshot.end


@given(awkward_text(), positions)
def test_f15_places_clamp_and_count_bytes_as_the_reference(text, position):
    snapshot = Snapshot.from_text(text)
    inside = naive_position(snapshot.text, position, UTF32)
    index = naive_index(snapshot.text, position, UTF32)

    assert inside == snapshot.clamp(position)
    assert len(naive_utf8(snapshot.text[:index])) == snapshot.byte_offset(position)
    assert inside == snapshot.position_at_byte(snapshot.byte_offset(position))


@given(awkward_text())
def test_f15_every_byte_belongs_to_the_last_place_at_or_before_it(text):
    snapshot = Snapshot.from_text(text)
    places = [
        Position(line, character)
        for line, (content, _) in enumerate(naive_lines(snapshot.text))
        for character in range(len(content) + 1)
    ]
    for offset in range(-1, len(snapshot.utf8) + 2):
        before = [place for place in places if snapshot.byte_offset(place) <= max(0, offset)]

        assert before[-1] == snapshot.position_at_byte(offset)


@given(awkward_text(), positions, positions)
def test_a_slice_is_the_text_between_two_places(text, start, end):
    snapshot = Snapshot.from_text(text)
    first, last = (naive_index(snapshot.text, place, UTF32) for place in (start, end))

    assert snapshot.text[first:last] == snapshot.slice(Range(start, end))


def test_negative_places_mean_the_start():
    snapshot = Snapshot.from_text("ab\ncd")

    assert snapshot.clamp(Position(-1, 2)) == (0, 0)
    assert snapshot.clamp(Position(1, -2)) == (1, 0)


def test_a_line_outside_the_document_is_an_index_error():
    with pytest.raises(IndexError, match="Line 1 of a document with 1 lines"):
        Snapshot.from_text("ab").line(1)


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\r\nb\r\nc\n", "\r\n"),
        ("a\rb\rc\n", "\r"),
        ("a\r\nb\n", "\n"),
        ("a\r\nb\r", "\r\n"),
    ],
)
def test_the_line_ending_is_the_most_frequent_one(text, ending):
    assert ending == Snapshot.from_text(text).line_ending


def test_an_edit_leaves_the_old_snapshot_as_it_was():
    old = Snapshot.from_text("one\ntwo\n", uri="file:///a.py", version=1, language_id="python")
    new, _ = old.replace(Range(Position(0, 3), Position(1, 0)), " ", version=2)

    assert (old.text, old.utf8, old.version) == ("one\ntwo\n", b"one\ntwo\n", 1)
    assert (new.text, new.utf8, new.version) == ("one two\n", b"one two\n", 2)
    assert (new.uri, new.language_id) == ("file:///a.py", "python")


def test_a_new_version_without_changes_keeps_the_text():
    new = Snapshot.from_text("a\n", uri="u", version=1, language_id="c").at_version(7)

    assert (new.text, new.uri, new.language_id, new.version) == ("a\n", "u", "c", 7)


def test_t16_the_representation_shows_no_text():
    assert "secret" not in repr(Snapshot.from_text("secret"))


def test_f16_nul_and_lone_surrogates_survive():
    snapshot = Snapshot.from_text("a\0b\ud800")

    assert snapshot.text == "a\0b\ud800"
    assert snapshot.utf8 == b"a\0b\xed\xa0\x80"
