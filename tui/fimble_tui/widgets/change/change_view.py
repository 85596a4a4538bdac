"""A change as one line-API widget: hunks are staged with keys, and nothing is ever cut.

Each hunk is laid out twice at a width, as staged and as left out; a key only chooses which of the
two is drawn, so that staging costs the same in a file of any size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fimble_tui.keys import CHANGE_KEYS
from fimble_tui.markdown.code import code_line
from fimble_tui.markdown.lines import Line, Span, indented
from fimble_tui.widgets.change.rows import ChangeBlock, ChangeRow
from fimble_tui.widgets.conversation.strips import COMPONENT_PREFIX, STYLE_NAMES, strip_of

CHANGE_STYLE_NAMES: Final = (
    *("gone", "gone-word", "come", "come-word", "sign-gone", "sign-come", "left-out"),
    *("number", "hunk", "hunk-staged", "hunk-marked"),
)
"""Beside those of the conversation."""
_SIDE: Final = {"-": "gone", "+": "come", " ": ""}


@dataclass
class StagingChanged(Message):
    """Other hunks are staged now."""

    staged: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Laid:
    """A hunk at one width."""

    staged: tuple[Line, ...]
    left_out: tuple[Line, ...]


class ChangeView(ScrollView, can_focus=True):
    """All hunks of a change, one of them marked."""

    BINDINGS: ClassVar = list(CHANGE_KEYS)
    COMPONENT_CLASSES: ClassVar = {
        f"{COMPONENT_PREFIX}{name}" for name in (*STYLE_NAMES, *CHANGE_STYLE_NAMES)
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._blocks: tuple[ChangeBlock, ...] = ()
        self._staged: frozenset[int] = frozenset()
        self._marked = 0
        self._laid: list[_Laid] = []
        self._tops: list[int] = []
        self._lay_width = 0

    @property
    def staged(self) -> frozenset[int]:
        """The numbers of the staged hunks."""
        return self._staged

    @property
    def marked(self) -> int:
        """The hunk that keys act on."""
        return self._marked

    def show_change(self, blocks: Sequence[ChangeBlock]) -> None:
        """Show another change, all of it staged."""
        self._blocks = tuple(blocks)
        self._staged = frozenset(range(len(blocks)))
        self._marked = 0
        self._lay(self.size.width)
        self.scroll_to(y=0, animate=False, force=True)
        self.post_message(StagingChanged(self._staged))

    # Layout

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another width."""
        del event
        if self.size.width != self._lay_width:
            self._lay(self.size.width)
            self._bring_into_view()

    def _lay(self, width: int) -> None:
        self._lay_width = width
        # One column of numbers for all hunks: their code stays where it is in the file.
        digits = len(str(max((row.number for it in self._blocks for row in it.rows), default=1)))
        self._laid = [self._laid_block(it, max(width, 20), digits) for it in self._blocks]
        self._tops = [0]
        for laid in self._laid:
            self._tops.append(self._tops[-1] + len(laid.staged))
        self.virtual_size = Size(width, self._tops[-1])
        self.refresh()

    def _laid_block(self, block: ChangeBlock, width: int, digits: int) -> _Laid:
        body = [line for row in block.rows for line in _row_lines(row, width, digits)]
        head = self._head(block, len(self._blocks))
        return _Laid(
            staged=(head, *body, Line()),
            left_out=(head, *(_left_out(line) for line in body), Line()),
        )

    def _head(self, block: ChangeBlock, count: int) -> Line:
        """Return the line above a hunk; its box is drawn when it is shown."""
        hunk = block.hunk
        first, last = hunk.old_start + 1, hunk.old_start + len(hunk.old_lines)
        if not hunk.old_lines:
            where = f"behind line {hunk.old_start}" if hunk.old_start else "at the beginning"
        else:
            where = f"line {first}" if first == last else f"lines {first}-{last}"
        sums = f"+{len(hunk.new_lines)} −{len(hunk.old_lines)}"
        words = f" {hunk.number + 1} of {count} · {where} · {sums}"
        return Line(spans=(Span(words, "hunk"),), fill="hunk")

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Return one line of what is in view."""
        width = self.size.width
        number = round(self.scroll_y) + y
        at = self._block_at(number)
        if at is None:
            return Strip.blank(width, self.rich_style)
        laid, row = self._laid[at], number - self._tops[at]
        line = (laid.staged if at in self._staged else laid.left_out)[row]
        if row == 0:
            line = self._with_box(line, at)
        bar = Span("┃" if at == self._marked and row < len(laid.staged) - 1 else " ", "mark")
        shown = Line(spans=(bar, *line.spans), fill=line.fill)
        return strip_of(shown, width, self._style_of)

    def _with_box(self, line: Line, at: int) -> Line:
        box = Span(" [x]", "hunk hunk-staged") if at in self._staged else Span(" [ ]", "hunk")
        words = line.spans
        if at == self._marked and self.has_focus:
            words = tuple(Span(text, f"{style} hunk-marked") for text, style in words)
        return replace(line, spans=(box, *words))

    def _block_at(self, number: int) -> int | None:
        low, high = 0, len(self._laid) - 1
        while low <= high:
            middle = (low + high) // 2
            if number < self._tops[middle]:
                high = middle - 1
            elif number >= self._tops[middle + 1]:
                low = middle + 1
            else:
                return middle
        return None

    def _style_of(self, names: str) -> Style:
        if not names:
            return self.rich_style
        wanted = (f"{COMPONENT_PREFIX}{name}" for name in names.split())
        return self.get_visual_style(*wanted).rich_style

    # Keys

    def action_hunk(self, step: int) -> None:
        """Mark the next hunk, or scroll towards it while the marked one goes on."""
        if not self._laid:
            return
        top, end = self._tops[self._marked], self._tops[self._marked + 1] - 1
        view_top, height = round(self.scroll_y), self.size.height
        if step > 0 and end > view_top + height:
            self.scroll_to(y=view_top + max(height // 2, 1), animate=False)
        elif step < 0 and top < view_top:
            self.scroll_to(y=max(view_top - max(height // 2, 1), top), animate=False)
        else:
            self._mark(self._marked + step)

    def action_jump(self, number: int) -> None:
        """Mark a hunk by its number from 1; 0 is the last one."""
        self._mark(number - 1 if number else len(self._blocks) - 1)

    def action_toggle_hunk(self) -> None:
        """Stage the marked hunk, or leave it out."""
        if self._blocks:
            self._stage(self._staged ^ {self._marked})

    def action_stage_all(self) -> None:
        """Stage every hunk."""
        self._stage(frozenset(range(len(self._blocks))))

    def action_stage_none(self) -> None:
        """Leave every hunk out."""
        self._stage(frozenset())

    def action_page(self, direction: int) -> None:
        """Scroll by a page; marks the first hunk that is in view then."""
        height = max(self.size.height - 2, 1)
        self.scroll_to(y=self.scroll_y + direction * height, animate=False)
        at = self._block_at(min(round(self.scroll_target_y), max(self._tops[-1] - 1, 0)))
        if at is not None:
            self._marked = at
            self.refresh()

    def on_focus(self) -> None:
        """Draw the mark as one that keys act on."""
        self.refresh()

    def on_blur(self) -> None:
        """Draw the mark as a quiet one."""
        self.refresh()

    def _stage(self, staged: frozenset[int]) -> None:
        if staged != self._staged:
            self._staged = staged
            self.refresh()
            self.post_message(StagingChanged(staged))

    def _mark(self, number: int) -> None:
        if 0 <= number < len(self._blocks):
            self._marked = number
            self._bring_into_view()
            self.refresh()

    def _bring_into_view(self) -> None:
        if not self._laid:
            return
        top, end = self._tops[self._marked], self._tops[self._marked + 1]
        view_top, height = round(self.scroll_y), self.size.height
        if top < view_top or end - top > height:
            self.scroll_to(y=top, animate=False)
        elif end > view_top + height:
            self.scroll_to(y=end - height, animate=False)


def _row_lines(row: ChangeRow, width: int, digits: int) -> Iterator[Line]:
    """Yield one line of a change as as many lines as it needs, behind its number and sign."""
    side = _SIDE[row.sign]
    sign = f"fence sign-{side}" if side else "fence"
    first = (
        Span(f" {row.number:>{digits}} ", f"number {side}".rstrip()),
        Span(row.sign, f"{sign} {side}".rstrip()),
    )
    rest = (Span(" " * (digits + 3), f"number {side}".rstrip()),)
    bare = code_line(row.spans, width - digits - 4)
    lines = [_on_side(line, side) for line in bare]
    yield from indented(lines, first, rest)


def _on_side(line: Line, side: str) -> Line:
    """Give the whole line the ground of its side."""
    if not side:
        return replace(line, fill="fence")
    spans = tuple(
        Span(text, style if style.endswith((side, f"{side}-word")) else f"{style} {side}".lstrip())
        for text, style in line.spans
    )
    return replace(line, spans=spans, fill=f"fence {side}")


def _left_out(line: Line) -> Line:
    """Return a line of a hunk that will not be written."""
    spans = tuple(Span(text, "left-out") for text, _ in line.spans)
    return replace(line, spans=spans, fill="left-out")
