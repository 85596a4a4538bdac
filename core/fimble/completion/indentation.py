"""How a document is indented, and how deep a line is; columns, so that tabs and spaces compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from fimble.text.snapshot import Snapshot

MIXED_TAB_COLUMNS = 8
"""What a tab stands for in documents that mix tabs and spaces: the GNU style does."""

TAB_COLUMNS = 4
"""What a tab counts for where lines with tabs and lines with spaces are compared.

Models answer a tab-indented document with four spaces a level, if not with tabs.
"""

_LINES_READ = 100
"""Lines before and after the cursor that say how a document is indented."""

_WIDEST_STEP = 8
_USUAL_SHARE = 0.15
"""A step that makes up so much of all steps is no slip."""

_MIXED_SHARE = 0.2
"""From so many lines with spaces for each with a tab on, or the reverse, the two are mixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndentStyle:
    """One level of indentation."""

    unit: str
    """A tab, or some spaces."""
    steps: frozenset[int] = frozenset()
    """Widths of a level, in columns, that are usual in the document; more than one in some."""

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


def width(line: str, tab_columns: int = TAB_COLUMNS) -> int:
    """Return how many columns of white space a line begins with."""
    return len(leading(line).expandtabs(tab_columns))


@lru_cache(maxsize=8)
def read_indentation(snapshot: Snapshot, near_line: int) -> tuple[IndentStyle | None, int]:
    """Detect how the lines around a place are indented.

    Tabs and spaces are put to the vote, but a document that mixes them is nobody's to correct. The
    width of a level is the most frequent step from a line to a deeper one.

    Returns:
        The style, None where nothing shows it or several are mixed; and the columns of a tab.
    """
    first = max(0, near_line - _LINES_READ)
    last = min(snapshot.line_count, near_line + _LINES_READ)
    lines = [snapshot.line(number) for number in range(first, last)]
    with_tab = sum(line.startswith("\t") for line in lines)
    with_spaces = sum(line.startswith("  ") for line in lines)
    if min(with_tab, with_spaces) > _MIXED_SHARE * max(with_tab, with_spaces):
        return None, MIXED_TAB_COLUMNS
    counts = Counter(_steps(lines))
    usual = frozenset(step for step in counts if counts[step] >= _USUAL_SHARE * counts.total())
    if with_tab > with_spaces:
        return IndentStyle(unit="\t", steps=usual), TAB_COLUMNS
    if not counts:
        return None, TAB_COLUMNS
    most = max(counts, key=lambda step: (counts[step], -step))
    return IndentStyle(unit=" " * most, steps=usual), TAB_COLUMNS


def _steps(lines: Iterable[str]) -> Iterator[int]:
    before = 0
    for line in lines:
        if not line.strip() or line.lstrip()[:1] in {"*", ")", "]", "}"}:
            continue
        here = width(line)
        if 1 < here - before <= _WIDEST_STEP:
            yield here - before
        before = here
