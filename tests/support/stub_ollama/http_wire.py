"""A hand-written HTTP/1.1 server side: every byte, frame and way of closing is ours to choose.

Web frameworks hide what a stub of a faulty server needs: chunk borders, half-closed sockets,
connection resets, a stream that stops in the middle of a chunk. So this module reads requests
(with a Content-Length or chunked) and writes exactly what it is told to.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Literal

MAX_HEADER_BYTES = 64 * 1024


Ending = Literal["done", "error", "fault"]
"""How an answer ends: as asked, refused, or by an injected fault."""


class ClientClosedError(Exception):
    """The client closed its side; nothing more can be written to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request, read completely."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    received_at: float
    """`time.monotonic()` when its last byte was here."""


class Connection:
    """One client connection: requests in, raw bytes and chunks out, and news of its closing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._pending = bytearray()
        self.closed_by_client = asyncio.Event()
        self.started = False
        """Whether a status line went out for the current request."""
        self.on_ending: Callable[[Ending], None] = _ignore
        """Called before the last bytes of an answer go out, so that nobody who has read them
        finds the journal behind."""

    async def read_request(self) -> HttpRequest | None:
        """The next request, or None when the client is done or talks nonsense."""
        self.started = False
        self.on_ending = _ignore
        head = await self._read_until(b"\r\n\r\n")
        if head is None:
            return None
        request_line, *header_lines = head.decode("latin-1").split("\r\n")
        parts = request_line.split(" ")
        if len(parts) != 3:
            return None
        headers = dict(_split_header(line) for line in header_lines if line)
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = await self._read_chunked()
        else:
            body = await self._read_exactly(int(headers.get("content-length", "0") or 0))
        if body is None:
            return None
        path = parts[1].split("?", 1)[0]
        return HttpRequest(
            method=parts[0],
            path=path,
            headers=headers,
            body=body,
            received_at=time.monotonic(),
        )

    async def watch(self) -> None:
        """Set `closed_by_client` when the client closes; early next requests are kept.

        A half-close counts as a close: Go cancels a request's context when it reads EOF.
        """
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(65536):
                self._pending += data
        self.closed_by_client.set()

    async def send(self, data: bytes) -> None:
        """Write raw bytes now; raises `ClientClosedError`."""
        if self.closed_by_client.is_set() or self._writer.is_closing():
            raise ClientClosedError
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (ConnectionError, RuntimeError) as error:
            self.closed_by_client.set()
            raise ClientClosedError from error

    async def send_response(
        self,
        status: int,
        body: bytes,
        content_type: str,
        extra: Mapping[str, str] | None = None,
        *,
        head_only: bool = False,
    ) -> None:
        """A whole answer with its length, as ``gin`` sends short JSON bodies."""
        self.on_ending("done")
        headers = {"Content-Type": content_type, **(extra or {}), "Content-Length": str(len(body))}
        await self.send(response_head(status, headers) + (b"" if head_only else body))
        self.started = True

    async def start_stream(self, status: int, content_type: str) -> None:
        """Headers of an answer of unknown length; continue with `send_chunk`."""
        headers = {"Content-Type": content_type, "Transfer-Encoding": "chunked"}
        await self.send(response_head(status, headers))
        self.started = True

    async def send_chunk(self, data: bytes) -> None:
        """One chunk; an empty one would end the stream, so it is skipped."""
        if data:
            await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def end_stream(self) -> None:
        """The last chunk: a clean end."""
        self.on_ending("done")
        await self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        """Close with an RST: the client's next read fails, data in flight is lost."""
        sock = self._writer.get_extra_info("socket")
        if sock is not None and not self._writer.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close in the ordinary way (FIN)."""
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _read_until(self, mark: bytes) -> bytes | None:
        while (end := self._pending.find(mark)) < 0:
            if len(self._pending) > MAX_HEADER_BYTES or not await self._fill():
                return None
        head = bytes(self._pending[:end])
        del self._pending[: end + len(mark)]
        return head

    async def _read_exactly(self, size: int) -> bytes | None:
        while len(self._pending) < size:
            if not await self._fill():
                return None
        body = bytes(self._pending[:size])
        del self._pending[:size]
        return body

    async def _read_chunked(self) -> bytes | None:
        body = bytearray()
        while True:
            line = await self._read_until(b"\r\n")
            if line is None:
                return None
            size = int(line.split(b";")[0], 16)
            data = await self._read_exactly(size + 2)
            if data is None:
                return None
            if size == 0:
                return bytes(body)
            body += data[:-2]

    async def _fill(self) -> bool:
        try:
            data = await self._reader.read(65536)
        except ConnectionError:
            data = b""
        self._pending += data
        return bool(data)


def response_head(status: int, headers: Mapping[str, str]) -> bytes:
    """A status line and headers, with the date and without `Server`, as Go writes them."""
    reason = "status code 499" if status == 499 else HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Date: {formatdate(usegmt=True)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _ignore(_ending: Ending) -> None:
    """Nobody wants to know yet."""


def _split_header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
