"""Standard input and output as the protocol's only transport; there is no port to reach.

The descriptors are taken away from everybody else: a stray `print` or a C library that writes to
descriptor 1 ends up on stderr instead of inside a message, and a child process cannot read the
editor's bytes.
"""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections import deque
from typing import Final

_PORTION_BYTES: Final = 65536

_SURE_BYTES: Final = 4096
"""What a pipe that is ready takes without blocking (POSIX guarantees PIPE_BUF >= 512; Linux,
macOS and the BSDs hand out whole pages)."""


def claim_standard_streams() -> tuple[int, int]:
    """Move stdin and stdout to descriptors of their own and return these.

    Descriptor 0 then reads nothing, and what is written to descriptor 1 goes to stderr.
    """
    stdin, stdout = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on this system only

        for descriptor in (stdin, stdout):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return stdin, stdout


async def open_input(descriptor: int) -> asyncio.StreamReader:
    """Return a reader of `descriptor`: a pipe, socket or terminal, else through a thread.

    A pipe read on the loop costs half of what an executor per line costs, and cannot be starved
    by busy workers, as the reader of pygls can.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_PORTION_BYTES)
    try:
        pipe = os.fdopen(descriptor, "rb", buffering=0, closefd=False)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    except (ValueError, NotImplementedError, OSError):
        # Regular files are refused on POSIX, anonymous pipes on Windows.
        threading.Thread(
            target=_read_in_thread, args=(descriptor, reader, loop), name="stdin", daemon=True
        ).start()
    return reader


def _read_in_thread(
    descriptor: int, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop
) -> None:
    while True:
        try:
            portion = os.read(descriptor, _PORTION_BYTES)
        except OSError:
            portion = b""
        try:
            if not portion:
                loop.call_soon_threadsafe(reader.feed_eof)
                return
            loop.call_soon_threadsafe(reader.feed_data, portion)
        except RuntimeError:
            return  # The loop is closed: nobody listens any more.


class OutputWriter:
    """Writes messages in order and never makes the event loop wait for a slow client.

    What the descriptor takes at once is written at once; the rest goes through a thread, so that
    a client that has stopped reading still gets its cancellations obeyed.
    """

    def __init__(self, descriptor: int, *, patience_s: float) -> None:
        """Write to `descriptor`; `close` waits `patience_s` seconds for what is unsent."""
        self._descriptor = descriptor
        self._patience_s = patience_s
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._broken = False
        self._poll = select.poll() if hasattr(select, "poll") and os.name == "posix" else None
        if self._poll is not None:
            self._poll.register(descriptor, select.POLLOUT)

    @property
    def broken(self) -> bool:
        """Whether the client has closed its end."""
        return self._broken

    def write(self, data: bytes) -> None:
        """Send one message; after the client is gone this does nothing."""
        with self._changed:
            if self._broken:
                return
            rest = data if self._waiting else self._write_at_once(data)
            if not rest:
                return
            self._waiting.append(rest)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._write_waiting, name="stdout", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Let what is still waiting go out, but not for ever."""
        with self._changed:
            self._changed.wait_for(lambda: self._broken or not self._waiting, self._patience_s)
            self._broken = True
            self._changed.notify_all()

    def _write_at_once(self, message: bytes) -> bytes:
        """Write as much as cannot block; return the rest."""
        while message and self._poll is not None and self._poll.poll(0):
            try:
                message = message[os.write(self._descriptor, message[:_SURE_BYTES]) :]
            except BlockingIOError:
                return message
            except OSError:
                self._broken = True
                return b""
        return message

    def _write_waiting(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._broken or self._waiting)
                if self._broken:
                    return
                message = self._waiting[0]
            try:
                while message:
                    message = self._write_patiently(message)
            except OSError:
                self._broken = True
            with self._changed:
                self._waiting.popleft()
                self._changed.notify_all()

    def _write_patiently(self, message: bytes) -> bytes:
        """Write something and return the rest; wait where that takes a while."""
        try:
            return message[os.write(self._descriptor, message) :]
        except BlockingIOError:
            # stdin and stdout are one socket or terminal, and reading made it non-blocking.
            select.select([], [self._descriptor], [])
            return message
