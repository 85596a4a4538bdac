"""Patterns of a repository's tests: the same answers as `re`, in linear time."""

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.prompting.cases.linear_pattern import LinearPattern, PatternRefusedError

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\n", "(a|b)", "(?:ab|)", "^", "$"])
QUANTIFIERS = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"])
PARTS = st.tuples(ATOMS, QUANTIFIERS).map(lambda part: part[0] + part[1] * (part[0] not in "^$"))
PATTERNS = st.lists(PARTS, max_size=5).map("".join)


@given(st.lists(PATTERNS, min_size=1, max_size=3).map("|".join), st.text("ab\n", max_size=12))
def test_it_agrees_with_python(pattern, text):
    """`$` is the end of any line here, as `^` is its beginning."""
    wanted = re.search(pattern, text, re.MULTILINE) is not None

    assert LinearPattern(pattern).search(text) is wanted


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^\[\[user\]\]$", "a\n[[user]]\n"),
        (r"\d{3}-[a-f]+", "12 123-abc"),
        ("[]x]", "]"),
        (r"[\]]", "]"),
        ("[[]", "["),
        ("[a&&b]", "&"),
        ("", ""),
        ("a{0}b", "b"),
    ],
)
def test_what_is_written_often_matches(pattern, text):
    assert LinearPattern(pattern).search(text)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(?=a)", "Look-around"),
        ("(?i)a", "Look-around"),
        (r"\1", "is not supported"),
        (r"\bx", "is not supported"),
        ("\\", "is not supported"),
        ("[a", "is not closed"),
        ("(a", "is not closed"),
        ("a)", "too many"),
        ("*a", "nothing that the `*`"),
        ("[b-a]", "no class of characters"),
        ("a{3,2}", "out of order"),
        ("a{999}", "out of order or over"),
        ("((a{100}){100}){100}", "repeats too much"),
        ("(" * 30 + ")" * 30, "nested more than"),
        ("a" * 501, "longer than"),
    ],
)
def test_what_it_cannot_do_is_refused_with_a_sentence(pattern, sentence):
    with pytest.raises(PatternRefusedError, match=re.escape(sentence)):
        LinearPattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+$x", "(a|aa)+$", "(a|a)*b", "(a*)*b", "(.*a){20}.*x", "a?" * 60 + "a{60}x"]
)
def test_t17_patterns_that_hang_python_cost_no_more_than_their_text(pattern):
    """A hundred thousand letters; Python's `re` would not come back from forty letters of it."""
    compiled = LinearPattern(pattern)
    started = process_time()

    assert not compiled.search("a" * 100_000 + "!")
    assert process_time() - started < 20
