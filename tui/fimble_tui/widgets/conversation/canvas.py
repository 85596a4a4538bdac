"""The whole conversation as one line-API widget.

Textual's compositor walks every mounted widget at every update (0.03 ms each, visible or not), so
that a widget for each message would make a token dearer the longer a conversation is. Here a turn
is a `TurnCell`: those in view and near it are laid out, those far from it are heights, and a token
costs the same at 30 turns and at 1,000.

While the end is in view, the view follows it. Scrolled up, nothing moves: what comes is collected
and laid out when the end comes into view again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import ClassVar, Final

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from fimble.chat.transcript import AnswerState, Turn
from fimble_tui.markdown.lines import Line, Span
from fimble_tui.widgets.conversation.strips import (
    COMPONENT_PREFIX,
    STYLE_NAMES,
    strip_of,
    with_selection,
)
from fimble_tui.widgets.conversation.turn_cell import TurnCell
from fimble_tui.widgets.conversation.turn_column import TurnColumn

FLUSHES_PER_S: Final = 12
"""How often what came is drawn: more costs processor time and bytes over ssh, less looks jerky."""
_SHARE_OF_TIME: Final = 0.25
"""The part of a second that drawing may take at most: a slow drawing is repeated less often."""
GUTTER: Final = 1
"""Cells at the left for the mark of a turn, and as many free ones at the right."""
_WHEEL_LINES: Final = 3
_NOTE: Final = " ↓ more below · ctrl+end "


class ConversationCanvas(ScrollView):
    """Draws turns; knows nothing of keys."""

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar = {f"{COMPONENT_PREFIX}{name}" for name in STYLE_NAMES}

    def __init__(self, *, clock: Callable[[], float] = monotonic, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._column = TurnColumn()
        self._settling = False
        self._waiting_for = "waiting"
        self._began_s = 0.0
        self._drawn_second: int = -1
        self._stale = False
        self._not_before_s = 0.0
        self._timer: Timer | None = None

    # What is shown

    def show_turns(self, turns: Sequence[Turn]) -> None:
        """Show another branch, from its end."""
        self._column.replace(turns)
        self._column.following = True
        self._settle()
        if turns and not turns[-1].answer.state.final:
            self._begin_clock()

    def begin(self, turn: Turn) -> None:
        """Show a turn that is being answered: a new one, or one that goes on."""
        if turn.answer.state.final:
            state = AnswerState.STREAMING if turn.answer.text else AnswerState.WAITING
            turn = replace(turn, answer=replace(turn.answer, state=state, problem=""))
        cell = self._column.find(turn.turn_id)
        if cell is None:
            self._column.cells.append(TurnCell(turn))
        else:
            cell.end(turn)
        self._column.following = True
        self._begin_clock()
        self._settle()

    def think(self, turn_id: int, text: str) -> None:
        """Take more of what the model thinks; drawn with the next flush."""
        cell = self._column.find(turn_id)
        if cell is not None:
            cell.think(text)
            self._stale = True

    def write(self, turn_id: int, text: str) -> None:
        """Take more of an answer; drawn with the next flush."""
        cell = self._column.find(turn_id)
        if cell is not None:
            cell.write(text)
            self._stale = True

    def end(self, turn: Turn) -> None:
        """Show a final answer, rendered once from its source."""
        cell = self._column.find(turn.turn_id)
        if cell is None:
            return
        cell.end(turn)
        self._stale = not self.following
        if self._timer is not None and not any(one.live for one in self._column.cells[-2:]):
            self._timer.pause()
        self._settle()

    def say_waiting_for(self, words: str) -> None:
        """Say what the model does, where its answer will be."""
        if words != self._waiting_for:
            self._waiting_for = words
            self._stale = True

    def answer_text(self, turn_id: int) -> str:
        """Return an answer as far as it came; empty for a turn that is not shown."""
        cell = self._column.find(turn_id)
        return cell.whole_text() if cell is not None else ""

    @property
    def following(self) -> bool:
        """Whether the end is in view, and stays so."""
        return self._column.following

    # Drawing what came

    def on_mount(self) -> None:
        """Begin to look for news as often as it is drawn."""
        self._timer = self.set_interval(1 / FLUSHES_PER_S, self._flush, pause=True)
        if self._column.cells and self._column.cells[-1].live:
            self._timer.resume()

    def _begin_clock(self) -> None:
        self._began_s = self._clock()
        self._drawn_second = -1
        if self._timer is not None:
            self._timer.resume()

    def _flush(self) -> None:
        """Draw what came since the last time, unless nobody would see it."""
        now = self._clock()
        second = int(now - self._began_s)
        if not self._stale and second == self._drawn_second:
            return
        if not self.following or now < self._not_before_s or not self.is_attached:
            return
        self._stale, self._drawn_second = False, second
        self._settle(news_only=True)
        self._not_before_s = now + (self._clock() - now) / _SHARE_OF_TIME

    def _settle(self, *, news_only: bool = False) -> None:
        """Lay out what is in view, and keep in place what the user looks at.

        With `news_only` nothing but the end of the newest turn changed: unless the view moved,
        only those lines are drawn again.
        """
        width = self.size.width - 2 * GUTTER
        if width <= 0 or self._settling:
            return
        before, column = self.scroll_y, self._column
        self._settling = True
        try:
            top = column.lay(
                width=width,
                top=round(self.scroll_y),
                height=self.size.height,
                lay_cell=self._lay_cell,
            )
            self._take_height(column.total)
            self.scroll_to(y=top, animate=False, force=True)
        finally:
            self._settling = False
        if news_only and before == self.scroll_y and column.cells:
            first = column.top(len(column.cells) - 1) + column.cells[-1].changed_from
            self.refresh_lines(first, max(column.total - first, 0) + 2)
        else:
            self.refresh()

    def _lay_cell(self, cell: TurnCell, width: int) -> None:
        elapsed_s = max(self._clock() - self._began_s, 0.0)
        cell.lay(width, waiting_for=self._waiting_for, elapsed_s=elapsed_s)

    def _take_height(self, height: int) -> None:
        """Tell the scroll bar; the screen's layout does not depend on it, so it is left alone.

        Assigning `virtual_size` would lay out and draw the whole screen for each new line.
        """
        if height != self.virtual_size.height or self.size.width != self.virtual_size.width:
            size = Size(self.size.width, height)
            self.set_reactive(ScrollView.virtual_size, size)  # pyright: ignore[reportArgumentType]
            self.vertical_scrollbar.window_virtual_size = height

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another width, keeping what is at the top at the top."""
        del event
        self._settle()

    def notify_style_update(self) -> None:
        """Draw in other colours; nothing is laid out again."""
        super().notify_style_update()
        for cell in self._column.cells:
            cell.strips.clear()

    # Scrolling

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lay out what comes into view; take up what came meanwhile at the end."""
        super().watch_scroll_y(old_value, new_value)
        if self._settling or round(old_value) == round(new_value):
            return
        self._column.following = new_value >= self.max_scroll_y
        if self.following:
            self._stale = False
        self._settle()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll by lines, without an animation."""
        event.stop()
        self.scroll_to(y=self.scroll_y - _WHEEL_LINES, animate=False)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll by lines, without an animation."""
        event.stop()
        self.scroll_to(y=self.scroll_y + _WHEEL_LINES, animate=False)

    def page(self, direction: str) -> None:
        """Scroll by a page ("up", "down") or to an end ("home", "end")."""
        step = max(self.size.height - 2, 1)
        target = {
            "up": self.scroll_y - step,
            "down": self.scroll_y + step,
            "home": 0,
            "end": self.max_scroll_y,
        }[direction]
        self.scroll_to(y=target, animate=False)

    # Rendering

    def render_line(self, y: int) -> Strip:
        """Return one line of what is in view."""
        width, number = self.size.width, round(self.scroll_y) + y
        if not 0 <= number < self._column.total:
            return Strip.blank(width, self.rich_style)
        cell_number = self._column.at(number)
        strip = self.strip(cell_number, number - self._column.top(cell_number), width)
        selection = self.text_selection
        span = selection.get_span(number) if selection is not None else None
        if span is not None:
            colours = self.screen.get_component_rich_style("screen--selection")
            strip = with_selection(strip, *span, colours)
        strip = strip.apply_offsets(0, number)
        if y == self.size.height - 1 and not self.following and self._stale:
            note = strip_of(Line(spans=(Span(_NOTE, "below"),)), len(_NOTE), self.style_of)
            return Strip.join([strip.crop(0, width - len(_NOTE)), note])
        return strip

    def strip(self, cell_number: int, row: int, width: int) -> Strip:
        """Return one line of a turn, drawn once until it changes."""
        cell = self._column.cells[cell_number]
        if row in cell.strips:
            return cell.strips[row]
        if cell.lines is None or row >= len(cell.lines):
            return Strip.blank(width, self.rich_style)
        strip = strip_of(self.with_gutter(cell.lines[row], cell_number), width, self.style_of)
        cell.strips[row] = strip
        return strip

    def with_gutter(self, line: Line, cell_number: int) -> Line:
        """Return a line as it is drawn: moved to the right, where a mark may stand."""
        del cell_number
        return Line(spans=(Span(" " * GUTTER), *line.spans), fill=line.fill)

    def style_of(self, names: str) -> Style:
        """Return the colours of a line's style names."""
        if not names:
            return self.rich_style
        wanted = (f"{COMPONENT_PREFIX}{name}" for name in names.split())
        return self.get_visual_style(*wanted).rich_style

    # Selected text

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected."""
        del selection
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected, without bars and without breaks that only the width made."""
        last = self._column.total - 1
        first = max(selection.start.y, 0) if selection.start is not None else 0
        if selection.end is not None:
            last = min(selection.end.y, last)
        copied = ""
        for number in range(first, last + 1):
            span = selection.get_span(number)
            line = self._column.line(number)
            if span is None or line is None:
                continue
            start, end = (max(offset - GUTTER, 0) if offset >= 0 else None for offset in span)
            text = line.text[max(start or 0, line.lead) : end]
            copied += text if number == first else line.glue + text
        return copied, "\n"
