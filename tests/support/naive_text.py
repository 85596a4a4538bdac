"""A document done the slow and obvious way: the reference that the text room is tested against.

One flat string, walked character by character; no encoder, no index, nothing shared with
`fimble.text` but the value types. Plus the characters that break editors and servers (F15, F16).
"""

from __future__ import annotations

from hypothesis import strategies as st

from fimble.text.encoding import PositionEncoding
from fimble.text.position import Position, Range

AWKWARD_PIECES = (
    "a",
    "xyz",
    "\n",
    "\r",
    "\r\n",
    "\f",
    "\v",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\ufeff",
    "e\u0301",
    "é",
    "中",
    "😀",
    "👩\u200d💻",
    "\U0010ffff",
    "\ud83d",
    "\ude00",
    "\0",
)
"""One of each: plain, three line endings, what only Python ends lines at, BOM, combining, two to
four bytes, joined emoji, the last code point, both halves of a pair, NUL."""


def awkward_text(*, max_pieces: int = 12) -> st.SearchStrategy[str]:
    """Generate text that is mostly trouble."""
    return st.lists(st.sampled_from(AWKWARD_PIECES), max_size=max_pieces).map("".join)


def naive_join(text: str) -> str:
    """Join each high half of a surrogate pair to a low half right behind it."""
    joined: list[str] = []
    for character in text:
        if joined and "\ud800" <= joined[-1] <= "\udbff" and "\udc00" <= character <= "\udfff":
            high, low = ord(joined.pop()) - 0xD800, ord(character) - 0xDC00
            joined.append(chr(0x10000 + high * 0x400 + low))
        else:
            joined.append(character)
    return "".join(joined)


def naive_lines(text: str) -> list[tuple[str, str]]:
    """Cut at LF, CR and CRLF into (content, ending); the last ending is empty."""
    lines: list[tuple[str, str]] = []
    content = ""
    index = 0
    while index < len(text):
        if text[index : index + 2] == "\r\n":
            lines.append((content, "\r\n"))
            content = ""
            index += 2
        elif text[index] in "\r\n":
            lines.append((content, text[index]))
            content = ""
            index += 1
        else:
            content += text[index]
            index += 1
    return [*lines, (content, "")]


def naive_width(character: str, encoding: PositionEncoding) -> int:
    """Count the units of one code point."""
    point = ord(character)
    if encoding == "utf-32":
        return 1
    if encoding == "utf-16":
        return 2 if point > 0xFFFF else 1
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4


def naive_column(content: str, units: int, encoding: PositionEncoding) -> int:
    """Count the characters of a line that end at or before `units`."""
    passed = 0
    for count, character in enumerate(content):
        passed += naive_width(character, encoding)
        if passed > units:
            return count
    return len(content)


def naive_position(text: str, position: Position, encoding: PositionEncoding) -> Position:
    """Clamp an editor's position and convert it to code points."""
    lines = naive_lines(text)
    if position.line >= len(lines):
        return Position(len(lines) - 1, len(lines[-1][0]))
    content, _ = lines[position.line]
    return Position(position.line, naive_column(content, position.character, encoding))


def naive_index(text: str, position: Position, encoding: PositionEncoding) -> int:
    """Count the code points before an editor's position."""
    line, character = naive_position(text, position, encoding)
    before = naive_lines(text)[:line]
    return sum(len(content) + len(ending) for content, ending in before) + character


def naive_change(text: str, span: Range, new: str, encoding: PositionEncoding) -> str:
    """Replace a range given in an editor's units."""
    start, end = sorted(naive_index(text, place, encoding) for place in span)
    return naive_join(text[:start] + new + text[end:])


def naive_utf8(text: str) -> bytes:
    """Encode by the table of RFC 3629, section 3; lone surrogates as if they were characters."""
    encoded = bytearray()
    for character in text:
        point = ord(character)
        if point < 0x80:
            encoded.append(point)
        elif point < 0x800:
            encoded += bytes((0xC0 | point >> 6, 0x80 | point & 0x3F))
        elif point < 0x10000:
            encoded += bytes((0xE0 | point >> 12, 0x80 | point >> 6 & 0x3F, 0x80 | point & 0x3F))
        else:
            encoded += bytes(
                (
                    0xF0 | point >> 18,
                    0x80 | point >> 12 & 0x3F,
                    0x80 | point >> 6 & 0x3F,
                    0x80 | point & 0x3F,
                )
            )
    return bytes(encoded)


def naive_point(utf8: bytes, offset: int) -> tuple[int, int]:
    """Walk to a byte as tree-sitter does: a row ends at LF only."""
    row = column = 0
    for byte in utf8[:offset]:
        row, column = (row + 1, 0) if byte == 0x0A else (row, column + 1)
    return row, column
