"""The one place that converts columns between code points and the units an editor counts.

The house counts code points; editors count UTF-16 code units by default, or what they agreed on
in `initialize` (LSP 3.17, "PositionEncodingKind"). Conversion needs the text of the line and is
free for ASCII lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class PositionEncoding(StrEnum):
    """What one unit of an editor's column is; the values are the protocol's names."""

    UTF8 = "utf-8"
    """Bytes."""
    UTF16 = "utf-16"
    """Two-byte units; characters above U+FFFF count two."""
    UTF32 = "utf-32"
    """Code points, as inside the house."""


def negotiate(client_list: Iterable[str] | None) -> PositionEncoding:
    """Pick the first encoding in the client's order that we speak.

    Without a list, or with nothing known in it, the answer is UTF-16, which every client must
    support.
    """
    spoken = {encoding.value: encoding for encoding in PositionEncoding}
    known = (spoken[name] for name in client_list or () if name in spoken)
    return next(known, PositionEncoding.UTF16)


def to_code_points(line_text: str, units: int, encoding: PositionEncoding) -> int:
    """Convert an editor's column into code points.

    Args:
        line_text: The line without its ending.
        units: Zero-based column in the editor's units.
        encoding: What those units are.

    Returns:
        Code points from the start of the line. A column past the end means the end, a negative
        one the start, and a column inside a character rounds down to the character's start.
    """
    if units <= 0:
        return 0
    code_points = min(units, len(line_text))
    if encoding is PositionEncoding.UTF32 or line_text.isascii():
        return code_points
    widest = 4 if encoding is PositionEncoding.UTF8 else 2
    # A character is at least one unit wide, so the answer lies at or before `code_points`. Step
    # back by the fewest characters that can make up the excess; each is measured once.
    width = _width(line_text[:code_points], encoding)
    while width > units:
        step = -(-(width - units) // widest)
        width -= _width(line_text[code_points - step : code_points], encoding)
        code_points -= step
    return code_points


def from_code_points(line_text: str, code_points: int, encoding: PositionEncoding) -> int:
    """Convert code points into an editor's column; past the end of the line means its end.

    `line_text` is the line without its ending.
    """
    inside = max(0, min(code_points, len(line_text)))
    if encoding is PositionEncoding.UTF32 or line_text.isascii():
        return inside
    return _width(line_text[:inside], encoding)


def _width(text: str, encoding: PositionEncoding) -> int:
    """Measure `text` in units of UTF-8 or UTF-16."""
    if text.isascii():
        return len(text)
    if encoding is PositionEncoding.UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
