"""Instructions for editors that cannot ask for one: written as a comment, used before, or usual.

`# fimble: accept None as well` above or inside a function is an instruction for it, and so is a
`TODO:` or `FIXME:`. The comment is part of what is replaced, so the answer takes it out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fimble.prompting.place_values import symbol_range
from fimble.prompting.values import one_line
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

USUAL: Final = ("Add type annotations", "Handle errors and odd input")
"""Offered where nothing else is."""

MOST_RECENT: Final = 3
WITHOUT_COMMENT: Final = "Leave out the comment that asks for this."

LONGEST: Final = 4000
"""Of an instruction, in characters."""
_LONGEST_LINE: Final = 1000
_LINES_SEARCHED: Final = 400
_TITLE_CHARACTERS: Final = 60
_MARKED: Final = re.compile(
    r"^(?:[ \t]*(?:#|//|--|;|/\*|<!--|\*|%|\"\"\"))+[ \t]*"
    r"(?P<mark>fimble|TODO|FIXME)(?:\([^()]{0,40}\))?[ \t]*:[ \t]*(?P<text>\S.*)$"
)
_CLOSING: Final = re.compile(r"\s*(?:\*/|-->|\"\"\")\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenInstruction:
    """An instruction that stands in the document."""

    text: str
    range: Range
    """What it is about, its own line included."""


def title_of(instruction: str) -> str:
    """Return an instruction as it fits into a menu."""
    line = one_line(instruction.strip().partition("\n")[0])
    return line if len(line) <= _TITLE_CHARACTERS else f"{line[:_TITLE_CHARACTERS]}…"


def written_instruction(
    snapshot: Snapshot, span: Range, tree: SyntaxTree | None
) -> WrittenInstruction | None:
    """Return the instruction that a cursor's line or a selection holds; None without one.

    Args:
        snapshot: The document.
        span: The selection, or the cursor.
        tree: Its syntax tree, where there is one.
    """
    last = min(span.end.line, span.start.line + _LINES_SEARCHED, snapshot.line_count - 1)
    for line in range(span.start.line, last + 1):
        text = _read(snapshot.line(line))
        if text:
            about = span if span.start.line != span.end.line else _about(snapshot, line, tree)
            return WrittenInstruction(text=text, range=about)
    return None


def _read(line: str) -> str:
    if len(line) > _LONGEST_LINE or ":" not in line:
        return ""
    found = _MARKED.match(line)
    return _CLOSING.sub("", found["text"]).strip() if found else ""


def _about(snapshot: Snapshot, line: int, tree: SyntaxTree | None) -> Range:
    """Return what a comment speaks of: the definition that begins below it, or the one around."""
    start = Position(line, 0)
    below = next(
        (
            n
            for n in range(line + 1, min(line + 20, snapshot.line_count))
            if not _is_comment(snapshot, n)
        ),
        line,
    )
    code = snapshot.line(below)
    # Right before its first character a definition has not begun yet.
    column = min(len(code), len(code) - len(code.lstrip()) + 1)
    inside = symbol_range(snapshot, Position(below, column), tree)
    if inside is None or inside.end.line < line:
        return Range(start, start)
    return Range(min(start, inside.start), inside.end)


def _is_comment(snapshot: Snapshot, line: int) -> bool:
    """Whether a line holds no code: blank, a comment, or an attribute of what comes below."""
    text = snapshot.line(line).lstrip()
    return not text or text.startswith(("#", "//", "--", ";", "/*", "*", "<!--", "@"))


def with_recent(recent: Sequence[str], instruction: str) -> tuple[str, ...]:
    """Return the instructions used last, the newest first."""
    others = [each for each in recent if each != instruction]
    return (instruction, *others)[:MOST_RECENT]
