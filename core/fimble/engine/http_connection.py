"""The HTTP side of a model server: one transport, bounded answers, nothing from the environment.

Requests go straight to httpx's transport. `httpx.AsyncClient` adds what a completion must not have
(threats T6 and T9: a proxy variable diverts even requests to 127.0.0.1, a redirect sends the prompt
to another host, netrc and cookies say who asks), and a quarter of the time to the first byte.
Compressed answers are refused, as they can be bombs.

The transport is made on first use, and httpx is imported then: both cost tens of milliseconds that
a language server's start-up cannot spare.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeVar

import msgspec

from fimble.engine.deadlines import Deadlines
from fimble.engine.error_border import ErrorBorder, error_text
from fimble.engine.http_library import ensure_imported
from fimble.engine.retrying import retry_after_s
from fimble.errors import EngineBusy, EngineUnavailable, FimbleError

if TYPE_CHECKING:
    import ssl

    import httpx

    from fimble.policy.endpoint import Endpoint

Answer = TypeVar("Answer")

MAX_ANSWER_BYTES = 8 << 20
"""Bytes of one generation's stream or of one plain answer; both stay far below."""
MAX_ERROR_BYTES = 64 << 10
QUERY_DEADLINE_S = 10.0
"""For questions that a server answers from memory."""

_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "fimble"}
_HEADERS_OF_JSON = {**_HEADERS, "Content-Type": "application/json"}
_REMOTE_HINT = "Look at the network and the server."
_MAX_CONNECTIONS = 16
_KEEPALIVE_EXPIRY_S = 300.0
"""Longer than httpx's 5 s: opening a connection costs more than a warm request."""


class _ConnectionTrace:
    """Learns from httpcore's trace whether a request went over a kept-alive connection.

    Each failure takes one connection out of the pool, so trying again ends with a fresh one.
    """

    def __init__(self) -> None:
        self._sent = False
        self._opened = False

    async def __call__(self, event: str, _info: object) -> None:
        """Take one event (encode/httpcore:docs/extensions.md, "trace")."""
        self._opened = self._opened or event.startswith("connection.connect")
        self._sent = self._sent or event.startswith("http11.send_request")

    @property
    def reused(self) -> bool:
        """Whether bytes were sent over a connection that was open before."""
        return self._sent and not self._opened


async def _uninterrupted(closing: Coroutine[None, None, None]) -> None:
    """Let a connection close to its end, also when the task is cancelled meanwhile.

    A close that is cut short leaves the connection open, and with it the model's only slot taken.
    """
    task = asyncio.create_task(closing)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """Who is talked to, as errors name it and as requests introduce us."""

    engine: str
    """Name of the engine, such as "ollama"."""
    title: str
    """The server's name in sentences, such as "Ollama"."""
    start_hint: str
    """What to do when nobody answers on this machine."""
    connect_timeout_s: float
    silence_timeout_s: float
    from_status: Callable[[int, str], FimbleError]
    """Makes the error of an HTTP status and the text that came with it."""
    headers: Callable[[], Awaitable[Mapping[str, str]]] | None = None
    """More headers of each request, asked for when it is sent; never logged."""
    tls: Callable[[], ssl.SSLContext] | None = None
    """Makes what certificates are checked with; None takes the default authorities."""


