"""The `ollama` package's client with everything implicit turned off, and its answers bounded.

Left alone, it has no timeouts, follows redirects, obeys proxy variables even for 127.0.0.1, takes
its host from OLLAMA_HOST, sends OLLAMA_API_KEY along and buffers a line without end (threats T6
and T9). Importing this module imports httpx and ollama: do it late.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import httpx
import ollama

from fimble.engine.http_connection import MAX_ANSWER_BYTES, QUERY_DEADLINE_S
from fimble.engine.ollama.status import ENGINE
from fimble.errors import EngineProtocolError
from fimble.policy.endpoint import Endpoint


class _BoundedLines(httpx.AsyncByteStream):
    """A body that fails when no line ends within `MAX_ANSWER_BYTES`."""

    def __init__(self, body: httpx.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        unended = 0
        async for chunk in self._body:
            last = chunk.rfind(b"\n")
            unended = unended + len(chunk) if last < 0 else len(chunk) - last - 1
            if unended > MAX_ANSWER_BYTES:
                raise _excess(f"a line of more than {MAX_ANSWER_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


def _excess(what: str) -> EngineProtocolError:
    return EngineProtocolError(f"Ollama sent {what}.", offset=0, engine=ENGINE)


async def _bound(response: httpx.Response) -> None:
    """Refuse a compressed body and bound any other (an httpx response hook)."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise _excess("a compressed answer, which was not asked for")
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = _BoundedLines(response.stream)


def _without_key(request: httpx.Request) -> httpx.Request:
    """Take out the bearer that the package adds from OLLAMA_API_KEY (an httpx auth callable)."""
    request.headers.pop("authorization", None)
    return request


def make_client(
    endpoint: Endpoint,
    *,
    connect_timeout_s: float,
    silence_timeout_s: float,
    transport: httpx.AsyncBaseTransport | None,
) -> ollama.AsyncClient:
    """Return a client for `endpoint` that inherits nothing and waits for nothing without end."""
    return ollama.AsyncClient(
        host=endpoint.base_url,
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
        verify=endpoint.encrypted,
        timeout=httpx.Timeout(QUERY_DEADLINE_S, connect=connect_timeout_s, read=silence_timeout_s),
        auth=_without_key,
        event_hooks={"response": [_bound]},
        transport=transport,
    )


async def pull_steps(
    client: ollama.AsyncClient, model: str
) -> AsyncGenerator[ollama.ProgressResponse]:
    """Yield the steps of a download; closing the generator closes the connection.

    The package's own iterator has no `aclose` in its type, and leaving it by `break` closes
    nothing.
    """
    steps = await client.pull(model, stream=True)
    try:
        async for step in steps:
            yield step
    finally:
        if isinstance(steps, AsyncGenerator):
            await steps.aclose()
