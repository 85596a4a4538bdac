"""Budgets: how many lines, how many blank ones."""

from __future__ import annotations

from fimble.completion.stops.generated import Cut, Generated

MAX_BLOCK_LINES = 24
"""Lines of one suggestion; longer ones are seldom accepted whole and take seconds on a 27B."""

_MAX_PARAGRAPHS = 4
"""Groups of lines between blank ones: a further group is seldom part of what was asked for."""

_MAX_LEADING_BLANKS = 3


def stop_at_line_end(seen: Generated) -> Cut | None:
    """The rest of a line ends with the line."""
    return Cut(end=seen.newest.end, reason="the line ended")


def stop_at_blank_lines(seen: Generated) -> Cut | None:
    """Two blank lines in a row end a block in every language we know."""
    if not seen.newest.is_blank or seen.newest.start == seen.newest.end == seen.start:
        return None
    if not seen.content(1):
        if len(seen.lines) <= _MAX_LEADING_BLANKS:
            return None
        return Cut(end=seen.start, reason="only blank lines")
    if len(seen.lines) > 1 and seen.lines[-2].is_blank:
        return seen.cut_before(seen.newest, "two blank lines")
    return None


def stop_at_paragraph_budget(seen: Generated) -> Cut | None:
    """The blank line behind the last group of lines that is shown."""
    if not seen.newest.is_blank:
        return None
    ends = sum(
        line.is_blank and not before.is_blank
        for before, line in zip(seen.lines, seen.lines[1:], strict=False)
    )
    if ends < _MAX_PARAGRAPHS:
        return None
    return seen.cut_before(seen.newest, f"{_MAX_PARAGRAPHS} groups of lines")


def stop_at_line_budget(seen: Generated) -> Cut | None:
    """More than `MAX_BLOCK_LINES` lines are not shown."""
    if len(seen.lines) < MAX_BLOCK_LINES:
        return None
    return Cut(end=seen.newest.end, reason=f"{MAX_BLOCK_LINES} lines")