class HttpConnection:
    """Requests to one endpoint; every failure is one of `fimble.errors`."""

    def __init__(
        self,
        identity: ServerIdentity,
        endpoint: Endpoint,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._identity = identity
        self._endpoint = endpoint
        self._transport = transport
        self._wire: httpx.AsyncBaseTransport | None = None
        self._closed = False
        connect_s = identity.connect_timeout_s
        # Only httpx knows when a connection stands; all other deadlines are ours.
        self._timeout = {"connect": connect_s, "pool": connect_s, "read": None, "write": None}
        self.border = ErrorBorder(
            engine=identity.engine,
            title=identity.title,
            endpoint=endpoint.base_url,
            connect_timeout_s=connect_s,
            silence_timeout_s=identity.silence_timeout_s,
            start_hint=identity.start_hint if endpoint.local else _REMOTE_HINT,
            from_status=identity.from_status,
        )

    @property
    def base_url(self) -> str:
        """Where requests go."""
        return self._endpoint.base_url

    def status_error(self, status: int, text: str) -> FimbleError:
        """Return the error for `status` at this endpoint."""
        return self._identity.from_status(status, text)

    def deadlines(self, total_s: float) -> Deadlines:
        """Start the clock of one request."""
        return Deadlines(title=self._identity.title, engine=self._identity.engine, total_s=total_s)

    async def get(self, path: str, answer_type: type[Answer]) -> Answer:
        """Ask a question that the server answers from memory."""
        return await self.ask(path, None, answer_type)

    async def ask(
        self,
        path: str,
        body: bytes | None,
        answer_type: type[Answer],
        *,
        deadline_s: float = QUERY_DEADLINE_S,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Answer:
        """Post `body` (JSON), or get without one, and decode the one answer."""
        with self.border:
            answer = await self.deadlines(deadline_s).wait(
                self._exchange(path, body, max_bytes), stage="total", seconds=deadline_s
            )
            return msgspec.json.decode(answer, type=answer_type)

    async def _exchange(self, path: str, body: bytes | None, max_bytes: int) -> bytes:
        async with self.opened(await self.send(path, body)) as response:
            answer = await self._read_head(response, max_bytes + 1)
        if len(answer) > max_bytes:
            raise self.border.protocol_error(f"an answer is longer than {max_bytes} bytes")
        return answer

    async def send(self, path: str, body: bytes | None) -> httpx.Response:
        """Send a request and return its open response, which `opened` then holds and closes.

        Cancelling the call closes the connection, also before the headers have come. A request
        that fails on a kept-alive connection before any answer is sent again on another one: the
        server may have closed it at the same moment (RFC 9112, 9.3.1), as after a suspend.
        """
        wire = await self._transport_made()
        import httpx  # noqa: PLC0415 (see the module's docstring)

        own = self._identity.headers
        headers: Mapping[str, str] = {} if own is None else await own()
        while True:
            trace = _ConnectionTrace()
            request = httpx.Request(
                "GET" if body is None else "POST",
                self._endpoint.base_url + path,
                content=body,
                headers={**(_HEADERS if body is None else _HEADERS_OF_JSON), **headers},
                extensions={"trace": trace, "timeout": self._timeout},
            )
            try:
                return await wire.handle_async_request(request)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                if not trace.reused:
                    raise

    @asynccontextmanager
    async def opened(self, response: httpx.Response) -> AsyncGenerator[httpx.Response]:
        """Hold a response open; an error status or a compressed body is raised as an error."""
        try:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise self.border.protocol_error(
                    "the answer is compressed, which was not asked for"
                )
            if response.status_code != 200:  # noqa: PLR2004 (the one status of success)
                body = await self.deadlines(QUERY_DEADLINE_S).wait(
                    self._read_head(response, MAX_ERROR_BYTES),
                    stage="total",
                    seconds=QUERY_DEADLINE_S,
                )
                self._refuse(response, error_text(body))
            yield response
        finally:
            await _uninterrupted(response.aclose())

    def _refuse(self, response: httpx.Response, text: str) -> NoReturn:
        error = self.status_error(response.status_code, text)
        if isinstance(error, EngineBusy):
            error.retry_after_s = retry_after_s(response.headers.get("retry-after", ""))
        raise error

    async def _read_head(self, response: httpx.Response, limit: int) -> bytes:
        """Read the body until it ends or `limit` bytes are there."""
        body = bytearray()
        chunks: AsyncGenerator[bytes] = response.aiter_raw()  # pyright: ignore[reportAssignmentType]
        async for chunk in chunks:
            body += chunk
            if len(body) >= limit:
                break
        await chunks.aclose()
        return bytes(body[:limit])

    async def _transport_made(self) -> httpx.AsyncBaseTransport:
        """Return the transport, made on first use."""
        if self._closed:
            raise EngineUnavailable(
                f"The connection to {self._identity.title} has been closed.",
                engine=self._identity.engine,
            )
        await ensure_imported()
        if self._wire is None:
            self._wire = self._transport or self._make_transport()
        return self._wire

    def _make_transport(self) -> httpx.AsyncBaseTransport:
        import httpx  # noqa: PLC0415 (see the module's docstring)

        tls = self._identity.tls if self._endpoint.encrypted else None
        return httpx.AsyncHTTPTransport(
            # Loading the certificate store takes 20 ms, for nothing without TLS.
            verify=self._endpoint.encrypted if tls is None else tls(),
            trust_env=False,
            limits=httpx.Limits(
                max_connections=_MAX_CONNECTIONS,
                max_keepalive_connections=_MAX_CONNECTIONS,
                keepalive_expiry=_KEEPALIVE_EXPIRY_S,
            ),
        )

    async def aclose(self) -> None:
        """Close every connection; later requests fail with `EngineUnavailable`."""
        self._closed = True
        wire, self._wire = self._wire, None
        if wire is not None:
            with self.border:
                await wire.aclose()
