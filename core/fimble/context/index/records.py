"""The values of the symbol index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from fimble.syntax.imported import ImportedName
from fimble.syntax.outline import Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """What one file holds, as it goes into the index."""

    language: str
    lines: int
    digest: bytes
    """Of the text: equal texts are not parsed again."""
    symbols: tuple[Listed, ...] = ()
    imports: tuple[ImportedName, ...] = ()
    words: Mapping[bytes, int] = field(default_factory=dict[bytes, int])
    """Each identifier, in UTF-8, and how often it stands there, in comments and strings too."""


class IndexedSymbol(NamedTuple):
    """One definition; lines count from 1 and the last is included."""

    path: str
    """From the workspace's root, with slashes."""
    name: str
    container: str
    kind: str
    first_line: int
    last_line: int
    signature: str
    doc: str

    @property
    def qualified(self) -> str:
        """The name with its container: `Cart.total`."""
        return f"{self.container}.{self.name}" if self.container else self.name

    @property
    def place(self) -> str:
        """The path with the lines: `src/shop.py:10-24`."""
        return f"{self.path}:{self.first_line}-{self.last_line}"


class Reference(NamedTuple):
    """How often a name stands in a file."""

    path: str
    times: int


class Caller(NamedTuple):
    """One line that names something, and the definition that the line is in."""

    path: str
    line: int
    """From 1."""
    text: str
    inside: str
    """The innermost definition around it with its container; empty at the top of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildProgress:
    """How far a build has come."""

    done: int
    """Files that were looked into."""
    found: int
    """Files known so far to need it; grows until the walk is over."""
    lines: int
    complete: bool = False
    """Whether the walk is over, so that `found` is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did."""

    files: int = 0
    """Files that were parsed."""
    lines: int = 0
    symbols: int = 0
    unchanged: int = 0
    """Files that the index already knew."""
    removed: int = 0
    """Files that are gone, or are no longer to be read."""
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    """Files that were left out, by the reason."""
    exhausted: str = ""
    """Which limit ended the walk; empty when it saw everything."""
    processes: int = 0
    """How many worker processes were started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """What an index holds."""

    path: Path
    """Its file."""
    files: int
    lines: int
    symbols: int
    skipped: int
    bytes: int
    built_at: float | None
    """When the last whole build ended, in seconds since the epoch; None before the first."""
