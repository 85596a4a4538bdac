"""Probabilities, the shipped weights, and what of a candidate is shown."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.embedded.beginnings import (
    BEGINNING_FEATURES,
    beginnings,
    begins_with,
    likelihood_of,
)
from fimble.engine.embedded.cursor_context import Hypothesis
from fimble.engine.embedded.features import FEATURES
from fimble.engine.embedded.gate import decide
from fimble.engine.embedded.ranker import (
    Network,
    probabilities,
    shipped_beginning_weights,
    shipped_network,
)
from fimble.engine.embedded.voting import Candidate, Election

ELECTION = Election(candidates=(), longest=4, longest_count=1, escape_share=0.1)
ONLY_MASS = tuple(float(name == "logit_mass") for name in BEGINNING_FEATURES)
"""Under these weights a beginning's likelihood is the candidates' summed probability."""


def candidate(text: str, share: float = 0.3) -> Candidate:
    return Candidate(text=text, tokens="", hypothesis=Hypothesis(context=""), share=share)


def shown(*scored: tuple[float, str], threshold: float = 0.6) -> str | None:
    entries = [(likelihood, candidate(text)) for likelihood, text in scored]
    decision = decide(entries, ELECTION, weights=ONLY_MASS, threshold=threshold)
    return None if decision is None else decision.text


def test_every_feature_has_a_shipped_weight():
    network = shipped_network()
    rows = [network.linear, *(weights for _, weights in network.units)]
    assert {len(row) for row in rows} == {len(FEATURES)}
    assert len(FEATURES) == len(set(FEATURES))
    assert len(shipped_beginning_weights()) == len(BEGINNING_FEATURES)
    outputs = [output for output, _ in network.units]
    numbers = (*sum(map(tuple, rows), ()), *outputs, *shipped_beginning_weights())
    assert all(map(math.isfinite, numbers))


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), max_size=13))
def test_probabilities_sum_to_at_most_one(rows):
    units = ((1.5, (0.5, 1.0, -1.0)), (-2.0, (-1.0, 0.0, 1.0)))
    found = probabilities(rows, Network(linear=(1.0, -0.5, 2.0), units=units))

    assert len(found) == len(rows)
    assert all(0 <= likelihood <= 1 for likelihood in found)
    assert sum(found) <= 1 + 1e-9


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2))
def test_a_likelihood_never_overflows(row):
    assert 0 <= likelihood_of(row, (1.0, 1.0)) <= 1


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        (((0.7, "call(a, b)"),), "call(a, b)"),
        (((0.4, "call(a, b)"), (0.3, "call(a, c)")), "call(a,"),
        (((0.4, "call(a, b)"), (0.3, "called()")), None),
        (((0.4, "ab(c)"), (0.3, "ab(d)")), "ab("),
        (((0.4, "a(c)"), (0.3, "a(d)")), None),
        (((0.4, 'say("one")'), (0.3, 'say("two")')), "say("),
        (((0.9, "ab"),), None),
        (((0.5, "call(a, b)"),), None),
        ((), None),
    ],
)
def test_the_longest_likely_beginning_is_shown(scored, expected):
    assert shown(*scored) == expected


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\U000e0041", "\x1b", "\x00", "\ufe00"])
def test_t13_nothing_with_hidden_characters_is_shown(hidden):
    assert shown((0.9, f"call(a{hidden}, b)")) is None


@given(st.text(alphabet="ab( \"'.", max_size=20), st.text(alphabet="ab( \"'.", max_size=20))
def test_beginnings_are_beginnings_and_come_longest_first(one, two):
    scored = [(0.5, candidate(one)), (0.2, candidate(two))]
    found = [text for text, _ in beginnings(scored, ELECTION)]

    assert all(one.startswith(text) and begins_with(one, text) for text in found)
    assert found == sorted(found, key=len, reverse=True)
    assert all(len(row) == len(BEGINNING_FEATURES) for _, row in beginnings(scored, ELECTION))
