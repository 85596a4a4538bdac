"""The base protocol's headers: bytes in, message bodies out; performs no I/O.

A broken header costs its own message and no other: the decoder says what it refused and goes on
at the next `Content-Length`. That text cannot be faked from inside a document: it must be
followed by a raw line ending, which JSON does not allow within a string.

Source: LSP 3.18, "Base Protocol", "Header Part".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

MAX_BODY_BYTES: Final = 64 * 1024 * 1024
"""The longest message that is taken; nothing is reserved before its bytes have arrived."""

_MAX_HEADER_BYTES = 8192
_LONGEST_HEADER_START = 64
_HEADER_START = re.compile(rb"content-length:[ \t]{0,8}[0-9]{1,20}[ \t]{0,8}\r?\n", re.IGNORECASE)
_BLANK = re.compile(rb"(?:\r?\n)+")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"[0-9]{1,20}")
_CHARSET = re.compile(rb"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one message."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was not taken, and why; the reason quotes nothing from the stream."""

    reason: str


Frame: TypeAlias = Body | Refused


class FrameDecoder:
    """Cuts a byte stream into messages; give it bytes in any portions."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._body_bytes: int | None = None
        """Length of the body that comes next; None while a header is expected."""
        self._skip_bytes = 0
        self._lost = False

    def feed(self, portion: bytes) -> None:
        """Take bytes as they arrived."""
        self._buffer += portion

    def next_frame(self) -> Frame | None:
        """Return the next message or refusal; None until more bytes have come."""
        while True:
            self._skip()
            if self._skip_bytes or (self._lost and not self._find_header()):
                return None
            if self._body_bytes is None:
                header = self._take_header()
                if header is None or isinstance(header, Refused):
                    return header
                self._body_bytes = header
            if len(self._buffer) < self._body_bytes:
                return None
            body = Body(bytes(self._buffer[: self._body_bytes]))
            del self._buffer[: self._body_bytes]
            self._body_bytes = None
            return body

    def resynchronise(self, body: bytes) -> None:
        """Look again at a body that was no JSON: a wrong length may have swallowed the next one.

        What follows its own header inside `body` is read next; so is a header that begins at its
        end. Rests of a body that was longer than its length are passed over in silence.
        """
        swallowed = _HEADER_START.search(body)
        kept = body[-_LONGEST_HEADER_START:] if swallowed is None else body[swallowed.start() :]
        self._buffer[:0] = kept
        self._lost = True

    def _skip(self) -> None:
        """Drop the body of a message whose header was refused but whose length is known."""
        dropped = min(self._skip_bytes, len(self._buffer))
        del self._buffer[:dropped]
        self._skip_bytes -= dropped

    def _find_header(self) -> bool:
        """Drop everything before the next header; False when there is none yet."""
        found = _HEADER_START.search(self._buffer)
        if found is None:
            # A header may have begun at the end; more is never kept, whatever arrives.
            del self._buffer[:-_LONGEST_HEADER_START]
            return False
        del self._buffer[: found.start()]
        self._lost = False
        return True

    def _take_header(self) -> int | Refused | None:
        """Return the body's length; None until the header is complete."""
        blank = _BLANK.match(self._buffer)
        if blank is not None:
            del self._buffer[: blank.end()]
        end = _HEADER_END.search(self._buffer, 0, _MAX_HEADER_BYTES)
        if end is None:
            if len(self._buffer) < _MAX_HEADER_BYTES:
                return None
            return self._refuse("The header has no end.", drop_bytes=1)
        header = _read_header(bytes(self._buffer[: end.start()]))
        if isinstance(header, _BrokenHeader):
            return self._refuse(header.reason, drop_bytes=end.end() if header.is_one else 1)
        del self._buffer[: end.end()]
        if header.charset not in (b"utf-8", b"utf8"):
            self._skip_bytes = header.body_bytes
            return Refused("Only the character set utf-8 is understood.")
        return header.body_bytes

    def _refuse(self, reason: str, *, drop_bytes: int) -> Refused:
        """Give up what stands at the front; the next header is looked for behind it."""
        del self._buffer[:drop_bytes]
        self._lost = True
        return Refused(reason)


@dataclass(frozen=True, slots=True)
class _Header:
    body_bytes: int
    charset: bytes


@dataclass(frozen=True, slots=True)
class _BrokenHeader:
    reason: str
    is_one: bool
    """Whether it is a header at all; otherwise a good one may stand right behind the garbage."""


def _read_header(block: bytes) -> _Header | _BrokenHeader:
    """Read a header without its closing blank line."""
    lengths: set[bytes] = set()
    charset = b"utf-8"
    for line in block.splitlines():
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            return _BrokenHeader("A header line has no name.", is_one=False)
        if name.strip().lower() == b"content-length":
            lengths.add(value.strip())
        elif name.strip().lower() == b"content-type":
            named = _CHARSET.search(value)
            charset = charset if named is None else named[1].lower()
    if not lengths:
        return _BrokenHeader("The header has no Content-Length.", is_one=False)
    length = lengths.pop()
    if lengths or not _LENGTH.fullmatch(length) or int(length) > MAX_BODY_BYTES:
        reason = f"Content-Length must be one number from 0 to {MAX_BODY_BYTES}."
        return _BrokenHeader(reason, is_one=True)
    return _Header(int(length), charset)
