"""What the pure completion rules know about the place of a completion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

if TYPE_CHECKING:
    from fimble.syntax.tree import SyntaxTree

_LINES_BELOW = 12
"""Non-blank lines below the cursor that a suggestion is compared with."""

CLOSERS = frozenset(")]}>'\"`;,:")
"""Characters that editors close by themselves or that end a statement; no reason to stay silent."""


class Extent(StrEnum):
    """How much a completion may say."""

    LINE = "line"
    """The rest of the cursor's line."""
    BLOCK = "block"
    """Whole lines, until the scope at the cursor is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The document around the cursor, cut to what stop and post-processing rules look at."""

    snapshot: Snapshot
    cursor: Position
    tree: SyntaxTree | None
    """The syntax tree of the text, where one was ready in time."""
    before: str
    """The cursor's line up to the cursor."""
    rest: str
    """The cursor's line from the cursor on, without its ending."""
    below: tuple[str, ...]
    """The next non-blank lines under the cursor's line, without endings."""
    indentation: str
    """White space that the cursor's line begins with; on a blank line, what stands before it."""
    line_ending: str

    @property
    def mid_line(self) -> bool:
        """Whether something other than closing characters follows on the line."""
        return any(c not in CLOSERS and not c.isspace() for c in self.rest)


def look_around(snapshot: Snapshot, cursor: Position, tree: SyntaxTree | None) -> Surroundings:
    """Collect the surroundings of `cursor`."""
    line = snapshot.line(cursor.line)
    below: list[str] = []
    index = cursor.line + 1
    while index < snapshot.line_count and len(below) < _LINES_BELOW:
        text = snapshot.line(index)
        if text.strip():
            below.append(text)
        index += 1
    before = line[: cursor.character]
    return Surroundings(
        snapshot=snapshot,
        cursor=cursor,
        tree=tree,
        before=before,
        rest=line[cursor.character :],
        below=tuple(below),
        indentation=before[: len(before) - len(before.lstrip())],
        line_ending=snapshot.line_ending,
    )
