"""The values of retrieval."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

_LINES = 80
"""Around the cursor; further off, words count for nothing."""


class ItemKind(StrEnum):
    """What an item shows."""

    SIGNATURE = "signature"
    """A definition's first line, with its first line of documentation."""
    CHUNK = "chunk"
    """Lines as they stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextQuery:
    """A place, and what the prompt shows of its document anyway."""

    path: str
    """From the workspace's root, with slashes; a mere name for what is no file there."""
    snapshot: Snapshot
    cursor: Position
    first_line: int
    """First line that the prompt shows, from 0."""
    last_line: int
    """Last one, included."""

    @property
    def before(self) -> str:
        """The text before the cursor, as much as says something of what comes next."""
        first = max(0, self.cursor.line - _LINES)
        return self.snapshot.slice(Range(Position(first, 0), self.cursor))

    @property
    def after(self) -> str:
        """The text after the cursor."""
        last = self.cursor.line + _LINES
        if last >= self.snapshot.line_count:
            return self.snapshot.slice(Range(self.cursor, self.snapshot.end))
        return self.snapshot.slice(Range(self.cursor, Position(last, 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextItem:
    """Something to show beside the document."""

    path: str
    kind: ItemKind
    first_line: int
    """From 1."""
    last_line: int
    """Included."""
    text: str
    """Masked; without a line end at its end."""
    reason: str
    """Why it was chosen, in words for a user."""
    score: float
    """Comparable with others of its kind in one ranking."""
    container: str = ""
    """The first line of the definition that a signature belongs in; empty at the top of a file."""
    tokens: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """What makes two items the same for a reader: lines may have moved, the text counts."""
        return self.path, self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Why a file is looked into, and how much more its parts count."""

    boost: float
    reason: str
