"""Counting by byte pairs is what llama.cpp does, for any text and at any size."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.token_estimate import TokenEstimator
from fimble.engine.tokens.byte_pairs import BytePairCounter, byte_alphabet, merged
from fimble.engine.tokens.splitting import SPLITTINGS
from fimble.engine.tokens.vocabulary import checked_vocabulary
from support.vocabularies import CONTROL, all_pairs_vocabulary, stated_vocabulary

GOLDEN = json.loads(Path(__file__).with_name("splitting_counts.json").read_text("utf-8"))
"""Counts by libllama itself, with a vocabulary in which every pair of bytes is a token."""


def counter(pre: str = "qwen2", **changes: object) -> BytePairCounter:
    return BytePairCounter(checked_vocabulary(stated_vocabulary(pre, **changes)), model="tiny")


COUNTER = counter()


@pytest.mark.parametrize("pre", SPLITTINGS)
def test_every_way_of_splitting_counts_as_llama_cpp_does(pre):
    stated = all_pairs_vocabulary(pre, GOLDEN["texts"])
    counting = BytePairCounter(checked_vocabulary(stated), model="pairs")

    assert [counting.count(text) for text in GOLDEN["texts"]] == GOLDEN["tokens"][pre]


def naive(word: str, ranks: dict[str, int]) -> int:
    """Merge the first of the best pairs until there is none."""
    symbols = list(word)
    while True:
        found = [
            (ranks[f"{left} {right}"], at)
            for at, (left, right) in enumerate(pairwise(symbols))
            if f"{left} {right}" in ranks
        ]
        if not found:
            return len(symbols)
        at = min(found)[1]
        symbols[at : at + 2] = [symbols[at] + symbols[at + 1]]


@given(
    st.text("abc", max_size=60),
    st.lists(
        st.sampled_from(["a b", "b c", "ab c", "c a", "a a", "aa a", "aa aa", "bc ab", "c c"])
    ),
)
def test_merging_by_a_queue_is_merging_one_by_one(word, merges):
    ranks = {merge: rank for rank, merge in reversed(list(enumerate(merges)))}

    assert merged(word, ranks) == naive(word, ranks)


@given(st.text())
def test_no_text_takes_more_tokens_than_bytes_and_none_fails(text):
    tokens = COUNTER.count(text)

    assert tokens <= len(text.encode("utf-8", "surrogatepass"))
    assert (tokens == 0) == (not text)
    assert COUNTER.count(text) == tokens


def test_control_strings_are_characters_in_a_text_and_one_token_each_in_a_prompt():
    turn = f"{CONTROL[0]}user\nthe total{CONTROL[1]}"

    assert COUNTER.count(turn) > COUNTER.count_prompt(turn)
    assert COUNTER.count_prompt(turn) == 2 + COUNTER.count("user\nthe total")


def test_a_control_token_inside_a_longer_one_is_no_token_of_its_own():
    tokens = stated_vocabulary().tokens
    nested = counter(
        tokens=(*tokens, "<|a|>", "<|a|><|b|>"), token_types=(1,) * len(tokens) + (3, 3)
    )

    assert nested.count_prompt("<|a|><|b|>") == 1


def test_a_beginning_counts_in_prompts_only():
    beginning = counter(begins=True)

    assert beginning.count_prompt("the") == beginning.count("the") + 1
    assert counter("llama-bpe", begins=None).count_prompt("") == 1
    assert counter("llama-bpe", begins=False).count_prompt("") == 0


def test_user_defined_tokens_are_tokens_everywhere_unless_they_steer_the_model():
    tokens, types = stated_vocabulary().tokens, stated_vocabulary().token_types
    spaces = counter(tokens=(*tokens, " " * 7, "<think>"), token_types=(*types, 4, 4))

    assert spaces.count(" " * 7) == 1
    assert spaces.count("<think>") > 1
    assert spaces.count_prompt("<think>") == 1


def test_a_whole_piece_that_is_a_token_needs_no_merges_where_the_model_says_so():
    tokens = stated_vocabulary().tokens
    changes = {"tokens": (*tokens, "zebra"), "token_types": (1,) * (len(tokens) + 1)}

    assert counter("llama-bpe", **changes).count("zebra") == 1
    assert counter("qwen2", **changes).count("zebra") == 5


def test_bytes_that_are_no_tokens_are_dropped_as_the_server_drops_them():
    stated = stated_vocabulary()
    lost = byte_alphabet()[0xE9]
    tokens = tuple(token for token in stated.tokens if token != lost)
    lacking = counter(tokens=tokens, token_types=(1,) * len(tokens))

    assert lacking.count("\ua000") == COUNTER.count("\ua000")  # bytes EA 80 80
    assert lacking.count("\u9000") == COUNTER.count("\u9000") - 1  # bytes E9 80 80


def test_a_megabyte_in_one_piece_is_counted():
    assert COUNTER.count(" " * 1_000_000) == 500_000


def test_who_counts_is_said():
    assert COUNTER.exact
    assert COUNTER.name == "the tokenizer of tiny"
    assert not TokenEstimator().exact
    assert TokenEstimator().count_prompt("a b") == TokenEstimator().count("a b")
