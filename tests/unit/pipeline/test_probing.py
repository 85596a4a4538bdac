"""Measuring a server's prompt cache: what comes out, and that it is never in the way."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from fimble.completion.cache_forecast import CacheKind
from fimble.config.schema import OllamaSettings
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.protocol import GenerateRequest
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import EngineError
from fimble.pipeline.completions_first import CompletionsFirst
from fimble.pipeline.probing import CacheMeasurement
from support.cached_engine import CachedEngine
from support.stub_ollama import PrefixCache, Script, StubModel, StubOllama, Timing

QUICK = Timing(base_s=0.002, per_prompt_token_s=1 / 5_000)


def measurement(server: CachedEngine | OllamaEngine, **options) -> CacheMeasurement:
    return CacheMeasurement(
        server=server, estimator=TokenEstimator(), window_tokens=8_192, **options
    )


@pytest.mark.parametrize("kind", [CacheKind.DENSE, CacheKind.HYBRID])
async def test_the_rules_of_llama_server_are_recognised(kind):
    server = CachedEngine(PrefixCache(kind=kind.value))

    result = await measurement(server).measure()

    assert result.kind is kind
    assert result.prompt_tokens_per_s == pytest.approx(1_700, rel=0.05)


async def test_each_measurement_has_a_text_of_its_own():
    server = CachedEngine(PrefixCache(kind="dense"))
    measure = measurement(server)
    first = await measure.measure()
    sent = set(server.prompts)

    second = await measure.measure()

    assert not sent & set(server.prompts[len(sent) + 1 :])
    assert second.kind is first.kind


@pytest.mark.parametrize("expected", [CacheKind.DENSE, None])
async def test_a_surprise_is_believed_the_second_time(expected):
    server = CachedEngine(PrefixCache(kind="hybrid"))
    measure = measurement(server, expected=expected)

    once = await measure.measure()
    sent = len(server.prompts)
    result = await measure.measure_clearly()

    assert (once.kind, result.kind) == (CacheKind.HYBRID, CacheKind.HYBRID)
    assert len(server.prompts) - sent == sent * (1 if expected is None else 2)


async def test_steps_are_told_as_they_begin():
    told: list[str] = []

    await measurement(CachedEngine(PrefixCache(kind="hybrid"))).measure(told.append)

    assert told[:3] == ["pilot", "head", "again"]
    assert told[-1] == "warm suffix"


async def test_a_completion_in_the_middle_is_served_and_the_measurement_begins_anew():
    server = CachedEngine(PrefixCache(kind="hybrid"))
    turns = CompletionsFirst(server)
    server.gate.clear()
    probing = asyncio.create_task(measurement(server).measure_in_pauses(turns, idle_s=0.001))
    await server.began(1)
    completion = asyncio.create_task(complete(turns))
    await server.began(2)
    server.gate.set()

    await asyncio.wait_for(completion, 5)
    result = await asyncio.wait_for(probing, 5)

    assert server.most_open == 1
    assert server.prompts[1] == "complete me"
    assert server.prompts[2] != server.prompts[0], "a new text: the old one is half cached"
    assert result is not None
    assert result.kind is CacheKind.HYBRID


async def complete(engine: CompletionsFirst) -> None:
    request = GenerateRequest(prompt="complete me", max_tokens=1)
    async with aclosing(engine.generate(request)) as stream:
        async for _ in stream:
            pass


async def test_a_user_who_never_pauses_is_left_alone_in_the_end():
    server = CachedEngine(PrefixCache(kind="hybrid"))
    turns = CompletionsFirst(server)
    server.gate.clear()
    probing = asyncio.create_task(measurement(server).measure_in_pauses(turns, idle_s=0.0001))
    for turn in range(5):
        await server.began(turn + 1)
        turns.user_active()

    assert await asyncio.wait_for(probing, 5) is None
    assert len(server.prompts) == 5


def stub_settings(stub: StubOllama, **options) -> OllamaSettings:
    return OllamaSettings(endpoint=stub.url, num_ctx=8_192, **options)


async def measure_stub(settings: OllamaSettings):
    engine = OllamaEngine(settings)
    try:
        await engine.preload()
        measure = CacheMeasurement(
            server=engine, estimator=engine.tokens, window_tokens=settings.num_ctx
        )
        return await measure.measure_clearly()
    finally:
        await engine.aclose()


@pytest.mark.parametrize("kind", [CacheKind.DENSE, CacheKind.HYBRID])
async def test_over_http_the_kind_of_cache_is_recognised(kind):
    with StubOllama(Script(models=(StubModel(cache=kind.value),), timing=QUICK)) as stub:
        result = await measure_stub(stub_settings(stub))

        assert result.kind is kind
        assert stub.max_concurrent == 1
        assert stub.reloads == 0
        assert {record.body["options"]["num_predict"] for record in stub.generations[1:]} == {1}


async def test_over_http_a_server_that_keeps_nothing_is_recognised():
    """The model leaves memory after each request, and its cache with it."""
    with StubOllama(Script(timing=QUICK)) as stub:
        result = await measure_stub(stub_settings(stub, keep_alive="0s"))

        assert result.kind is CacheKind.NONE


async def test_over_http_a_server_without_durations_is_not_judged():
    with StubOllama() as stub:
        result = await measure_stub(stub_settings(stub))

        assert not result.certain
        assert "durations" in result.reason


async def test_a_server_that_is_gone_is_an_engine_error():
    with StubOllama() as stub:
        settings = stub_settings(stub)
    engine = OllamaEngine(settings)
    with pytest.raises(EngineError):
        await measurement(engine).measure()
    await engine.aclose()
