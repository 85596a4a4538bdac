"""The token estimate is never too low, nor so high that it wastes the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.token_estimate import MARGIN, TokenEstimator, price

SAMPLES = json.loads(Path(__file__).with_name("token_counts.json").read_text("utf-8"))["samples"]
REPEATED = 20
OTHERS = json.loads(
    Path(__file__).with_name("tokens").joinpath("vocabulary_counts.json").read_text("utf-8")
)["tokens"]
"""Counts of the same texts by libllama with other vocabularies."""

BEYOND = {
    ("deepseek-coder", "base64"): 1.12,
    ("deepseek-coder", "german"): 1.41,
    ("starcoder", "german"): 1.22,
    ("refact", "german"): 1.22,
    ("llama-spm", "base64"): 1.12,
    ("llama-spm", "emoji"): 1.05,
    ("llama-spm", "tabs"): 1.17,
    ("llama-spm", "crlf"): 1.06,
    ("command-r", "crlf"): 1.06,
    ("gemma-4", "crlf"): 1.06,
}
"""Where the estimate is no bound, and how far the truth goes beyond it: nothing but repetition."""


@pytest.mark.parametrize("name", SAMPLES)
def test_the_estimate_is_at_least_what_the_vocabulary_of_qwen_counts(name):
    sample = SAMPLES[name]

    assert TokenEstimator().count(sample["text"] * REPEATED) >= sample["tokens"]


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("vocabulary", OTHERS)
def test_the_estimate_holds_for_other_vocabularies_but_where_it_is_said_not_to(vocabulary, name):
    estimate = TokenEstimator().count(SAMPLES[name]["text"] * REPEATED)

    assert OTHERS[vocabulary][name] <= estimate * BEYOND.get((vocabulary, name), 1.0)


def test_the_estimate_is_no_proof_but_the_bytes_are():
    """A vocabulary of bytes alone breaks the one and never the other."""
    text = "internationalization " * 50

    assert TokenEstimator().count(text) < len(text.encode())


@pytest.mark.parametrize("name", ["python", "typescript", "go", "lock file", "numbers"])
def test_the_estimate_of_source_is_below_twice_the_truth(name):
    sample = SAMPLES[name]

    assert TokenEstimator().count(sample["text"] * REPEATED) < 2 * sample["tokens"]


@given(st.text())
def test_the_estimate_never_exceeds_the_bytes_which_no_vocabulary_can(text):
    assert TokenEstimator().count(text) <= len(text.encode("utf-8", "surrogatepass")) + 2


@given(st.text(max_size=200), st.text(max_size=200))
def test_parts_cost_at_least_what_the_whole_costs(first, second):
    """Budgets are added up line by line; the sum must not promise more than the whole takes."""
    count = TokenEstimator().count

    assert count(first + second) <= count(first) + count(second) + 2


@given(st.text(max_size=100), st.text(max_size=20))
def test_more_text_never_costs_less(text, more):
    assert price(text + more) >= price(text) - 1


def test_nothing_costs_nothing_and_lone_surrogates_are_counted():
    assert TokenEstimator().count("") == 0
    assert TokenEstimator().count("\ud800") > 0


def test_one_dense_observation_raises_all_later_estimates():
    estimator = TokenEstimator()
    dense = "qzxv" * 500
    text = "a quick brown fox\n" * 40
    before = estimator.count(text)

    estimator.observe(dense, 1000)

    assert estimator.count(dense) >= 1000
    assert estimator.count(text) > before


def test_ordinary_and_tiny_observations_leave_the_margin_alone():
    estimator = TokenEstimator()

    estimator.observe("def f(): return 1\n" * 100, 700)
    estimator.observe("x", 5)
    estimator.observe("", 500)

    assert estimator.factor == MARGIN
