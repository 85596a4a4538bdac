"""The OpenAI engine against a real llama-server and through a real LiteLLM proxy.

Skipped unless the environment names them (docs/model-servers.md has the lines):

* `FIMBLE_TEST_OPENAI`, `FIMBLE_TEST_OPENAI_MODEL`: a server that runs, and its model;
* or `FIMBLE_TEST_LLAMA_SERVER`, `FIMBLE_TEST_GGUF`: a program and a small model, started here;
* `FIMBLE_TEST_LITELLM`: the command `litellm` of an environment of its own. It is no dependency
  group of this project: its proxy brings some 80 packages with narrow pins into everybody's lock.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import aclosing, contextmanager

import pytest

from fimble.chat.messages import ChatMessage, ChatRole
from fimble.config.schema import OpenAISettings
from fimble.engine.chat_protocol import ChatRequest
from fimble.engine.openai.client import OpenAIEngine
from fimble.engine.protocol import GenerateRequest, GenerationStatistics
from fimble.errors import ModelMissing, PromptTooLong
from support.stub_ollama import fixed
from support.stub_openai import ServedModel, StubOpenAI

pytestmark = [pytest.mark.openai, pytest.mark.timeout(400)]

PATIENCE_S = 180
ENV = os.environ


def free_port() -> int:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return reserved.getsockname()[1]


def asked(url: str, key: str = ""):
    """The JSON that a GET answers with; None while nobody does."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except OSError:
        return None


def until(look):
    """What `look` returns once it is something: a program of others has no event to await."""
    ends_at = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < ends_at, "it did not come up"
        time.sleep(0.2)
    return found


