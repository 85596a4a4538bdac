"""What an edit replaces: the selection in whole lines, or the definition around the cursor."""

from __future__ import annotations

import re
from typing import Final

from fimble.prompting.place_values import symbol_range
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

_WORD: Final = re.compile(r"\w+")
_PARAGRAPH_LINES: Final = 200
"""How far a run of lines without a blank one is followed, to each side."""


def edit_range(
    snapshot: Snapshot,
    span: Range,
    tree: SyntaxTree | None,
    *,
    widen: bool = False,
    words: bool = True,
) -> Range:
    """Return what the model is to replace for a selection.

    A part of one line stays what it is. More than a line becomes whole lines, indentation
    included and blank lines at both ends left out, since that is what models give back. A cursor
    stands for the function or class around it, or else for the lines up to the next blank ones;
    so does one character, which is the cursor of Helix and Kakoune.

    Args:
        snapshot: The document.
        span: The selection, in code points; empty for a cursor.
        tree: Its syntax tree, where there is one.
        widen: Whether a selection within one line only points at its surroundings, as the range
            of a reported problem does.
        words: Whether a single word is a selection of its own; eglot sends the one at point.
    """
    start, end = snapshot.clamp(span.start), snapshot.clamp(span.end)
    if end < start:
        start, end = end, start
    if start.line == end.line and (
        widen
        or end.character - start.character <= 1
        or (not words and _WORD.fullmatch(snapshot.slice(Range(start, end))))
    ):
        return symbol_range(snapshot, _inside(snapshot, start), tree) or _paragraph(
            snapshot, start.line
        )
    if start.line == end.line and not _is_whole_line(snapshot, start, end):
        return Range(start, end)
    last = end.line - 1 if end.character == 0 and end.line > start.line else end.line
    return _whole_lines(snapshot, start.line, last)


def _inside(snapshot: Snapshot, cursor: Position) -> Position:
    """Return a place in the code of a line: its indentation belongs to what is around."""
    line = snapshot.line(cursor.line)
    first = len(line) - len(line.lstrip())
    # Right before its first character a definition has not begun yet.
    return Position(cursor.line, max(cursor.character, min(first + 1, len(line))))


def _is_whole_line(snapshot: Snapshot, start: Position, end: Position) -> bool:
    line = snapshot.line(start.line)
    return not line[: start.character].strip() and not line[end.character :].strip()


def _whole_lines(snapshot: Snapshot, first: int, last: int) -> Range:
    while first < last and not snapshot.line(first).strip():
        first += 1
    while last > first and not snapshot.line(last).strip():
        last -= 1
    return Range(Position(first, 0), Position(last, len(snapshot.line(last))))


def _paragraph(snapshot: Snapshot, line: int) -> Range:
    first = last = line
    lowest, highest = max(0, line - _PARAGRAPH_LINES), line + _PARAGRAPH_LINES
    while first > lowest and snapshot.line(first - 1).strip():
        first -= 1
    while last < min(highest, snapshot.line_count - 1) and snapshot.line(last + 1).strip():
        last += 1
    return _whole_lines(snapshot, first, last)
