"""Positions inside Fimble: zero-based line, zero-based code points into the line.

Everything inside the house counts code points, as Python strings do; the encodings that editors
speak are converted once, at the border (`text.encoding`).
"""

from __future__ import annotations

from typing import NamedTuple, NewType

ByteOffset = NewType("ByteOffset", int)
"""Bytes into the UTF-8 form of a whole document (what tree-sitter counts)."""


class Position(NamedTuple):
    """A place between two characters; ordered by line, then by character."""

    line: int
    """Zero-based; lines end at LF, CR or CRLF only (LSP 3.18, "Text Documents")."""
    character: int
    """Code points from the start of the line, at most the line's length without its ending."""


class Range(NamedTuple):
    """The text from `start` up to but not including `end`."""

    start: Position
    end: Position
