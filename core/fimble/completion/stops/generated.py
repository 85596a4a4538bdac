"""The text a model has said so far, in whole lines, as the stop rules see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fimble.completion.surroundings import Surroundings
from fimble.syntax.closing import ClosingWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Keep `text[:end]`; the stream need not go on."""

    end: int
    reason: str
    rule: str = ""
    """The name of the rule that wanted it; empty for what ends a stream in the middle of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that its newline has completed."""

    start: int
    """Offset into the text of the stream."""
    end: int
    """Offset of the newline."""
    text: str
    """As it will stand in the document: the first line of an answer continues the cursor's."""

    width: int
    """How deep it is indented, in columns."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands on the line."""
        return not self.text.strip()


@dataclass(slots=True, kw_only=True)
class Generated:
    """What the stop rules look at: the lines so far, the newest last, and the place they go to."""

    around: Surroundings
    code: bool
    """Whether code belongs at the cursor; see `wrapping.holds_code`."""
    watch: ClosingWatch | None
    """Tells where something that stood open at the cursor closes; None without a tree."""
    start: int = 0
    """Where the code begins in `text`, behind thoughts and fences."""
    text: str = ""
    lines: list[Line] = field(default_factory=list[Line])

    @property
    def newest(self) -> Line:
        """The line that was just completed."""
        return self.lines[-1]

    @property
    def is_first_line(self) -> bool:
        """Whether the newest line is the rest of the cursor's own line."""
        return len(self.lines) == 1

    def content(self, count: int) -> list[Line]:
        """Return the last `count` lines with something on them, oldest first."""
        found: list[Line] = []
        for line in reversed(self.lines):
            if not line.is_blank:
                found.append(line)
                if len(found) == count:
                    break
        return found[::-1]

    def cut_before(self, line: Line, reason: str) -> Cut:
        """Keep everything before `line`, without the newline and blank lines in front of it."""
        kept = self.text[self.start : line.start].rstrip(" \t\n")
        return Cut(end=self.start + len(kept), reason=reason)


StopRule = Callable[[Generated], Cut | None]
"""Looks at the newest line, and at older ones for comparison; asked once for every line."""
