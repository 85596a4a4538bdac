"""The proxy changes nothing, notes every generation, and passes a closed connection on."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from fimble_cli.bench.recording_proxy import RecordingProxy
from support.stub_ollama import Script, StubModel, StubOllama, Timing, fixed

BODY = {
    "model": "qwen3.6:27b",
    "prompt": "def area(w, h):\n    return ",
    "raw": True,
    "options": {"num_predict": 8, "num_ctx": 4096},
}


def stub(**timing) -> StubOllama:
    return StubOllama(Script(answer=fixed("w * h"), timing=Timing(**timing), models=(StubModel(),)))


async def test_answers_arrive_as_the_model_server_sent_them():
    with stub() as server:
        async with (
            RecordingProxy(server.url) as proxy,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            direct = await client.post(f"{server.url}/api/generate", json=BODY)
            through = await client.post(f"{proxy.url}/api/generate", json=BODY)
            refused = await client.post(f"{proxy.url}/api/generate", json={"model": "absent"})

    assert [it["response"] for it in map(httpx.Response.json, _lines(through))] == [
        it["response"] for it in map(httpx.Response.json, _lines(direct))
    ]
    assert refused.status_code == 404


def _lines(response: httpx.Response) -> list[httpx.Response]:
    return [httpx.Response(200, content=line) for line in response.content.splitlines()]


async def test_generations_are_noted_and_administration_is_not():
    with stub() as server:
        async with (
            RecordingProxy(server.url) as proxy,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            await client.get(f"{proxy.url}/api/tags")
            await client.post(f"{proxy.url}/api/generate", json={"model": "qwen3.6:27b"})
            await client.post(f"{proxy.url}/api/generate", json=BODY)
            [request] = proxy.take_requests()
            again = proxy.take_requests()

    assert request.prompt == BODY["prompt"]
    assert request.max_tokens == 8
    assert request.generated_text == "w * h"
    assert not request.cancelled
    assert again == []


@pytest.mark.parametrize("base_s", [0.0, 5.0], ids=["while it speaks", "before it speaks"])
async def test_a_closed_connection_is_closed_towards_the_model_server(base_s):
    with stub(base_s=base_s, per_generated_token_s=5.0) as server:
        async with RecordingProxy(server.url) as proxy:
            reader, writer = await _post(proxy.url, BODY)
            await server.wait_for(lambda _: server.generations)
            if not base_s:
                await reader.readuntil(b'"response"')
            writer.close()
            await writer.wait_closed()
            record = server.generations[0]
            await server.wait_for(lambda _: record.closed_by_client_at)
            [request] = proxy.take_requests()

    assert request.cancelled
    assert request.closed_at is not None


async def _post(url: str, body: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request over a connection that this test closes by itself.

    httpx leaves one open when it is cancelled at the moment at which the answer begins.
    """
    address = httpx.URL(url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    content = json.dumps(body).encode()
    head = f"POST /api/generate HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    writer.write(head.encode() + content)
    return reader, writer


async def test_what_was_cached_follows_from_the_time_it_took():
    """The second prompt is the first again: nothing of it has to be evaluated but four tokens."""
    long = BODY | {"prompt": "value = compute(width, height)\n" * 40}
    with stub(per_prompt_token_s=0.0005) as server:
        async with (
            RecordingProxy(server.url) as proxy,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            for _ in range(2):
                await client.post(f"{proxy.url}/api/generate", json=long)
            cold, warm = proxy.take_requests()
        truth = [it.evaluated_tokens for it in server.generations]

    assert cold.evaluated_tokens == pytest.approx(truth[0], rel=0.01)
    assert warm.evaluated_tokens == pytest.approx(truth[1], abs=2)
