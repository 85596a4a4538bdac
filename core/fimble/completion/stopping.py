"""Where a stream of generated text is cut.

A cut is a pure function of the text so far and is decided at the first character where a rule
holds, so that it does not depend on how the stream was split into chunks. Cutting closes the
connection, which frees the model server's slot within a token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fimble.completion.brackets import read_marks
from fimble.completion.indentation import width
from fimble.completion.stops.generated import Cut, Generated, Line, StopRule
from fimble.completion.stops.limits import (
    stop_at_blank_lines,
    stop_at_line_budget,
    stop_at_line_end,
    stop_at_paragraph_budget,
)
from fimble.completion.stops.repetition import (
    loop_in_line,
    loop_start,
    stop_at_repeated_lines,
    stop_at_repetition_of_below,
)
from fimble.completion.stops.scope import stop_at_node_end, stop_at_scope_end
from fimble.completion.stops.wrapping import stop_at_fence, stop_at_prose
from fimble.completion.surroundings import Extent, Surroundings
from fimble.completion.wrapping import after_thought, code_start, control_token, holds_code
from fimble.syntax.closing import ClosingWatch

__all__ = ["SAID_ALL", "Cut", "CutFinder", "unit_ends"]

_GOES_ON = re.compile(r"(?:[:,({\[\\=+]|=>|->|&&|\|\||\b(?:do|then|else))\s*$")
"""A line that something must follow before it is a unit of its own."""

LINE_RULES: tuple[StopRule, ...] = (stop_at_line_end,)
BLOCK_RULES: tuple[StopRule, ...] = (
    stop_at_fence,
    stop_at_prose,
    stop_at_scope_end,
    stop_at_node_end,
    stop_at_repetition_of_below,
    stop_at_repeated_lines,
    stop_at_blank_lines,
    stop_at_paragraph_budget,
    stop_at_line_budget,
)
"""Asked in this order for each line; the first that wants a cut gets it."""

SAID_ALL = frozenset(
    rule.__name__
    for rule in (
        stop_at_fence,
        stop_at_prose,
        stop_at_scope_end,
        stop_at_repetition_of_below,
        stop_at_repeated_lines,
    )
)
"""After a cut by one of these the model has nothing more to say for its place."""


def unit_ends(text: str) -> Iterator[int]:
    """Yield where the statements of `text` that stand on their own end, line by line.

    A unit is shown while the rest of a block is still being generated, so it must not end in the
    middle of a call or with the header of a block.
    """
    begin = code_start(text, code=True)
    if begin is None:
        return
    start = begin
    while (newline := text.find("\n", start)) != -1:
        line = text[start:newline]
        if (
            line.strip()
            and not _GOES_ON.search(line)
            and not read_marks(text[begin:newline], None).opens
        ):
            yield newline
        start = newline + 1


class CutFinder:
    """Looks for the cut in one stream; the text may grow from look to look.

    What has been looked at is not looked at again, so a token costs the same however long the
    answer is; the outcome depends on the whole text alone.
    """

    def __init__(self, around: Surroundings, extent: Extent) -> None:
        self._around = around
        self._rules = LINE_RULES if extent is Extent.LINE else BLOCK_RULES
        self._begin()

    def _begin(self) -> None:
        around = self._around
        watch = None
        if around.tree is not None and self._rules is BLOCK_RULES:
            budget_us = around.parse_budget_us
            watch = ClosingWatch(around.tree, around.cursor, budget_us=budget_us)
        self._seen = Generated(around=around, code=holds_code(around), watch=watch)
        self._line_start = 0
        self._examined = 0
        self._cut: Cut | None = None

    def look(self, text: str) -> Cut | None:
        """Return the cut in `text`, the whole stream so far, or None to go on."""
        if not text.startswith(self._seen.text):
            self._begin()
        if self._cut is not None:
            return self._cut
        self._seen.text = text
        while self._cut is None:
            newline = text.find("\n", self._line_start)
            end = len(text) if newline == -1 else newline
            self._cut = self._in_open_line(end)
            if newline == -1 or self._cut is not None:
                break
            self._complete_line(newline)
            self._line_start = self._examined = newline + 1
        return self._cut

    def _in_open_line(self, end: int) -> Cut | None:
        """Look for what ends a stream in the middle of a line, at the first character it can."""
        text = self._seen.text
        start = self._line_start
        if not self._seen.lines:
            thought = after_thought(text[:end])
            if thought is None:
                return None
            start = max(start, thought)
        line = text[start:end]
        examined = max(0, self._examined - start)
        self._examined = end
        token = control_token(line, self._around.snapshot.text)
        loop = loop_in_line(line, start=examined)
        if token is not None and (loop is None or token[1] <= loop):
            return Cut(end=start + token[0], reason="the model ended its turn")
        if loop is not None:
            kept = loop_start(line[:loop])
            return Cut(end=start + kept, reason="the line repeats itself")
        return None

    def _complete_line(self, newline: int) -> None:
        """Take the line that `newline` ends into account; wrapping lines are passed over."""
        seen = self._seen
        if not seen.lines:
            begin = code_start(seen.text[: newline + 1], code=seen.code)
            if begin is None or begin > newline:
                seen.start = newline + 1 if begin is None else begin
                return
            seen.start = begin
        start = self._line_start if seen.lines else seen.start
        text = seen.text[start:newline]
        if not seen.lines:
            text = self._around.before + text
        depth = width(text, self._around.tab_columns)
        seen.lines.append(Line(start=start, end=newline, text=text, width=depth))
        for rule in self._rules:
            cut = rule(seen)
            if cut is not None:
                self._cut = replace(cut, rule=rule.__name__)
                return
