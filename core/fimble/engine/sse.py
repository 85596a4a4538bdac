r"""Server-sent events, decoded as they arrive: bytes in, the data of each event out. No I/O.

The format is WHATWG's (HTML, 9.2.6): lines end at LF, CR or CRLF, a blank line ends an event, its
`data` lines are joined by LF, lines that begin with a colon are comments (servers and gateways
send them to keep a connection alive). Of the other fields `event` alone is used: nothing here
reconnects. `httpx-sse` was looked at and not taken: it has no bounds, so one line without an end
fills the memory (threat T9), and it decodes text before it splits lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fimble.engine.ndjson import MAX_LINE_BYTES
from fimble.errors import EngineProtocolError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEvent:
    """One event that has data."""

    data: bytes
    name: str = ""
    """The `event` field; most model servers leave it out."""
    offset: int = 0
    """The byte of the stream at which its first line began."""


class SseReader:
    """Cuts a byte stream into events; after an error the reader is spent."""

    def __init__(self, *, engine: str = "", max_event_bytes: int = MAX_LINE_BYTES) -> None:
        self._engine = engine
        self._max_event_bytes = max_event_bytes
        self._pending = bytearray()
        self._scanned = 0
        self._offset = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._began = 0
        self._name = ""

    @property
    def offset(self) -> int:
        """The byte of the stream at which the line now being read began."""
        return self._offset

    def feed(self, chunk: bytes) -> Iterator[SentEvent]:
        """Take the next bytes and yield the events that they complete; iterate to the end.

        Raises:
            EngineProtocolError: An event is too long.
        """
        self._pending += chunk
        while (end := self._line_end()) is not None:
            length, ending = end
            line = bytes(self._pending[:length])
            del self._pending[: length + ending]
            self._scanned = 0
            yield from self._take(line)
            self._offset += length + ending
        if len(self._pending) + self._data_bytes > self._max_event_bytes:
            raise self._too_long()

    def end(self) -> Iterator[SentEvent]:
        """Yield the event that the end of the stream cut off from its blank line.

        A browser would drop it; a model server that closes right behind its last line has still
        said it, and whoever decodes its data finds out whether it is whole.

        Raises:
            EngineProtocolError: It is too long.
        """
        rest = bytes(self._pending).removesuffix(b"\r")
        self._pending.clear()
        if rest:
            yield from self._take(rest)
        yield from self._dispatch()

    def _line_end(self) -> tuple[int, int] | None:
        """Find the next line's length and that of its ending; a last CR may be half of a CRLF."""
        pending = self._pending
        feed, back = pending.find(b"\n", self._scanned), pending.find(b"\r", self._scanned)
        if back >= 0 and (feed < 0 or back < feed):
            if back + 1 == len(pending):
                self._scanned = back
                return None
            return back, 2 if pending[back + 1] == ord("\n") else 1
        if feed >= 0:
            return feed, 1
        self._scanned = len(pending)
        return None

    def _take(self, line: bytes) -> Iterator[SentEvent]:
        if self._offset == 0:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line:
            yield from self._dispatch()
            return
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            if not self._data:
                self._began = self._offset
            self._data.append(value)
            self._data_bytes += len(value) + 1
            if self._data_bytes > self._max_event_bytes:
                raise self._too_long()
        elif field == b"event":
            self._name = value[:64].decode("ascii", "replace")

    def _dispatch(self) -> Iterator[SentEvent]:
        """End the event; one without data is none."""
        data, name = self._data, self._name
        self._data, self._name, self._data_bytes = [], "", 0
        if data:
            yield SentEvent(data=b"\n".join(data), name=name, offset=self._began)

    def _too_long(self) -> EngineProtocolError:
        who = self._engine or "The model server"
        return EngineProtocolError(
            f"{who} sent an event of more than {self._max_event_bytes} bytes, at byte "
            f"{self._offset}; the answer was cut off there.",
            offset=self._offset,
            engine=self._engine,
        )
