"""Markdown that is still being written: only its last block is laid out again.

CommonMark closes a block for good when the next one at the top begins (spec 0.31, appendix
"A parsing strategy") and its first line is whole, so everything before is kept as lines.
Three kinds of last block would still cost their whole length at every token, and are treated for
themselves: of a list only the last item is read again, an open code block grows without being
parsed, and a table is counted instead of drawn until it ends.

References (`[a]: url`) that come later than their use stay plain until the answer is finished,
when it is rendered once from its source.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from markdown_it.token import Token

from fimble.chat.fences import Fence, fences
from fimble_tui.markdown.blocks import (
    blocks,
    lay_blocks,
    parser,
    source_of,
    with_line_feeds,
)
from fimble_tui.markdown.code import code_line, fence_head, plain_rows
from fimble_tui.markdown.lines import BLANK, Line, Span

_MOST_INDENTED: Final = 3
"""Spaces before a block; with more it would be read as code by itself."""


class StreamedMarkdown:
    """A document that grows at its end."""

    def __init__(self, width: int) -> None:
        self._width = max(width, 10)
        self.source = ""
        self.lines: list[Line] = []
        """As they are now; do not change them."""
        self._stable_source = 0
        self._stable_lines = 0
        self._within_list = False
        self._after_blank = False
        self._open: _OpenFence | None = None
        self._held_rows = 0
        self._held_line = 0
        self._ends_with_return = False

    def append(self, text: str) -> int:
        """Add text to the end; returns the first of `lines` that may have changed."""
        text = self._whole_line_ends(text)
        self.source += text
        if self._held_rows and self._count_rows(text):
            return self._show_held()
        self._held_rows = 0
        if self._open is not None and self._open.grow(text):
            lines = self._open.take()
            self._replace(self._open.first_changed, lines)
            return self._open.first_changed
        self._open = None
        changed_from = self._stable_lines
        self._lay_tail()
        return changed_from

    def _whole_line_ends(self, text: str) -> str:
        """Make line feeds of carriage returns, also where a pair of both comes in two parts."""
        if self._ends_with_return and text.startswith("\n"):
            text = text[1:]
            self._ends_with_return = False
        if text:
            self._ends_with_return = text.endswith("\r")
        return with_line_feeds(text)

    def _lay_tail(self) -> None:
        tail = self.source[self._stable_source :]
        tokens = parser().parse(tail)
        found = list(blocks(tokens))
        unsure = _begins_unsure(found, tail)
        settled = found[: -2 if unsure else -1]
        if settled:
            tail, tokens = self._settle(tail, settled, tokens, within_list=False)
            found = list(blocks(tokens))
        if not found:
            self._replace(self._stable_lines, [])
            return
        last = found[-1]
        opening = last[0].type
        if opening == "fence" and len(found) == 1 and not unsure and self._begin_fence(tail):
            return
        if opening in {"bullet_list_open", "ordered_list_open"} and len(found) == 1:
            tail, tokens = self._settle_items(last, tail, tokens)
        elif opening == "table_open" or _may_become_table(last):
            self._hold_back(tokens[: -len(last)], last, tail)
            return
        self._replace(
            self._stable_lines, self._joined(lay_blocks(tokens, source_of(tail), self._width))
        )

    def _settle(
        self,
        tail: str,
        settled: Sequence[Sequence[Token]],
        tokens: list[Token],
        *,
        within_list: bool,
    ) -> tuple[str, list[Token]]:
        """Keep the lines of blocks that are closed for good, and return what is left."""
        count = sum(len(block) for block in settled)
        laid = lay_blocks(tokens[:count], source_of(tail), self._width)
        start = tokens[count].map
        return self._keep(laid, tail, start[0] if start else 0, within_list=within_list)

    def _settle_items(
        self, block: Sequence[Token], tail: str, tokens: list[Token]
    ) -> tuple[str, list[Token]]:
        """Keep all items of a list but the last, and return what is left."""
        items = list(blocks(block[1:-1]))
        kept = items[: -2 if _begins_unsure(items, tail) else -1]
        if not kept:
            return tail, tokens
        start = items[len(kept)][0].map
        if start is None or _indentation(tail.split("\n")[start[0]]) > _MOST_INDENTED:
            return tail, tokens
        settled = [block[0], *(token for item in kept for token in item), block[-1]]
        laid = lay_blocks(settled, source_of(tail), self._width)
        return self._keep(laid, tail, start[0], within_list=True)

    def _keep(
        self, laid: list[Line], tail: str, row: int, *, within_list: bool
    ) -> tuple[str, list[Token]]:
        """Keep lines for good; what comes next begins at `row` of the tail."""
        self._replace(self._stable_lines, self._joined(laid))
        self._stable_lines = len(self.lines)
        self._stable_source += _offset_of_row(tail, row)
        self._within_list = within_list
        self._after_blank = not tail.split("\n")[row - 1].strip()
        rest = self.source[self._stable_source :]
        return rest, parser().parse(rest)

    def _hold_back(self, before: list[Token], last: Sequence[Token], tail: str) -> None:
        """Count the rows of a table instead of drawing it."""
        first = last[0].map[0] if last[0].map else 0
        is_table = last[0].type == "table_open"
        # Whole lines without the one under the head.
        self._held_rows = max(tail.count("\n") - first - 1, 0) if is_table else 0
        laid = lay_blocks(before, source_of(tail), self._width)
        self._replace(self._stable_lines, self._joined([*laid, BLANK] if laid else [BLANK]))
        self._held_line = len(self.lines) - (not laid)
        self._show_held()

    def _show_held(self) -> int:
        rows = self._held_rows
        words = f"table, {rows} rows so far" if rows else "table"
        self._replace(self._held_line, [Line(spans=(Span(words, "quiet"),))])
        return self._held_line

    def _count_rows(self, text: str) -> bool:
        """Count the rows of a table that `text` ends; False when it may hold something else."""
        before = len(self.source) - len(text)
        rows = self.source[self.source.rfind("\n", 0, before) + 1 :].split("\n")
        if not all(row.startswith("|") for row in rows[:-1]) or rows[-1][:1] not in {"", "|"}:
            return False
        self._held_rows += len(rows) - 1
        return True

    def _begin_fence(self, tail: str) -> bool:
        """Take the fast way through a code block that is not closed yet."""
        found = fences(tail)
        if not found or found[-1].closed:
            return False
        head = self._joined([fence_head(found[-1])])
        self._replace(self._stable_lines, head)
        self._open = _OpenFence(found[-1], tail, self._width, len(self.lines))
        self._replace(len(self.lines), self._open.take())
        return True

    def _joined(self, laid: list[Line]) -> list[Line]:
        """Put a blank line before `laid` where one belongs."""
        if not self._stable_lines or not laid:
            return laid
        if self._within_list and not self._after_blank:
            return laid
        return [BLANK, *laid]

    def _replace(self, first: int, lines: list[Line]) -> None:
        del self.lines[first:]
        self.lines += lines


class _OpenFence:
    """The code of a block whose end has not come; only its last line is laid out again."""

    def __init__(self, fence: Fence, tail: str, width: int, first_line: int) -> None:
        rows = tail.split("\n")
        opening = rows[fence.start].lstrip(" ")
        mark = opening[0]
        length = len(opening) - len(opening.lstrip(mark))
        self._closing = re.compile(rf" {{0,3}}{re.escape(mark)}{{{length},}}[ \t]*")
        self._indentation = len(rows[fence.start]) - len(opening)
        self._width = width
        self._complete = rows[fence.start + 1 : -1]
        self._rest = rows[-1] if fence.start + 1 < len(rows) else ""
        self._within_opening = fence.start + 1 >= len(rows)
        self._next_line = self.first_changed = first_line

    def grow(self, text: str) -> bool:
        """Take more text; False when the block ends in it, or its first line is not whole."""
        if self._within_opening:
            return False
        *complete, self._rest = (self._rest + text).split("\n")
        self._complete += complete
        return not any(self._closing.fullmatch(row) for row in (*complete, self._rest))

    def take(self) -> list[Line]:
        """Return the lines from `first_changed` on."""
        self.first_changed = self._next_line
        lines: list[Line] = []
        for row in self._complete:
            lines += self._lay(row)
        self._complete = []
        self._next_line += len(lines)
        return lines + (self._lay(self._rest) if self._rest else [])

    def _lay(self, row: str) -> list[Line]:
        unindented = row[min(self._indentation, _indentation(row)) :]
        return [
            line
            for spans in plain_rows(unindented + "\n")
            for line in code_line(spans, self._width)
        ]


def _begins_unsure(found: Sequence[Sequence[Token]], tail: str) -> bool:
    """Whether the last block began on a line that is not whole yet.

    Then the block before it may still go on: `3` behind a list is a paragraph, `3. ` an item.
    """
    span = found[-1][0].map if found else None
    return span is not None and span[0] == tail.count("\n")


def _offset_of_row(text: str, row: int) -> int:
    offset = 0
    for _ in range(row):
        offset = text.index("\n", offset) + 1
    return offset


def _indentation(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def _may_become_table(block: Sequence[Token]) -> bool:
    return block[0].type == "paragraph_open" and block[1].content.startswith("|")
