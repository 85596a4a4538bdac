"""A loopback proxy in front of the user's model server that notes what our server asks of it.

The server under measurement is the real one with its real settings, and it tells nobody what it
sends; a proxy sees it without changing it. A connection that our server closes is closed towards
the model server as well, so that cancelling means what it always means.

Ollama counts cached prompt tokens in `prompt_eval_count`; how many it really computed follows from
`prompt_eval_duration`: the slowest apparent rate of all requests is the one nearest to a cold
prompt, and the duration of the others divided by it is an estimate from above.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from fimble_cli.bench.requests import ServedRequest

if TYPE_CHECKING:
    import ssl

    import httpx

_HOP_HEADERS: Final = frozenset(
    {b"host", b"connection", b"transfer-encoding", b"content-length", b"accept-encoding"}
)
_LONGEST_HEAD: Final = 1 << 20
_FEWEST_TOKENS: Final = 64
"""Requests with fewer prompt tokens say more of overhead than of speed."""


class _UpstreamBrokenError(Exception):
    """The model server did not end its answer."""


@dataclass(slots=True, kw_only=True)
class _Recorded:
    """One generation as it went through."""

    received_at: float
    prompt: str
    max_tokens: int
    text: str = ""
    chunks: int = 0
    prompt_tokens: int = 0
    prompt_s: float = 0.0
    generated_tokens: int = 0
    first_token_at: float | None = None
    closed_at: float | None = None

    def add_all(self, lines: Sequence[bytes]) -> None:
        """Take in lines of the answer."""
        for line in lines:
            self.add(line)

    def add(self, line: bytes) -> None:
        """Take in one line of the answer."""
        try:
            chunk = json.loads(line)
        except ValueError:
            return
        if chunk.get("response"):
            self.first_token_at = self.first_token_at or time.monotonic()
            self.text += chunk["response"]
            self.chunks += 1
        if chunk.get("done"):
            self.prompt_tokens = chunk.get("prompt_eval_count", 0)
            self.prompt_s = chunk.get("prompt_eval_duration", 0) / 1e9
            self.generated_tokens = chunk.get("eval_count", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """Request line and headers."""

    method: str
    target: str
    headers: Sequence[tuple[bytes, bytes]]
    length: int


@dataclass(slots=True)
class RecordingProxy:
    """An async context manager; `url` takes the place of the model server's endpoint."""

    upstream: str
    _records: list[_Recorded] = field(default_factory=list[_Recorded])
    _server: asyncio.Server | None = None
    _certificates: ssl.SSLContext | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def __aenter__(self) -> Self:
        import httpx  # noqa: PLC0415 - half of a second that `fimble --help` need not wait for

        self._certificates = httpx.create_ssl_context(trust_env=False)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        connections = tuple(self._connections)
        for connection in connections:
            connection.cancel()
        if connections:
            await asyncio.wait(connections)

    @property
    def url(self) -> str:
        """The address to give to the server under measurement."""
        if self._server is None:
            raise RuntimeError("the proxy is not running: use it in an `async with` block")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def take_requests(self) -> list[ServedRequest]:
        """Return what was recorded since the last call."""
        records, self._records = self._records, []
        rate = _cold_rate(records)
        return [_served(record, rate) for record in records]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        early = b""
        serving = asyncio.current_task()
        if serving is not None:
            self._connections.add(serving)
            serving.add_done_callback(self._connections.discard)
        try:
            while (head := await _read_head(reader, early)) is not None:
                body = await reader.readexactly(head.length)
                early = await self._forward(head, body, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, _UpstreamBrokenError):
            pass
        except asyncio.CancelledError:
            pass  # The proxy ends; nobody waits for this but its end.
        finally:
            writer.close()

    async def _forward(
        self, head: _Head, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        """Relay one exchange; give it up as soon as the client goes away.

        Returns what had to be read of the next request to know that the client is still there.
        """
        record = self._begin(head, body)
        relaying = asyncio.create_task(self._relay(head, body, record, writer))
        watching = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({relaying, watching}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            relaying.cancel()
            watching.cancel()
            await asyncio.wait({relaying, watching})
            raise
        gone = watching.done() and not watching.result()
        if gone and not relaying.done():
            _note_closed(record)
            relaying.cancel()
            await asyncio.wait({relaying})
            raise ConnectionAbortedError
        await relaying
        if watching.done():
            return watching.result()
        watching.cancel()
        await asyncio.wait({watching})
        return b"" if watching.cancelled() else watching.result()

    def _begin(self, head: _Head, body: bytes) -> _Recorded | None:
        """Open a record if this asks for text."""
        if head.method != "POST" or head.target not in {"/api/generate", "/api/chat"}:
            return None
        fields: dict[str, Any] = json.loads(body or b"{}")
        prompt = fields.get("prompt") or json.dumps(fields.get("messages") or "")
        if not fields.get("prompt") and not fields.get("messages"):
            return None  # Loads or unloads the model.
        options: dict[str, Any] = fields.get("options") or {}
        record = _Recorded(
            received_at=time.monotonic(),
            prompt=prompt,
            max_tokens=options.get("num_predict", -1),
        )
        self._records.append(record)
        return record

    async def _relay(
        self, head: _Head, body: bytes, record: _Recorded | None, writer: asyncio.StreamWriter
    ) -> None:
        import httpx  # noqa: PLC0415 - loaded already

        headers = [it for it in head.headers if it[0].lower() not in _HOP_HEADERS]
        url = f"{self.upstream.rstrip('/')}{head.target}"
        # A client of its own for each request: httpcore leaves a connection open when the request
        # is cancelled at the moment at which the answer begins; closing the client closes it.
        client = httpx.AsyncClient(
            timeout=None,  # noqa: S113 - the server under measurement decides how long it waits
            trust_env=False,
            verify=self._certificates or False,
        )
        try:
            async with (
                client,
                client.stream(head.method, url, content=body, headers=headers) as response,
            ):
                writer.write(_status_line(response))
                rest = b""
                async for portion in response.aiter_raw():
                    writer.write(b"%x\r\n%b\r\n" % (len(portion), portion))
                    await _drain(writer, record)
                    *lines, rest = (rest + portion).split(b"\n")
                    if record is not None:
                        record.add_all(lines)
                if record is not None and rest:
                    record.add(rest)
                writer.write(b"0\r\n\r\n")
        except httpx.HTTPError as error:
            # The client must see a broken connection where the server's was broken.
            raise _UpstreamBrokenError from error


async def _read_head(reader: asyncio.StreamReader, early: bytes) -> _Head | None:
    try:
        raw = early + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    request, *lines = raw[:-4].split(b"\r\n")
    method, target, _ = request.decode("latin-1").split(" ", 2)
    headers = [(name, value.strip()) for name, _, value in (it.partition(b":") for it in lines)]
    length = next((int(value) for name, value in headers if name.lower() == b"content-length"), 0)
    return _Head(method=method, target=target, headers=headers, length=length)


async def _drain(writer: asyncio.StreamWriter, record: _Recorded | None) -> None:
    """Wait until the client has taken what was written; it may have gone away meanwhile."""
    try:
        await writer.drain()
    except ConnectionError:
        _note_closed(record)
        raise


def _note_closed(record: _Recorded | None) -> None:
    if record is not None:
        record.closed_at = time.monotonic()


def _status_line(response: httpx.Response) -> bytes:
    kind = response.headers.get("content-type", "application/json")
    return (
        f"HTTP/1.1 {response.status_code} {response.reason_phrase}\r\n"
        f"Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode("latin-1")


def _cold_rate(records: Sequence[_Recorded]) -> float:
    """Return the slowest apparent prompt evaluation in tokens a second; 0 when unknown."""
    rates = [
        it.prompt_tokens / it.prompt_s
        for it in records
        if it.prompt_tokens >= _FEWEST_TOKENS and it.prompt_s > 0
    ]
    return min(rates, default=0.0)


def _served(record: _Recorded, rate: float) -> ServedRequest:
    evaluated = (
        record.prompt_tokens if not rate else min(record.prompt_tokens, record.prompt_s * rate)
    )
    return ServedRequest(
        received_at=record.received_at,
        prompt=record.prompt,
        max_tokens=record.max_tokens,
        prompt_tokens=record.prompt_tokens,
        evaluated_tokens=evaluated,
        generated_tokens=record.generated_tokens or record.chunks,
        generated_text=record.text,
        cancelled=record.closed_at is not None,
        first_token_at=record.first_token_at,
        closed_at=record.closed_at,
    )
