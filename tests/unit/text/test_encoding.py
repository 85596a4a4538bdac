"""Columns convert between code points and each encoding, and clamp; the client's order wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.text.encoding import PositionEncoding, from_code_points, negotiate, to_code_points
from support.naive_text import awkward_text, naive_column, naive_width

encodings = st.sampled_from(PositionEncoding)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-7"], "utf-16"),
        (["utf-16"], "utf-16"),
        (["utf-32", "utf-8"], "utf-32"),
        (["utf-7", "utf-8", "utf-16"], "utf-8"),
        (["UTF-8", "utf-16"], "utf-16"),
    ],
)
def test_f15_the_first_encoding_of_the_client_that_we_speak_is_chosen(offered, chosen):
    assert chosen == negotiate(offered)


@pytest.mark.parametrize(
    ("encoding", "columns"),
    [
        ("utf-8", [0, 1, 1, 2, 2, 2, 2, 3, 4, 4, 4]),
        ("utf-16", [0, 1, 2, 2, 3, 4, 4]),
        ("utf-32", [0, 1, 2, 3, 4, 4]),
    ],
)
def test_f15_columns_inside_a_character_round_down_and_past_the_end_clamp(encoding, columns):
    """The line holds characters of one to four bytes, one of them a surrogate pair."""
    line = "aé😀b"

    converted = [
        to_code_points(line, units, PositionEncoding(encoding)) for units in range(len(columns))
    ]

    assert columns == converted


@given(awkward_text(max_pieces=40), st.integers(-2, 160), encodings)
def test_f15_to_code_points_agrees_with_the_reference(line, units, encoding):
    assert naive_column(line, units, encoding) == to_code_points(line, units, encoding)


@given(awkward_text(max_pieces=40), st.integers(-2, 80), encodings)
def test_f15_from_code_points_agrees_with_the_reference(line, code_points, encoding):
    passed = line[: max(0, code_points)]

    assert sum(naive_width(character, encoding) for character in passed) == from_code_points(
        line, code_points, encoding
    )


@given(st.text(), st.data(), encodings)
def test_there_and_back_is_the_same_column(line, data, encoding):
    column = data.draw(st.integers(0, len(line)))

    assert column == to_code_points(line, from_code_points(line, column, encoding), encoding)