@contextmanager
def running(command, **environment):
    process = subprocess.Popen(
        command,
        env={**ENV, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def server():
    """Address and model of a real server."""
    if ENV.get("FIMBLE_TEST_OPENAI"):
        yield ENV["FIMBLE_TEST_OPENAI"], ENV["FIMBLE_TEST_OPENAI_MODEL"]
        return
    program, model = ENV.get("FIMBLE_TEST_LLAMA_SERVER"), ENV.get("FIMBLE_TEST_GGUF")
    if not program or not model:
        pytest.skip("name a server in FIMBLE_TEST_OPENAI, or FIMBLE_TEST_LLAMA_SERVER and _GGUF")
    url = f"http://127.0.0.1:{free_port()}"
    options = ["--alias", "qwen2.5-coder", "-np", "2", "-c", "8192", "-t", "1", "--no-webui"]
    address = ["--host", "127.0.0.1", "--port", url.rpartition(":")[2]]
    with running([program, "-m", model, *options, *address]):
        until(lambda: asked(f"{url}/v1/models"))
        yield url, "qwen2.5-coder"


@pytest.fixture
async def engine(server):
    url, model = server
    made = OpenAIEngine(OpenAISettings(endpoint=url, model=model, num_ctx=100_000))
    yield made
    await made.aclose()


async def told(stream):
    """The text and the statistics of an answer that ended well."""
    text, statistics = "", None
    async with aclosing(stream) as events:
        async for event in events:
            if isinstance(event, GenerationStatistics):
                statistics = event
            else:
                text += event.text
    assert statistics is not None
    return text, statistics


def request(prompt="def add(a, b):\n    ", **fields):
    return GenerateRequest(prompt=prompt, **{"max_tokens": 16, **fields})


async def test_health_knows_the_model_and_its_window(engine):
    health = await engine.health()

    assert (health.state, health.message) == ("ready", "")
    assert health.context_tokens


async def test_a_raw_completion_has_text_counts_and_log_probabilities(engine):
    async with aclosing(engine.generate(request(logprobs=True))) as events:
        *chunks, statistics = [event async for event in events]

    assert "".join(chunk.text for chunk in chunks)
    assert all(value <= 0 for chunk in chunks for value in chunk.logprobs)
    assert any(chunk.logprobs for chunk in chunks)
    assert statistics.prompt_tokens > 3
    assert 0 < statistics.generated_tokens <= 16
    assert statistics.total_s >= statistics.eval_s > 0


async def test_the_same_prompt_has_the_same_answer(engine):
    assert (await told(engine.generate(request())))[0] == (await told(engine.generate(request())))[
        0
    ]


async def test_a_chat_answers(engine):
    messages = (ChatMessage(ChatRole.USER, "Say something."),)

    text, statistics = await told(engine.chat(ChatRequest(messages=messages, max_tokens=12)))

    assert text
    assert statistics.generated_tokens <= 12


async def test_f08_closing_a_stream_frees_the_slot_for_the_next(engine):
    for _ in range(4):
        events = engine.generate(request(max_tokens=3000))
        await anext(events)
        await events.aclose()

    assert (await told(engine.generate(request(max_tokens=2))))[0]


async def test_two_are_answered_at_once(engine):
    both = await asyncio.gather(*(told(engine.generate(request(f"x{n} = "))) for n in range(2)))

    assert all(text for text, _ in both)


async def test_a_prompt_over_the_window_is_an_error(engine):
    with pytest.raises(PromptTooLong):
        await told(engine.generate(request("x = 1\n" * 60_000)))


async def test_a_model_that_is_not_there_is_named(server):
    async with aclosing(OpenAIEngine(OpenAISettings(endpoint=server[0], model="none"))) as engine:
        with pytest.raises(ModelMissing, match="it has: "):
            await told(engine.generate(request()))


def gateway_settings(*servers: StubOpenAI) -> str:
    """LiteLLM's configuration, as docs/model-servers.md has it."""
    models = "".join(
        "  - model_name: qwen2.5-coder\n"
        "    litellm_params:\n"
        "      model: text-completion-openai/qwen2.5-coder\n"
        f"      api_base: {server.url}/v1\n"
        "      api_key: none\n"
        "    model_info: {mode: completion}\n"
        for server in servers
    )
    return (
        f"model_list:\n{models}router_settings: {{num_retries: 2}}\n"
        "general_settings:\n  master_key: sk-front\n  background_health_checks: true\n"
        "  health_check_interval: 1\n  enable_health_check_routing: true\n"
    )


async def test_litellm_shares_requests_out_and_leaves_a_dead_server_out(tmp_path, monkeypatch):
    command = ENV.get("FIMBLE_TEST_LITELLM")
    if not command:
        pytest.skip("name the command litellm in FIMBLE_TEST_LITELLM")
    monkeypatch.setenv("FRONT_KEY", "sk-front")
    url = f"http://127.0.0.1:{free_port()}"
    first, second = (StubOpenAI(ServedModel(answer=fixed(f"return {n}\n"))) for n in (1, 2))
    with first, second:
        config = tmp_path / "litellm.yaml"
        config.write_text(gateway_settings(first, second))
        options = ["--config", str(config), "--host", "127.0.0.1", "--port", url.rpartition(":")[2]]
        with running([command, *options], LITELLM_LOCAL_MODEL_COST_MAP="True"):

            def counted(key):
                return (asked(f"{url}/health", "sk-front") or {}).get(key)

            await asyncio.to_thread(until, lambda: counted("healthy_count") == 2)
            settings = OpenAISettings(
                endpoint=url, model="qwen2.5-coder", api_key_env="FRONT_KEY", dialect="vllm"
            )
            async with aclosing(OpenAIEngine(settings)) as engine:
                shared = Counter([(await told(engine.generate(request())))[0] for _ in range(30)])
                with first.down():
                    await asyncio.to_thread(until, lambda: counted("unhealthy_count") == 1)
                    alone = Counter(
                        [(await told(engine.generate(request())))[0] for _ in range(10)]
                    )

        sent = [one for one in second.generations if one.body.get("stream")]
        assert set(shared) == {"return 1\n", "return 2\n"}
        assert min(shared.values()) >= 3
        assert alone == {"return 2\n": 10}
        assert sent[-1].body["skip_special_tokens"] is False
