r"""Newline-delimited JSON, decoded as it arrives: bytes in, typed records out. No I/O.

Lines end at the byte 0x0A and nowhere else. `str.splitlines`, which httpx's `aiter_lines` and so
the `ollama` package use, also splits at U+0085, which Go's JSON encoder sends raw inside a token:
the line breaks in two and the stream dies. Every failure is an `EngineProtocolError` that says at
which byte of the stream the bad line began.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec

from fimble.errors import EngineProtocolError

Record = TypeVar("Record")

MAX_LINE_BYTES = 1 << 20
"""No record of a model server comes near a mebibyte; a longer line is not one (threat T9)."""


class NdjsonReader(Generic[Record]):
    """Cuts a byte stream into lines and decodes each into a `Record`.

    Feed it with chunks of any size and call `end` at the end of the stream. After an error the
    reader is spent.
    """

    def __init__(
        self,
        record_type: type[Record],
        *,
        engine: str = "",
        max_line_bytes: int = MAX_LINE_BYTES,
    ) -> None:
        self._decoder = msgspec.json.Decoder(record_type)
        self._engine = engine
        self._max_line_bytes = max_line_bytes
        self._pending = bytearray()
        self._scanned = 0
        self._offset = 0

    @property
    def offset(self) -> int:
        """The byte of the stream at which the line now being read began."""
        return self._offset

    def feed(self, chunk: bytes) -> Iterator[Record]:
        """Take the next bytes and yield the records that they complete.

        Lazy, so that the records before a bad line are not lost; iterate to the end before
        feeding again.

        Raises:
            EngineProtocolError: A line is too long or is not a record.
        """
        pending = self._pending
        pending += chunk
        while (end := pending.find(b"\n", self._scanned)) >= 0:
            line = bytes(pending[:end])
            yield from self._decode(line)
            del pending[: end + 1]
            self._offset += end + 1
            self._scanned = 0
        self._scanned = len(pending)
        if self._scanned > self._max_line_bytes:
            raise self._too_long()

    def end(self) -> Iterator[Record]:
        """Yield what follows the last newline: a whole record, or nothing when it is blank.

        Raises:
            EngineProtocolError: The stream ended in the middle of a record.
        """
        yield from self._decode(bytes(self._pending))
        self._offset += len(self._pending)
        self._pending.clear()
        self._scanned = 0

    def _decode(self, line: bytes) -> Iterator[Record]:
        """Yield the record of one line without its newline; a blank line holds none."""
        if len(line) > self._max_line_bytes:
            raise self._too_long()
        if not line or line.isspace():
            return
        try:
            record = self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise self._error(f"a line is not the record it should be ({error})") from error
        yield record

    def _too_long(self) -> EngineProtocolError:
        return self._error(f"a line is longer than {self._max_line_bytes} bytes")

    def _error(self, problem: str) -> EngineProtocolError:
        who = self._engine or "The model server"
        return EngineProtocolError(
            f"{who} sent something that Fimble cannot read: {problem}, at byte {self._offset}.",
            offset=self._offset,
            engine=self._engine,
        )
