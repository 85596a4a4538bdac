"""Listing and pulling models through the `ollama` package, tamed."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import httpx
import pytest

from fimble.engine.ollama import administration as module
from fimble.engine.ollama.administration import OllamaAdministration, PullProgress
from fimble.errors import (
    EngineError,
    EngineFailed,
    EngineNotLocalError,
    EngineProtocolError,
    EngineRejected,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    ModelMissing,
)


class Server:
    """Answers every request with one scripted reply and keeps the requests."""

    def __init__(self, reply) -> None:
        self.reply = reply
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.fixture
def administration(settings):
    """Make an administration whose server gives one reply."""

    def make(reply) -> OllamaAdministration:
        return OllamaAdministration(settings, transport=httpx.MockTransport(Server(reply)))

    return make


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


async def pulled(administration: OllamaAdministration, model: str = "m") -> list[PullProgress]:
    async with aclosing(administration.pull(model)) as steps:
        return [step async for step in steps]


async def test_installed_models_are_our_own_values(administration):
    reply = httpx.Response(
        200,
        json={
            "models": [
                {
                    "model": "qwen3.6:27b",
                    "digest": "abc",
                    "size": 17_000_000_000,
                    "modified_at": "2026-08-21T18:48:22Z",
                    "details": {
                        "family": "qwen35",
                        "parameter_size": "27.8B",
                        "quantization_level": "Q4_K_M",
                    },
                },
                {},
            ]
        },
    )
    async with administration(reply) as models:
        first, bare = await models.list_models()

    assert (first.name, first.digest, first.size_bytes) == ("qwen3.6:27b", "abc", 17_000_000_000)
    assert (first.family, first.parameter_size, first.quantization) == (
        "qwen35",
        "27.8B",
        "Q4_K_M",
    )
    assert (bare.name, bare.size_bytes, bare.family, bare.modified_at) == ("", 0, "", None)


async def test_running_models_tell_memory_and_context(administration):
    reply = httpx.Response(
        200,
        json={"models": [{"name": "m", "size": 10, "size_vram": 4, "context_length": 16384}]},
    )
    async with administration(reply) as models:
        (running,) = await models.running_models()

    assert (running.name, running.size_bytes, running.vram_bytes) == ("m", 10, 4)
    assert running.context_tokens == 16384


async def test_a_download_is_told_step_by_step(administration):
    reply = httpx.Response(
        200,
        content=lines(
            {"status": "pulling manifest"},
            {"status": "pulling abc", "digest": "sha256:abc", "total": 10, "completed": 5},
            {"status": "success"},
        ),
    )
    async with administration(reply) as models:
        steps = await pulled(models)

    assert [step.status for step in steps] == ["pulling manifest", "pulling abc", "success"]
    assert (steps[1].digest, steps[1].completed_bytes, steps[1].total_bytes) == (
        "sha256:abc",
        5,
        10,
    )


async def test_f06_a_download_without_success_is_truncated(administration):
    async with administration(
        httpx.Response(200, content=lines({"status": "pulling manifest"}))
    ) as models:
        with pytest.raises(EngineTruncated, match="pulling manifest"):
            await pulled(models)


async def test_a_cloud_model_is_not_pulled(administration):
    async with administration(httpx.Response(200)) as models:
        with pytest.raises(EngineNotLocalError):
            await pulled(models, "gpt-oss:120b-cloud")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.ConnectError("refused"), EngineUnavailable),
        (httpx.ConnectTimeout(""), EngineTimeout),
        (httpx.ReadTimeout(""), EngineTimeout),
        (httpx.RemoteProtocolError("peer closed connection"), EngineTruncated),
        (
            httpx.Response(404, json={"error": "pull model manifest: file does not exist"}),
            ModelMissing,
        ),
        (httpx.Response(500, json={"error": "disk full"}), EngineFailed),
        (httpx.Response(307, headers={"location": "http://evil.example"}), EngineRejected),
        (httpx.Response(200, text="<html>"), EngineProtocolError),
        (httpx.Response(200, text="[1]"), EngineProtocolError),
        (httpx.Response(200, text="null"), EngineProtocolError),
        (httpx.Response(200, text='{"status": 5, "models": 5}'), EngineProtocolError),
        (httpx.Response(200, content=b'{"models": "\xff"}'), EngineError),
        (httpx.Response(200, content=b""), EngineError),
    ],
    ids=repr,
)
async def test_every_trouble_is_one_of_our_errors(settings, reply, error):
    for ask in (
        lambda models: models.list_models(),
        lambda models: models.running_models(),
        pulled,
    ):
        transport = httpx.MockTransport(Server(reply))
        async with OllamaAdministration(settings, transport=transport) as models:
            with pytest.raises(error):
                await ask(models)


async def test_an_error_line_inside_a_download_is_a_failure(administration):
    async with administration(
        httpx.Response(200, content=lines({"status": "pulling"}, {"error": "digest mismatch"}))
    ) as models:
        with pytest.raises(EngineFailed, match="digest mismatch"):
            await pulled(models)


async def test_t09_a_line_without_end_is_cut_off(administration, body_of):
    async with administration(body_of(*[b"a" * (1 << 20)] * 40)) as models:
        with pytest.raises(EngineProtocolError, match="line"):
            await pulled(models)


async def test_t09_a_compressed_answer_is_refused(administration, body_of):
    async with administration(body_of(b"\x1f\x8b", **{"content-encoding": "gzip"})) as models:
        with pytest.raises(EngineProtocolError, match="compressed"):
            await models.list_models()


async def test_f03_a_question_without_an_answer_ends(administration, body_of, monkeypatch):
    monkeypatch.setattr(module, "QUERY_DEADLINE_S", 0.02)
    never = asyncio.Event()
    async with administration(body_of(never.wait)) as models:
        with pytest.raises(EngineTimeout):
            await models.list_models()


async def test_leaving_a_download_closes_its_response(administration, body_of):
    never = asyncio.Event()
    reply = body_of(lines({"status": "pulling manifest"}), never.wait)
    async with administration(reply) as models:
        steps = models.pull("m")
        assert (await anext(steps)).status == "pulling manifest"
        await steps.aclose()

    assert reply.extensions["body"].closed


async def test_t06_nothing_is_taken_from_the_environment(settings, monkeypatch):
    monkeypatch.setenv("OLLAMA_HOST", "http://evil.example:1")
    monkeypatch.setenv("OLLAMA_API_KEY", "secret-key")
    server = Server(httpx.Response(200, json={"models": []}))
    async with OllamaAdministration(settings, transport=httpx.MockTransport(server)) as models:
        await models.list_models()

    (sent,) = server.requests
    assert sent.url.host == "127.0.0.1"
    assert "authorization" not in sent.headers
    assert b"secret-key" not in repr(sent.headers.raw).encode()
