"""Where a stream of generated text is cut.

A cut is a pure function of the text so far and is decided at the first character where a rule
holds, so that it does not depend on how the stream was split into chunks. Cutting closes the
connection, which frees the model server's slot within a token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fimble.completion.surroundings import Extent, Surroundings

_MAX_BLOCK_LINES = 24
"""Lines of one suggestion; longer ones are seldom accepted whole and take seconds on a 27B."""

_MIN_REPEATED = 4
"""Characters a line needs to count as a repetition of a line below; `}` alone does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Keep `text[:end]`; the stream need not go on."""

    end: int
    reason: str


StopRule = Callable[[str, Surroundings], Cut | None]
"""Looks at all of the text so far, whole lines only, and returns the earliest cut it wants."""


def find_cut(text: str, around: Surroundings, extent: Extent) -> Cut | None:
    """Return the earliest cut that any rule of `extent` wants, or None to go on."""
    rules = LINE_RULES if extent is Extent.LINE else BLOCK_RULES
    cuts = [cut for rule in rules if (cut := rule(text, around)) is not None]
    return min(cuts, key=lambda cut: cut.end, default=None)


def first_unit_end(text: str) -> int | None:
    """Return the end of the first complete line of `text` with something on it, else None.

    The first unit is shown while the rest of a block is still being generated.
    """
    start = 0
    while (newline := text.find("\n", start)) != -1:
        if text[start:newline].strip():
            return newline
        start = newline + 1
    return None


def stop_at_line_end(text: str, around: Surroundings) -> Cut | None:
    """The rest of a line ends with the line."""
    del around
    newline = text.find("\n")
    return None if newline == -1 else Cut(end=newline, reason="the line ended")


def stop_at_scope_end(text: str, around: Surroundings) -> Cut | None:
    """A line indented less than the cursor's line has left the scope."""
    width = len(around.indentation.expandtabs(4))
    for start, end in _whole_lines(text):
        line = text[start:end]
        if start == 0 or not line.strip():
            continue
        if len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) < width:
            return Cut(end=max(0, start - 1), reason="the scope was left")
    return None


def stop_at_repetition_of_below(text: str, around: Surroundings) -> Cut | None:
    """A line that stands below the cursor already is the end of what is missing."""
    if not around.below:
        return None
    first_below = around.below[0].strip()
    if len(first_below) < _MIN_REPEATED:
        return None
    for start, end in _whole_lines(text):
        if text[start:end].strip() == first_below:
            return Cut(end=max(0, start - 1), reason="the text below began to repeat")
    return None


def stop_at_blank_lines(text: str, around: Surroundings) -> Cut | None:
    """Two blank lines in a row end a block in every language we know."""
    del around
    found = text.find("\n\n\n")
    return None if found == -1 else Cut(end=found, reason="two blank lines")


def stop_at_line_budget(text: str, around: Surroundings) -> Cut | None:
    """More than `_MAX_BLOCK_LINES` lines are not shown."""
    del around
    end = -1
    for _ in range(_MAX_BLOCK_LINES):
        end = text.find("\n", end + 1)
        if end == -1:
            return None
    return Cut(end=end, reason=f"{_MAX_BLOCK_LINES} lines")


def _whole_lines(text: str) -> list[tuple[int, int]]:
    """Return start and end of every line of `text` that its newline has completed."""
    lines: list[tuple[int, int]] = []
    start = 0
    while (newline := text.find("\n", start)) != -1:
        lines.append((start, newline))
        start = newline + 1
    return lines


LINE_RULES: tuple[StopRule, ...] = (stop_at_line_end,)
BLOCK_RULES: tuple[StopRule, ...] = (
    stop_at_scope_end,
    stop_at_repetition_of_below,
    stop_at_blank_lines,
    stop_at_line_budget,
)
