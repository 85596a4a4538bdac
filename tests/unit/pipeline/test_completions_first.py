"""Who uses the model's slot: completions at once, everything else while nobody needs it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from fimble.engine.protocol import GenerateRequest, TextChunk
from fimble.pipeline.completions_first import CompletionsFirst, GaveWayError
from support.cached_engine import CachedEngine
from support.stub_ollama import PrefixCache


@pytest.fixture
def server() -> CachedEngine:
    return CachedEngine(PrefixCache(kind="hybrid"))


@pytest.fixture
def turns(server: CachedEngine) -> CompletionsFirst:
    return CompletionsFirst(server)


async def ask(engine: CachedEngine | CompletionsFirst, prompt: str) -> str:
    async with aclosing(engine.generate(GenerateRequest(prompt=prompt, max_tokens=1))) as stream:
        events = [event async for event in stream]
    return "".join(event.text for event in events if isinstance(event, TextChunk))


async def test_background_work_gives_its_result(server, turns):
    assert await turns.in_background(ask(server, "measure")) == "word"


async def test_a_completion_ends_background_work_before_it_is_sent(server, turns):
    server.gate.clear()
    background = asyncio.create_task(turns.in_background(ask(server, "measure")))
    await server.began(1)
    completion = asyncio.create_task(ask(turns, "complete"))
    await server.began(2)
    server.gate.set()

    assert await completion == "word"
    with pytest.raises(GaveWayError):
        await background
    assert server.most_open == 1


async def test_background_work_does_not_begin_beside_a_completion(server, turns):
    server.gate.clear()
    completion = asyncio.create_task(ask(turns, "complete"))
    await server.began(1)

    with pytest.raises(GaveWayError):
        await turns.in_background(ask(server, "measure"))
    server.gate.set()
    assert await completion == "word"
    assert server.prompts == ["complete"]


async def test_a_key_ends_background_work(server, turns):
    server.gate.clear()
    background = asyncio.create_task(turns.in_background(ask(server, "measure")))
    await server.began(1)
    turns.user_active()

    with pytest.raises(GaveWayError):
        await background
    assert server.open == 0


async def test_whoever_gives_up_waiting_for_background_work_ends_it(server, turns):
    server.gate.clear()
    background = asyncio.create_task(turns.in_background(ask(server, "measure")))
    await server.began(1)
    background.cancel()

    with pytest.raises(asyncio.CancelledError):
        await background
    assert server.open == 0
    server.gate.set()
    assert await turns.in_background(ask(server, "again")) == "word"


async def test_a_failure_of_background_work_is_its_callers(turns):
    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await turns.in_background(fail())


async def test_closing_ends_background_work(server, turns):
    server.gate.clear()
    background = asyncio.create_task(turns.in_background(ask(server, "measure")))
    await server.began(1)
    await turns.aclose()

    with pytest.raises(GaveWayError):
        await background


async def test_idle_begins_when_the_last_completion_has_ended(server, turns):
    server.gate.clear()
    completion = asyncio.create_task(ask(turns, "complete"))
    await server.began(1)
    idle = asyncio.create_task(turns.idle(0.001))
    done, _ = await asyncio.wait([idle], timeout=0.02)
    assert not done

    server.gate.set()
    await asyncio.wait_for(idle, 5)
    assert completion.done()


async def test_an_abandoned_completion_leaves_the_slot(server, turns):
    server.gate.clear()
    completion = asyncio.create_task(ask(turns, "complete"))
    await server.began(1)
    completion.cancel()
    await asyncio.wait([completion])
    server.gate.set()

    await asyncio.wait_for(turns.idle(0), 5)
    assert server.open == 0
