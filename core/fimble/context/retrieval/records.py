"""The values of retrieval."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from fimble.text.snapshot import Snapshot


class ItemKind(StrEnum):
    """What an item shows."""

    SIGNATURE = "signature"
    """A definition's first line, with its first line of documentation."""
    CHUNK = "chunk"
    """Lines as they stand."""


class Imported(NamedTuple):
    """One import of the document, as `syntax.imports` reads it."""

    module: str
    name: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextQuery:
    """A place, and what the prompt shows of its document anyway."""

    path: str
    """From the workspace's root, with slashes; a name alone for a document that is no file there."""
    snapshot: Snapshot
    first_line: int
    """First line of the window that the prompt shows, from 0."""
    last_line: int
    """Last one, included."""
    before: str
    """The window's text up to the cursor."""
    after: str
    imports: tuple[Imported, ...] = ()
    enclosing: tuple[str, ...] = ()
    """Names of the definitions around the cursor, outermost first."""


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


@dataclass(slots=True, kw_only=True)
class Recent:
    """Files that the user edited or looked at lately, newest first, by path and line from 0."""

    places: dict[str, int] = field(default_factory=dict[str, int])

    def touch(self, path: str, line: int) -> None:
        """Note that the cursor was there."""
        self.places.pop(path, None)
        self.places[path] = line
        if len(self.places) > _REMEMBERED:
            del self.places[next(iter(self.places))]

    def newest_first(self) -> tuple[tuple[str, int], ...]:
        """Return what was noted."""
        return tuple(reversed(self.places.items()))


_REMEMBERED = 12
