"""What holds for the stub must hold for a real Ollama: one suite, both servers.

The model's words are random; lengths, order, states, errors and cancellation are not.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import msgspec
import pytest

from fimble.engine.ollama.administration import OllamaAdministration
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.protocol import GenerateRequest, GenerationStatistics, TextChunk
from fimble.errors import ModelMissing, PromptTooLong

PROMPT = "def add(a, b):\n    "


async def events_of(engine: OllamaEngine, **fields) -> list[TextChunk | GenerationStatistics]:
    request = GenerateRequest(**({"prompt": PROMPT, "max_tokens": 8} | fields))
    async with aclosing(engine.generate(request)) as events:
        return [event async for event in events]


async def test_loading_then_ready(ollama):
    await ollama.preload()

    health = await ollama.health()

    assert health.state == "ready", health
    assert health.server_version
    assert health.model_digest
    assert health.family
    assert health.context_tokens == 2048


async def test_text_then_statistics_within_the_tokens_asked_for(ollama):
    *texts, last = await events_of(ollama)

    assert texts
    assert all(isinstance(text, TextChunk) and text.text for text in texts)
    assert isinstance(last, GenerationStatistics)
    assert last.finish == "length"
    assert last.generated_tokens == 8
    assert 0 < last.prompt_tokens <= ollama.tokens.count(PROMPT)
    assert last.total_s > 0


async def test_one_token_is_enough_to_warm_a_prompt(ollama):
    *_, last = await events_of(ollama, max_tokens=1)

    assert isinstance(last, GenerationStatistics)
    assert last.generated_tokens == 1


async def test_a_stop_string_ends_the_text_and_is_not_part_of_it(ollama):
    free = "".join(e.text for e in await events_of(ollama) if isinstance(e, TextChunk))
    stop = free[len(free) // 2]

    events = await events_of(ollama, stop=(stop,))

    text = "".join(event.text for event in events if isinstance(event, TextChunk))
    assert text == free[: free.index(stop)]
    assert events[-1].finish == "stop"


async def test_the_same_prompt_gives_the_same_text(ollama):
    first, second = [
        "".join(e.text for e in await events_of(ollama) if isinstance(e, TextChunk))
        for _ in range(2)
    ]

    assert first == second


async def test_control_tokens_are_found_in_the_vocabulary(ollama):
    profile = await ollama.profile()

    assert profile.layouts


async def test_after_a_cancelled_answer_the_slot_is_free_at_once(ollama):
    """Not closing would make the next request wait for all the tokens of this one."""
    await events_of(ollama)
    request = GenerateRequest(prompt=PROMPT, max_tokens=1500)
    async with aclosing(ollama.generate(request)) as events:
        await anext(events)
    started = time.monotonic()

    await events_of(ollama, max_tokens=1)

    assert time.monotonic() - started < 1.5


async def test_a_request_cancelled_before_its_first_token_leaves_the_engine_usable(ollama):
    task = asyncio.create_task(events_of(ollama, max_tokens=200))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await events_of(ollama, max_tokens=1)


async def test_a_prompt_over_the_window_is_refused_by_the_server_too(ollama, ollama_settings):
    """The estimate refuses first; behind it `truncate: false` must hold."""
    engine = OllamaEngine(ollama_settings)
    engine.tokens.count = lambda _text: 1  # the test looks behind the first line of defence

    with pytest.raises(PromptTooLong):
        await events_of(engine, prompt="x = 1\n" * 4000)
    await engine.aclose()


async def test_a_model_that_is_not_there_is_missing(ollama_settings):
    settings = msgspec.structs.replace(ollama_settings, model="fimble-no-such-model:1b")
    engine = OllamaEngine(settings)

    with pytest.raises(ModelMissing):
        await events_of(engine)
    health = await engine.health()

    assert health.state == "failing"
    assert "ollama pull fimble-no-such-model:1b" in health.message
    await engine.aclose()


async def test_the_package_lists_what_is_installed_and_running(ollama, ollama_settings):
    await ollama.preload()
    async with OllamaAdministration(ollama_settings) as models:
        installed = await models.list_models()
        running = await models.running_models()

    wanted = ollama_settings.model
    if ":" not in wanted.rpartition("/")[2]:
        wanted += ":latest"
    assert wanted in [model.name for model in installed]
    assert [model.context_tokens for model in running if model.name == wanted] == [2048]
