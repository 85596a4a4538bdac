"""Halves of a surrogate pair that meet become one character; a lone half stays."""

from __future__ import annotations

from hypothesis import given

from fimble.text.surrogates import is_high_half, is_low_half, join_halves
from support.naive_text import awkward_text, naive_join


def test_f16_halves_in_order_become_the_character():
    assert join_halves("a\ud83d\ude00b") == "a😀b"


def test_f16_halves_in_the_wrong_order_and_lone_halves_stay():
    assert join_halves("\ude00\ud83d") == "\ude00\ud83d"
    assert join_halves("\ud83d\n\ude00") == "\ud83d\n\ude00"


def test_f16_only_the_nearest_high_half_joins():
    assert join_halves("\ud83d\ud83d\ude00\ude00") == "\ud83d😀\ude00"


@given(awkward_text(max_pieces=30))
def test_f16_joining_agrees_with_the_reference(text):
    assert naive_join(text) == join_halves(text)


def test_nothing_is_no_half():
    assert not is_high_half("")
    assert not is_low_half("")
