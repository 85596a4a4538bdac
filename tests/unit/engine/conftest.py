"""A scripted Ollama behind httpx.MockTransport: no socket, every request kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from fimble.config.schema import OllamaSettings

MODEL = "qwen3.6:27b"
DIGEST = "a" * 64


def ndjson(*records: dict[str, Any]) -> bytes:
    """Records as Ollama streams them."""
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


class Body(httpx.AsyncByteStream):
    """A streamed body that remembers whether it was closed; callables in it are awaited."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            if isinstance(part, Exception):
                raise part
            if isinstance(part, bytes):
                yield part
            else:
                await part()

    async def aclose(self) -> None:
        self.closed = True


def streamed(*parts: Any, status: int = 200, **headers: str) -> httpx.Response:
    """An answer whose body arrives in `parts`."""
    body = Body(*parts)
    return httpx.Response(status, stream=body, headers=headers, extensions={"body": body})


DONE = {"response": "", "done": True, "done_reason": "stop", "eval_count": 2}


@dataclass
class FakeOllama:
    """Answers by path; `generate` answers are taken in turn, the last one again and again."""

    version: httpx.Response = field(
        default_factory=lambda: httpx.Response(200, json={"version": "0.33.0"})
    )
    models: list[dict[str, Any]] = field(
        default_factory=lambda: [{"name": MODEL, "model": MODEL, "digest": DIGEST}]
    )
    show: dict[str, Any] = field(
        default_factory=lambda: {
            "details": {"family": "qwen35"},
            "model_info": {"general.architecture": "qwen35", "qwen35.context_length": 262144},
            "capabilities": ["completion", "thinking"],
        }
    )
    running: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"name": MODEL, "model": MODEL, "digest": DIGEST, "context_length": 16384}
        ]
    )
    generate: list[Any] = field(
        default_factory=lambda: [
            lambda _body: streamed(ndjson({"response": "a"}, {"response": "b"}, DONE))
        ]
    )
    show_reply: httpx.Response | None = None
    load: Any = None
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[httpx.Headers] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        """Answer with a body that is still to be read, as one from a socket is."""
        response = await self._handle(request)
        if isinstance(response.stream, Body):
            return response
        headers = {key: response.headers[key] for key in ("location",) if key in response.headers}
        return httpx.Response(response.status_code, stream=Body(response.content), headers=headers)

    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def sent(self, path: str = "/api/generate") -> list[dict[str, Any]]:
        """Bodies posted to `path`."""
        return [body for asked, body in self.requests if asked == path]

    def prompts(self) -> list[dict[str, Any]]:
        """Bodies of generations, loads left out."""
        return [body for body in self.sent() if "prompt" in body]

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        self.requests.append((request.url.path, body))
        self.headers.append(request.headers)
        path = request.url.path
        if path == "/api/generate":
            return await self._generate(body)
        if path == "/api/version":
            return self.version
        if path == "/api/show" and self.show_reply is not None:
            return self.show_reply
        answers = {"/api/tags": {"models": self.models}, "/api/ps": {"models": self.running}}
        return httpx.Response(200, json=answers.get(path, self.show))

    async def _generate(self, body: dict[str, Any]) -> httpx.Response:
        if "prompt" not in body:
            if self.load is not None:
                return await self.load(body)
            return httpx.Response(200, json={"done": True, "done_reason": "load"})
        reply = self.generate.pop(0) if len(self.generate) > 1 else self.generate[0]
        if isinstance(reply, Exception):
            raise reply
        return reply(body) if callable(reply) else reply


@pytest.fixture
def fake() -> FakeOllama:
    return FakeOllama()


@pytest.fixture
def settings() -> OllamaSettings:
    return OllamaSettings(model=MODEL)


@pytest.fixture
def body_of():
    """Make an answer whose body arrives in parts: bytes, awaited callables, raised exceptions."""
    return streamed
