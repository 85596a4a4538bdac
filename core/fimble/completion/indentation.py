"""How a document is indented, and how deep a line is; columns, so that tabs and spaces compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fimble.text.snapshot import Snapshot

TAB_COLUMNS = 4
"""What a tab counts for where lines with tabs and lines with spaces are compared.

Models answer a tab-indented document with four spaces a level, if not with tabs.
"""

_LINES_READ = 100
"""Lines before and after the cursor that say how a document is indented."""

_WIDEST_STEP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class IndentStyle:
    """One level of indentation."""

    unit: str
    """A tab, or some spaces."""

    @property
    def columns(self) -> int:
        """How wide one level is."""
        return len(self.unit.expandtabs(TAB_COLUMNS))

    def render(self, columns: int) -> str:
        """Return white space of a width; what is no whole level is filled with spaces."""
        if self.unit == "\t":
            return "\t" * (columns // TAB_COLUMNS) + " " * (columns % TAB_COLUMNS)
        return " " * columns


def leading(line: str) -> str:
    """Return the white space that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width(line: str) -> int:
    """Return how many columns of white space a line begins with."""
    return len(leading(line).expandtabs(TAB_COLUMNS))


def indent_style(snapshot: Snapshot, near_line: int) -> IndentStyle | None:
    """Detect how the lines around a place are indented; None where nothing shows it.

    Tabs and spaces are put to the vote; the width of a level is the most frequent step from a
    line to a deeper one.
    """
    first = max(0, near_line - _LINES_READ)
    last = min(snapshot.line_count, near_line + _LINES_READ)
    lines = [snapshot.line(number) for number in range(first, last)]
    with_tab = sum(line.startswith("\t") for line in lines)
    with_spaces = sum(line.startswith("  ") for line in lines)
    if not with_tab and not with_spaces:
        return None
    if with_tab > with_spaces:
        return IndentStyle(unit="\t")
    step = step_width(lines)
    return None if step is None else IndentStyle(unit=" " * step)


def step_width(lines: Iterable[str]) -> int | None:
    """Return the most frequent step from a line to a deeper one, in columns."""
    counts = Counter(_steps(lines))
    if not counts:
        return None
    return max(counts, key=lambda step: (counts[step], -step))


def _steps(lines: Iterable[str]) -> Iterator[int]:
    before = 0
    for line in lines:
        if not line.strip() or line.lstrip()[:1] in {"*", ")", "]", "}"}:
            continue
        here = width(line)
        if 1 < here - before <= _WIDEST_STEP:
            yield here - before
        before = here
