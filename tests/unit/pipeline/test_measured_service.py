"""The whole service: it measures in a pause, once, and builds its prompts by what it found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.layout import Layout
from fimble.completion.planning import Trigger
from fimble.config.schema import CompletionSettings, OllamaSettings, Settings
from fimble.engine.protocol import Hole
from fimble.pipeline.assembly import CompletionService
from fimble.pipeline.engine_router import EngineStatus
from fimble.pipeline.probe_store import ProbeStore
from fimble.syntax.one_shot import parse
from support.marked import CURSOR, marked
from support.stub_ollama import Script, StubModel, StubOllama, Timing, fixed

QUICK = Timing(base_s=0.002, per_prompt_token_s=1 / 5_000)
SLOW = Timing(base_s=0.002, per_prompt_token_s=1 / 1_000)
PATIENCE_S = 20.0
"""The machine may be busy; nothing waits this long normally."""

PSM_FIRST = "qwen3-coder:30b"
"""Its profile prefers prefix, suffix, middle, and presumes a dense cache."""


def script(cache: str, *, timing: Timing = QUICK, **model) -> Script:
    stub_model = StubModel(name=PSM_FIRST, family="qwen3moe", cache=cache, **model)
    return Script(models=(stub_model,), timing=timing, answer=fixed("area\n"))


def settings(stub: StubOllama, layout: str = "auto") -> Settings:
    return Settings(
        ollama=OllamaSettings(endpoint=stub.url, model=PSM_FIRST, num_ctx=8_192),
        completion=CompletionSettings(layout=layout, debounce_ms=0, prefetch=False),
    )


@pytest.fixture
def store(tmp_path) -> ProbeStore:
    return ProbeStore(tmp_path)


@asynccontextmanager
async def served(
    stub: StubOllama, store: ProbeStore, *, layout: str = "auto", idle_s: float = 0.05
) -> AsyncIterator[CompletionService]:
    ready = asyncio.Event()

    def heard(status: EngineStatus) -> None:
        if status.state == "ready":
            ready.set()

    service = CompletionService(
        settings(stub, layout), on_status=heard, probes=store, idle_s=idle_s
    )
    service.start()
    try:
        await asyncio.wait_for(ready.wait(), PATIENCE_S)
        yield service
    finally:
        await service.aclose()


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what a background task does without telling anybody."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.01)


def hole() -> Hole:
    snapshot, cursor = marked(f"def f(w, h):\n    return {CURSOR}\n\n\nprint(f(1, 2))\n")
    return Hole(snapshot=snapshot, cursor=cursor)


def layout_of(service: CompletionService) -> Layout:
    prompt = service.prompt_for(hole())
    order = [prompt.find(token) for token in ("<|fim_prefix|>", "<|fim_suffix|>")]
    return Layout.PSM if order[0] < order[1] else Layout.SPM


@pytest.mark.parametrize(
    ("cache", "kind"), [("dense", CacheKind.DENSE), ("hybrid", CacheKind.HYBRID)]
)
async def test_the_cache_is_measured_and_the_trained_layout_is_kept(store, cache, kind):
    with StubOllama(script(cache)) as stub:
        async with served(stub, store) as service:
            assert service.measured is None
            await eventually(lambda: service.measured is not None)

            assert service.measured.kind is kind
            assert layout_of(service) is Layout.PSM, "its prompts only grow, as all do"
        assert stub.max_concurrent == 1


async def test_what_was_measured_once_is_not_measured_again(store):
    with StubOllama(script("hybrid")) as stub:
        async with served(stub, store) as service:
            await eventually(lambda: service.measured is not None)
            measured = service.measured
        stub.forget_requests()

        async with served(stub, store, idle_s=0) as service:
            await eventually(lambda: service.measured is not None)
            assert service.measured == measured
        assert [record for record in stub.generations if record.body.get("prompt")] == []


async def test_another_version_of_the_model_is_measured_again(store):
    with StubOllama(script("hybrid")) as stub:
        async with served(stub, store) as service:
            await eventually(lambda: service.measured is not None)
        port = stub.port
    with StubOllama(script("dense", size_bytes=18_000_000_000), port=port) as stub:
        async with served(stub, store) as service:
            await eventually(lambda: service.measured is not None)

            assert service.measured.kind is CacheKind.DENSE


async def test_a_layout_that_the_user_names_is_used_and_nothing_is_measured(store):
    with StubOllama(script("hybrid")) as stub:
        async with served(stub, store, layout="psm", idle_s=0) as service:
            await service.complete(hole(), tree=parse(hole().snapshot), trigger=Trigger.INVOKED)

            assert layout_of(service) is Layout.PSM
            assert service.measured is None
        assert len([one for one in stub.generations if one.body.get("prompt")]) == 1


async def test_completions_are_answered_while_the_server_is_measured(store):
    """A key ends the measurement, the completion is answered, and a later pause measures.

    That the one is closed before the other is sent: see test_completions_first.
    """
    with StubOllama(script("hybrid", timing=SLOW)) as stub:
        async with served(stub, store, idle_s=0.02) as service:
            await stub.wait_for(
                lambda requests: [one for one in requests if one.body.get("prompt")]
            )
            result = await asyncio.wait_for(
                service.complete(hole(), tree=parse(hole().snapshot), trigger=Trigger.INVOKED),
                PATIENCE_S,
            )
            assert [item.text for item in result.items] == ["area"]
            await eventually(lambda: service.measured is not None)

            assert service.measured.kind is CacheKind.HYBRID
        prompts = [one.body["prompt"] for one in stub.generations if one.body.get("prompt")]
        completion = next(i for i, prompt in enumerate(prompts) if "fim_middle" in prompt)
        assert 0 < completion < len(prompts) - 1


async def test_closing_while_measuring_leaves_nothing_behind(store):
    with StubOllama(script("hybrid", timing=SLOW)) as stub:
        async with served(stub, store, idle_s=0) as service:
            await stub.wait_for(
                lambda requests: [one for one in requests if one.body.get("prompt")]
            )
        assert service.measured is None
        assert len(asyncio.all_tasks()) == 1
