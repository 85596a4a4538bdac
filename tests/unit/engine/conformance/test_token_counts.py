"""Counts by the model's own vocabulary are the server's `prompt_eval_count`, for any text."""

from __future__ import annotations

import random

import pytest

from fimble.engine.protocol import GenerateRequest, GenerationStatistics

FRAGMENTS = (
    *("def ", "return", "self", "    ", "\n", "\r\n", "\t", " ", "  ", "the ", "import os", "()"),
    *("'s", "'LL", "12", "1234567", "x_1", "--> ", "...", "Übung", "é", "e\u0301", "½", "你好"),
    *("नमस्ते", "🙂", "👩\u200d💻", "\u00a0", "\u2028", "\x85", "$", "€", "+=", "<|", "|>", "a" * 40),
    *("<|im_start|>", "<|im_end|>", "<|fim_middle|>", "<think>", "</tool_call>"),
)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def random_texts(count: int) -> list[str]:
    """The same texts every time."""
    choose = random.Random(1511)
    return ["a" + "".join(choose.choices(FRAGMENTS, k=choose.randint(1, 60))) for _ in range(count)]


async def counted_by_server(engine, prompt: str) -> int:
    *_, last = [
        event async for event in engine.generate(GenerateRequest(prompt=prompt, max_tokens=1))
    ]
    assert isinstance(last, GenerationStatistics)
    return last.prompt_tokens


async def test_the_server_states_a_vocabulary_that_can_be_counted_with(ollama):
    counter = await ollama.own_tokens.learn()

    assert counter.exact, ollama.own_tokens.why_estimated
    assert counter.count("def total():\n    return 1\n") > 0


async def test_a_prompt_takes_exactly_the_tokens_that_were_counted(ollama, served, request):
    if "stub" in request.node.callspec.id:
        pytest.skip("the stub's vocabulary is not what it counts with")
    counter = await ollama.own_tokens.learn()
    prompts = random_texts(80)

    counted = [counter.count_prompt(prompt) for prompt in prompts]

    assert counted == [await counted_by_server(ollama, prompt) for prompt in prompts]
