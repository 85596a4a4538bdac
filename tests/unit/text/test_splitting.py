"""Lines end where the protocol says, and joining them loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given

from fimble.text.splitting import split_lines, without_ending
from support.naive_text import awkward_text, naive_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc\nd", ["a\r\n", "b\r", "c\n", "d"]),
        ("\n\r", ["\n", "\r", ""]),
        ("\r\r\n", ["\r", "\r\n", ""]),
        ("a\fb\vc\x1cd\x85e\u2028f\u2029g", ["a\fb\vc\x1cd\x85e\u2028f\u2029g"]),
        ("\ufeffa\0\n\ud800", ["\ufeffa\0\n", "\ud800"]),
    ],
)
def test_f15_lines_end_at_lf_cr_and_crlf_only(text, lines):
    assert lines == split_lines(text)


@given(awkward_text(max_pieces=30))
def test_f15_splitting_agrees_with_the_reference(text):
    assert [content + ending for content, ending in naive_lines(text)] == split_lines(text)


@given(awkward_text())
def test_only_the_ending_is_taken_off(text):
    expected = [content for content, _ in naive_lines(text)]

    assert expected == [without_ending(line) for line in split_lines(text)]
