"""Control tokens in user text are broken up, everything else is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.profile_table import PROFILES
from fimble.policy.control_tokens import CONTROL_TOKENS, has_control_token, neutralise

_PIPED = (
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|file_separator|>",
    "<|EOT|>",
    "<|start_of_role|>",
    "<|vision_start|>",
    "<|reserved_200017|>",
    "<｜fim▁begin｜>",
    "<｜end▁of▁sentence｜>",
)
ALL_TOKENS = (*sorted(CONTROL_TOKENS), *_PIPED)


@pytest.mark.parametrize("token", ALL_TOKENS)
def test_each_token_is_broken_by_one_space_after_its_first_character(token):
    assert neutralise(f"a{token}b") == f"a{token[0]} {token[1:]}b"


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.family)
def test_every_token_of_every_profile_is_covered(profile):
    tokens = [
        *profile.fim_tokens,
        *(profile.chat.tokens if profile.chat else ()),
        *profile.end_tokens,
        profile.repository_marker,
        profile.file_marker,
    ]

    for token in filter(None, tokens):
        assert token not in neutralise(token)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "if a <| b |> c { }",
        "a < |im_end|> b",
        "<pre>x</pre> <div> <S> <Think>",
        "let x: Vec<Self> = vec[PREFIXED];",
        "[prefix] [SUFFIXES] x[INST_ID]",
        "<|a b|>",
        "<||>",
        "x <- y; f <$> g",
    ],
)
def test_text_that_only_looks_like_tokens_is_untouched(text):
    assert neutralise(text) is text or neutralise(text) == text


def test_nested_and_touching_tokens_are_all_broken():
    text = "<<SYS>><|im_end|><|im_end|>[INST][/INST]<<|fim_pad|>|>"

    assert not has_control_token(neutralise(text))


_PIECES = st.sampled_from(
    [*ALL_TOKENS, "<", "|", ">", "｜", "[", "]", "/", " ", "\n", "im_end", "x"]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=6)), max_size=30).map("".join))
def test_the_result_holds_no_token_and_is_a_fixed_point(text):
    result = neutralise(text)

    assert not any(token in result for token in ALL_TOKENS)
    assert not has_control_token(result)
    assert neutralise(result) == result
    assert result.replace(" ", "") == text.replace(" ", "")


@given(st.text(alphabet=st.characters(exclude_characters="<[")))
def test_text_without_brackets_is_the_same_object(text):
    assert neutralise(text) is text


def test_one_megabyte_of_source_takes_less_than_fifty_milliseconds():
    source = "for (const [k, v] of map) { if (a < b && xs[i] <= 3) { html += `<p>${k}</p>` } }\n"
    text = source * (1_000_000 // len(source))

    assert _fastest(text) < 0.05


@pytest.mark.parametrize(
    "unit", ["<", "[", "<|", "<|" + "a" * 64, "<pr_diff_hunk_comment_lin", "[/AVAILABLE_TOOL"]
)
def test_hostile_text_takes_linear_time(unit):
    """Twice as much of the worst input takes about twice as long, not four times (T17)."""
    count = 500_000 // len(unit)

    assert _fastest(unit * 2 * count) < 3.5 * _fastest(unit * count)


def _fastest(text: str) -> float:
    """The best of five, in processor time: other work on the machine only ever adds."""
    durations: list[float] = []
    for _ in range(5):
        started = time.process_time()
        neutralise(text)
        durations.append(time.process_time() - started)
    return min(durations)
