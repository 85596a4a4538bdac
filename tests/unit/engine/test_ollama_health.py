"""What the engine says of itself: one state for every condition of server and model."""

from __future__ import annotations

import asyncio

import httpx
import msgspec
import pytest

from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.ollama.model_facts import RECHECK_AFTER_S, full_name
from fimble.engine.protocol import GenerateRequest
from fimble.errors import EngineNotLocalError

DIGEST = "a" * 64


@pytest.fixture
async def engine(fake, settings):
    made = OllamaEngine(settings, transport=fake.transport)
    yield made
    await made.aclose()


async def test_a_model_in_memory_is_ready_and_described(engine):
    health = await engine.health()

    assert health.state == "ready"
    assert health.message == ""
    assert (health.engine, health.model) == ("ollama", "qwen3.6:27b")
    assert (health.server_version, health.family) == ("0.33.0", "qwen35")
    assert health.model_digest == DIGEST
    assert health.context_tokens == 16384


async def test_a_model_on_disk_is_loading_with_its_trained_context(engine, fake):
    fake.running = []

    health = await engine.health()

    assert health.state == "loading"
    assert "not in memory" in health.message
    assert health.context_tokens == 262144


async def test_a_running_load_of_ours_is_told(engine, fake):
    started, may_finish = asyncio.Event(), asyncio.Event()

    async def load(_body) -> httpx.Response:
        started.set()
        await may_finish.wait()
        return httpx.Response(200, json={"done": True})

    fake.load = load
    preload = asyncio.create_task(engine.preload())
    await started.wait()

    assert (await engine.health()).state == "loading"

    may_finish.set()
    await preload
    assert (await engine.health()).state == "ready"


async def test_another_context_window_in_memory_means_another_load(engine, fake):
    fake.running[0]["context_length"] = 4096

    health = await engine.health()

    assert health.state == "loading"
    assert "4096" in health.message


async def test_a_window_capped_to_what_the_model_was_trained_for_is_ready(engine, fake):
    fake.show["model_info"]["qwen35.context_length"] = 8192
    fake.running[0]["context_length"] = 8192

    assert (await engine.health()).state == "ready"


async def test_a_missing_model_is_failing_with_the_pull_command(engine, fake, body_of):
    fake.models = []
    fake.show_reply = httpx.Response(404, json={"error": "model 'qwen3.6:27b' not found"})

    health = await engine.health()

    assert health.state == "failing"
    assert "`ollama pull qwen3.6:27b`" in health.message


async def test_nobody_there_is_offline_with_the_start_command(settings):
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("All connection attempts failed")

    engine = OllamaEngine(settings, transport=httpx.MockTransport(refuse))

    health = await engine.health()

    assert health.state == "offline"
    assert "`ollama serve`" in health.message
    await engine.aclose()


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(500, text="<html>"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"version": 1}),
        httpx.Response(302, headers={"location": "http://evil.example"}),
    ],
    ids=["500", "html", "list", "wrong type", "redirect"],
)
async def test_something_else_at_the_port_is_failing_and_never_raises(engine, fake, reply):
    fake.version = reply

    assert (await engine.health()).state == "failing"


async def test_the_manifest_is_read_once_for_each_digest(engine, fake):
    await engine.health()
    await engine.health()
    assert len(fake.sent("/api/show")) == 1

    fake.models[0]["digest"] = fake.running[0]["digest"] = "b" * 64
    assert (await engine.health()).model_digest == "b" * 64
    assert len(fake.sent("/api/show")) == 2


async def test_t06_a_model_replaced_by_a_pointer_gets_no_further_prompt(fake, settings):
    """The digest is looked at again within a minute, without any health check."""
    clock = [0.0]
    engine = OllamaEngine(settings, transport=fake.transport, now=lambda: clock[0])
    asked = GenerateRequest(prompt="secret", max_tokens=4)
    assert [event async for event in engine.generate(asked)]

    fake.models[0]["digest"] = "b" * 64
    fake.show["remote_host"] = "https://evil.example"
    clock[0] += RECHECK_AFTER_S
    for _ in range(2):
        with pytest.raises(EngineNotLocalError, match="evil"):
            await anext(engine.generate(asked))

    assert len(fake.prompts()) == 1
    await engine.aclose()


@pytest.mark.parametrize("place", ["tags", "show"])
async def test_t06_a_remote_model_is_never_prompted_nor_loaded(engine, fake, place):
    target = fake.models[0] if place == "tags" else fake.show
    target["remote_model"] = "gpt-oss:120b"

    with pytest.raises(EngineNotLocalError):
        await anext(engine.generate(GenerateRequest(prompt="secret", max_tokens=4)))
    with pytest.raises(EngineNotLocalError):
        await engine.preload()
    health = await engine.health()

    assert health.state == "failing"
    assert "gpt-oss" in health.message
    assert fake.sent() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("model", "gpt-oss:120b-cloud"), ("endpoint", "http://evil.example:11434")],
)
def test_t06_cloud_names_and_remote_endpoints_make_no_engine(settings, field, value):
    with pytest.raises(EngineNotLocalError):
        OllamaEngine(msgspec.structs.replace(settings, **{field: value}))


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("qwen3.6", "qwen3.6:latest"),
        ("Qwen3.6:27B", "qwen3.6:27b"),
        ("registry.ollama.ai/library/x:1", "x:1"),
        ("library/x", "x:latest"),
        ("hf.co/org/X-GGUF:Q4_K_M", "hf.co/org/x-gguf:q4_k_m"),
        ("host:5000/x", "host:5000/x:latest"),
    ],
)
def test_names_are_compared_as_the_server_lists_them(name, full):
    assert full_name(name) == full
