"""The stub's tokenizer keeps its three promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.stub_ollama.tokens import common_prefix, tokenize

TEXTS = st.text(max_size=200) | st.text(alphabet="ab _\n\t().=1é漢😀", max_size=200)
PLAIN_TEXTS = TEXTS.filter(lambda it: not set("<[|>") & set(it))


@given(TEXTS)
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(tokenize(text)) == text


@given(PLAIN_TEXTS, PLAIN_TEXTS)
def test_appending_changes_at_most_the_last_token(text: str, more: str) -> None:
    before = tokenize(text)

    assert common_prefix(before, tokenize(text + more)) >= len(before) - 1


@pytest.mark.parametrize(
    "special",
    [
        *("<|fim_prefix|>", "<|im_end|>", "<|file_separator|>", "<|endoftext|>"),
        *("<fim_suffix>", "<file_sep>", "<｜fim▁hole｜>", "[PREFIX]", "<PRE>", "</think>"),
    ],
)
def test_a_special_token_is_one_token_even_inside_a_word(special: str) -> None:
    assert tokenize(f"word{special}word") == ("word", special, "word")
    assert special in tokenize(f"f(x){special}")
    assert special in tokenize(f"x. {special}(")


def test_code_has_about_four_characters_a_token() -> None:
    code = "def total(values: list[int]) -> int:\n    return sum(value for value in values)\n" * 20

    assert 3.0 < len(code) / len(tokenize(code)) < 5.0


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_common_prefix_counts_equal_leading_tokens(left: list[str], right: list[str]) -> None:
    expected = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        expected += 1

    assert common_prefix(tuple(left), tuple(right)) == expected
