"""The oracle finds the cursor in every layout and answers with what follows."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.stub_ollama.answers import Reply, fixed, noise, queue
from support.stub_ollama.cursor_in_prompt import cursor_context
from support.stub_ollama.oracle import Oracle

TARGET = '''"""A module."""

import os


def total(values: list[int]) -> int:
    result = 0
    for value in values:
        result += value
    return result


def largest(values: list[int]) -> int:
    result = 0
    for value in values:
        result = max(result, value)
    return result
'''
HOLE_START = TARGET.index("max(result")
HOLE_END = HOLE_START + len("max(result, value)")
BEFORE, AFTER = TARGET[:HOLE_START], TARGET[HOLE_END:]
ORACLE = Oracle(targets=("something else\n", TARGET))

QWEN_CHAT = (
    "<|im_start|>system\nrules<|im_end|>\n<|im_start|>user\n```\nother\n```\n"
    "This follows:\n````python\n{after}\n````\nGo on.<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n````python\n{before}"
)
LAYOUTS = {
    "qwen psm": "<|repo_name|>r\n<|file_sep|>a.py\n"
    "<|fim_prefix|>{before}<|fim_suffix|>{after}<|fim_middle|>",
    "qwen spm": "<|fim_suffix|>{after}<|fim_prefix|>{before}<|fim_middle|>",
    "starcoder psm": "<fim_prefix>{before}<fim_suffix>{after}<fim_middle>",
    "starcoder spm": "<fim_prefix><fim_suffix>{after}<fim_middle>{before}",
    "deepseek": "<｜fim▁begin｜>{before}<｜fim▁hole｜>{after}<｜fim▁end｜>",
    "codestral": "[SUFFIX]{after}[PREFIX]{before}",
    "codellama psm": "<PRE> {before} <SUF>{after} <MID>",
    "codellama spm": "<PRE> <SUF>{after} <MID> {before}",
    "chat hole": "<|im_start|>user\nFill in:\n{before}<CURSOR>{after}<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n",
}


def text_of(reply: str | Reply) -> str:
    return reply.text if isinstance(reply, Reply) else reply


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_hole_is_filled_in_every_layout(layout: str) -> None:
    prompt = LAYOUTS[layout].format(before=BEFORE, after=AFTER)

    assert ORACLE(prompt).text == "max(result, value)"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_code_around_the_cursor_is_read_exactly(layout: str) -> None:
    context = cursor_context(LAYOUTS[layout].format(before=BEFORE, after=AFTER))

    assert context.before.endswith(BEFORE)
    assert context.after == AFTER


def test_a_prefilled_answer_is_continued_and_its_fence_closed() -> None:
    prompt = QWEN_CHAT.format(before=BEFORE, after=AFTER)

    assert ORACLE(prompt).text == "max(result, value)\n````\n"


def test_without_control_tokens_the_prompt_ends_at_the_cursor() -> None:
    assert ORACLE(BEFORE).text == TARGET[HOLE_START:]


def test_several_equal_places_are_told_apart_by_what_precedes() -> None:
    """The loop header occurs twice; only the text further up says which one is meant."""
    second = TARGET.rindex("for value")
    prompt = f"<|fim_prefix|>{TARGET[:second]}<|fim_suffix|><|fim_middle|>"

    assert ORACLE(prompt).text == TARGET[second:]


def test_a_short_suffix_is_found_at_the_end_of_the_target() -> None:
    start = TARGET.index("import os")
    prompt = f"<|fim_prefix|>{TARGET[:start]}<|fim_suffix|>\n<|fim_middle|>"

    assert ORACLE(prompt).text == TARGET[start:-1]


def test_unknown_code_gets_the_default_answer() -> None:
    oracle = Oracle(targets=(TARGET,), otherwise="?")

    assert oracle("<|fim_prefix|>nothing of the kind here<|fim_suffix|><|fim_middle|>").text == "?"


@given(st.integers(0, len(TARGET)))
def test_every_position_of_the_target_is_found(position: int) -> None:
    before = TARGET[:position]
    prompt = f"<|fim_prefix|>{before}<|fim_suffix|><|fim_middle|>"

    assert Oracle(targets=(TARGET,))(prompt).text == TARGET[position:]


def test_a_large_repetitive_file_is_searched_in_bounded_time() -> None:
    line = "    value = compute(value)\n"
    target = line * 50_000 + "result = value\n" + line * 50_000
    before = line * 50_000 + "result ="
    started = time.perf_counter()
    oracle = Oracle(targets=(target,))

    assert (
        oracle(f"<|fim_prefix|>{before}<|fim_suffix|>\n{line * 9}<|fim_middle|>").text == " value"
    )
    oracle(f"<|fim_prefix|>{line * 1000}<|fim_suffix|>{line}<|fim_middle|>")
    assert time.perf_counter() - started < 2


def test_noise_is_right_first_and_wrong_then() -> None:
    answer = text_of(noise(ORACLE, right_for=5)(BEFORE))
    right = ORACLE(BEFORE).text

    assert answer[:5] == right[:5]
    assert answer[5:9] != right[5:9]
    assert len(answer) == len(right)


def test_noise_leaves_answers_alone_that_are_short_enough() -> None:
    assert text_of(noise(fixed("abc"), right_for=3)("x")) == "abc"


def test_a_queue_of_answers_is_used_up_in_order() -> None:
    answer = queue(["one", "two"], otherwise="none")

    assert [answer(""), answer(""), answer("")] == ["one", "two", "none"]
