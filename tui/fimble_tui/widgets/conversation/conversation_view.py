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
from fimble_tui.keys import TURN_KEYS
from fimble_tui.markdown.lines import FenceTarget, Line, LinkTarget, Mark, PlaceTarget, Span
from fimble_tui.messages import (
    FenceChosen,
    JumpChanged,
    LinkChosen,
    PlaceChosen,
    TargetAction,
    TurnCommand,
    TurnMarked,
)
from fimble_tui.widgets.conversation.heights import Heights
from fimble_tui.widgets.conversation.jumping import Jump, assign_letters, hint, possible_actions
from fimble_tui.widgets.conversation.strips import (
    COMPONENT_PREFIX,
    STYLE_NAMES,
    strip_of,
    with_selection,
)
from fimble_tui.widgets.conversation.turn_cell import TurnCell

FLUSHES_PER_S: Final = 12
"""How often what came is drawn (facts: more costs processor time and bytes, less looks jerky)."""
_SHARE_OF_TIME: Final = 0.25
"""The part of a second that drawing may take at most: a slow drawing is repeated less often."""
_KEPT_AROUND: Final = 40
"""Turns beside those in view that stay laid out."""
_GUTTER: Final = 1
CONTINUABLE: Final = frozenset({AnswerState.STOPPED, AnswerState.CUT, AnswerState.LENGTH})
_WHEEL_LINES: Final = 3


class ConversationView(ScrollView, can_focus=True):
    """Every turn of the branch; keys act on the marked one."""

    ALLOW_SELECT = True
    BINDINGS: ClassVar = list(TURN_KEYS)
    COMPONENT_CLASSES: ClassVar = {f"{COMPONENT_PREFIX}{name}" for name in STYLE_NAMES}

    def __init__(self, *, clock: Callable[[], float] = monotonic, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._cells: list[TurnCell] = []
        self._heights = Heights()
        self._lay_width = 0
        self._following = True
        self._settling = False
        self._waiting_for = "waiting"
        self._began_s = 0.0
        self._drawn_second: int = -1
        self._stale = False
        self._not_before_s = 0.0
        self._timer: Timer | None = None
        self._marked: int | None = None
        self._jumps: tuple[Jump, ...] = ()
        self._chosen: Jump | None = None

    # What is shown

    def show_turns(self, turns: Sequence[Turn]) -> None:
        """Show another branch, from its end."""
        self._cells = [TurnCell(turn) for turn in turns]
        self._marked = len(turns) - 1 if self.has_focus and turns else None
        self._following = True
        self.leave_jump()
        self._settle()
        if self._cells and self._cells[-1].live:
            self._begin_clock()

    def begin(self, turn: Turn) -> None:
        """Show a turn that is being answered: a new one, or one that goes on."""
        if turn.answer.state.final:
            state = AnswerState.STREAMING if turn.answer.text else AnswerState.WAITING
            turn = replace(turn, answer=replace(turn.answer, state=state, problem=""))
        cell = self._find(turn.turn_id)
        if cell is None:
            self._cells.append(TurnCell(turn))
        else:
            cell.end(turn)
        self._following = True
        self._begin_clock()
        self._settle()

    def think(self, turn_id: int, text: str) -> None:
        """Take more of what the model thinks; drawn with the next flush."""
        cell = self._find(turn_id)
        if cell is not None:
            cell.think(text)
            self._stale = True

    def write(self, turn_id: int, text: str) -> None:
        """Take more of an answer; drawn with the next flush."""
        cell = self._find(turn_id)
        if cell is not None:
            cell.write(text)
            self._stale = True

    def end(self, turn: Turn) -> None:
        """Show a final answer, rendered once from its source."""
        cell = self._find(turn.turn_id)
        if cell is None:
            self.begin(turn)
            return
        cell.end(turn)
        if self._timer is not None and not any(one.live for one in self._cells[-2:]):
            self._timer.pause()
        self._settle()

    def say_waiting_for(self, words: str) -> None:
        """Say what the model does, where its answer will be."""
        if words != self._waiting_for:
            self._waiting_for = words
            self._stale = True

    def answer_text(self, turn_id: int) -> str:
        """Return an answer as far as it came; empty for a turn that is not shown."""
        cell = self._find(turn_id)
        return cell.whole_text() if cell is not None else ""

    @property
    def following(self) -> bool:
        """Whether the end is in view, and stays so."""
        return self._following

    @property
    def marked_turn(self) -> Turn | None:
        """The turn that keys act on: the marked one, or the newest."""
        if not self._cells:
            return None
        return self._cells[-1 if self._marked is None else self._marked].turn

    def _find(self, turn_id: int) -> TurnCell | None:
        for cell in reversed(self._cells):
            if cell.turn.turn_id == turn_id:
                return cell
        return None

    # Drawing what came

    def on_mount(self) -> None:
        """Begin to look for news as often as it is drawn."""
        self._timer = self.set_interval(1 / FLUSHES_PER_S, self._flush, pause=True)
        if self._cells and self._cells[-1].live:
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
        if not self._following or now < self._not_before_s or not self.is_attached:
            return
        self._stale, self._drawn_second = False, second
        self._settle(news_only=True)
        self._not_before_s = now + (self._clock() - now) / _SHARE_OF_TIME

    # Layout

    def _settle(self, *, news_only: bool = False) -> None:
        """Lay out what is in view, and keep in place what the user looks at.

        With `news_only` nothing but the end of the newest turn changed: unless the view moved,
        only those lines are drawn again.
        """
        width = self.size.width - 2 * _GUTTER
        if width <= 0 or self._settling:
            return
        before = self.scroll_y
        self._settling = True
        try:
            self._lay(width)
        finally:
            self._settling = False
        if news_only and before == self.scroll_y and self._cells:
            first = self._heights.top(len(self._cells) - 1) + self._cells[-1].changed_from
            self.refresh_lines(first, max(self._heights.total - first, 0) + 2)
        else:
            self.refresh()

    def _lay(self, width: int) -> None:
        anchor, offset = self._anchor()
        if width != self._lay_width:
            self._lay_width = width
            for cell in self._cells:
                cell.guess(width)
        live_from = len(self._cells) - 1 if self._following else len(self._cells)
        laid: set[int] = set()
        shown = range(0)
        while True:
            self._heights.count(self._height(cell, width) for cell in self._cells)
            top = self._top(anchor, offset)
            shown = self._heights.between(top, top + self.size.height)
            missing = [
                number
                for number in shown
                if number not in laid and (self._cells[number].lines is None or number >= live_from)
            ]
            if not missing:
                break
            for number in missing:
                self._lay_cell(number, width)
                laid.add(number)
        self._drop_far(shown)
        self._take_height(self._heights.total)
        self.scroll_to(y=self._top(anchor, offset), animate=False, force=True)

    def _take_height(self, height: int) -> None:
        """Tell the scroll bar; the screen's layout does not depend on it, so it is left alone.

        Assigning `virtual_size` would lay out and draw the whole screen for each new line.
        """
        if height != self.virtual_size.height or self.size.width != self.virtual_size.width:
            size = Size(self.size.width, height)
            self.set_reactive(ScrollView.virtual_size, size)  # pyright: ignore[reportArgumentType]
            self.vertical_scrollbar.window_virtual_size = height

    def _height(self, cell: TurnCell, width: int) -> int:
        if not cell.height:
            cell.guess(width)
        return cell.height

    def _lay_cell(self, number: int, width: int) -> None:
        elapsed_s = max(self._clock() - self._began_s, 0.0)
        self._cells[number].lay(width, waiting_for=self._waiting_for, elapsed_s=elapsed_s)

    def _anchor(self) -> tuple[int, int]:
        """Return a turn in view and how far its first line is below the top of the view."""
        if self._following or not self._cells:
            return -1, 0
        top = round(self.scroll_y)
        shown = self._heights.between(top, top + self.size.height)
        known = [number for number in shown if self._cells[number].lines is not None]
        anchor = (known or list(shown))[0]
        return anchor, self._heights.top(anchor) - top

    def _top(self, anchor: int, offset: int) -> int:
        """Return the first line in view."""
        bottom = max(self._heights.total - self.size.height, 0)
        if anchor < 0:
            return bottom
        return max(min(self._heights.top(anchor) - offset, bottom), 0)

    def _drop_far(self, shown: range) -> None:
        first, last = shown.start - _KEPT_AROUND, shown.stop + _KEPT_AROUND
        for number, cell in enumerate(self._cells):
            if cell.lines is not None and not first <= number < last:
                cell.drop()

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another width, keeping what is at the top at the top."""
        del event
        self._settle()

    def notify_style_update(self) -> None:
        """Draw in other colours; nothing is laid out again."""
        super().notify_style_update()
        for cell in self._cells:
            cell.strips.clear()

    # Scrolling

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Lay out what comes into view; take up what came meanwhile at the end."""
        super().watch_scroll_y(old_value, new_value)
        if self._settling or round(old_value) == round(new_value):
            return
        self._following = new_value >= self.max_scroll_y
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
        width = self.size.width
        number = round(self.scroll_y) + y
        if not self._cells or not 0 <= number < self._heights.total:
            return Strip.blank(width, self.rich_style)
        cell_number = self._heights.at(number)
        strip = self._strip(cell_number, number - self._heights.top(cell_number), width)
        selection = self.text_selection
        span = selection.get_span(number) if selection is not None else None
        if span is not None:
            colours = self.screen.get_component_rich_style("screen--selection")
            strip = with_selection(strip, *span, colours)
        strip = strip.apply_offsets(0, number)
        if y == self.size.height - 1 and not self._following and self._stale:
            return self._with_note(strip, " ↓ more below · ctrl+end ")
        return strip

    def _strip(self, cell_number: int, row: int, width: int) -> Strip:
        cell = self._cells[cell_number]
        lettered = self._letters_on(cell_number, row)
        if row in cell.strips and not lettered:
            return cell.strips[row]
        if cell.lines is None or row >= len(cell.lines):
            return Strip.blank(width, self.rich_style)
        line = cell.lines[row]
        gutter = Span("┃", "mark") if cell_number == self._marked else Span(" ")
        shown = _with_letters(line, lettered, self._chosen)
        drawn = Line(spans=(gutter, *shown.spans), fill=shown.fill)
        strip = strip_of(drawn, width, self._style_of)
        if not lettered:
            cell.strips[row] = strip
        return strip

    def _letters_on(self, cell_number: int, row: int) -> list[Jump]:
        if not self._jumps:
            return []
        number = self._heights.top(cell_number) + row
        return [jump for jump in self._jumps if jump.line == number]

    def _with_note(self, strip: Strip, words: str) -> Strip:
        note = strip_of(Line(spans=(Span(words, "below"),)), len(words), self._style_of)
        return Strip.join([strip.crop(0, self.size.width - len(words)), note])

    def _style_of(self, names: str) -> Style:
        if not names:
            return self.rich_style
        wanted = (f"{COMPONENT_PREFIX}{name}" for name in names.split())
        return self.get_visual_style(*wanted).rich_style

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected."""
        del selection
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected, without bars and without breaks that only the width made."""
        if not self._cells:
            return None
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else self._heights.total - 1
        copied = ""
        for number in range(max(first, 0), min(last, self._heights.total - 1) + 1):
            span = selection.get_span(number)
            line = self._line(number)
            if span is None or line is None:
                continue
            start, end = (max(offset - _GUTTER, 0) if offset >= 0 else None for offset in span)
            text = line.text[max(start or 0, line.lead) : end]
            copied += text if number == first else line.glue + text
        return copied, "\n"

    def _line(self, number: int) -> Line | None:
        cell_number = self._heights.at(number)
        cell = self._cells[cell_number]
        lines = cell.lines if cell.lines is not None else cell.lay(self._lay_width)
        row = number - self._heights.top(cell_number)
        return lines[row] if row < len(lines) else None

    # The marked turn

    def on_focus(self) -> None:
        """Mark a turn, so that keys have something to act on."""
        if self._cells and self._marked is None:
            self._mark(len(self._cells) - 1)

    def on_blur(self) -> None:
        """Leave no mark where no key acts."""
        self.leave_jump()
        self._mark(None)

    def action_turn(self, step: int) -> None:
        """Mark the turn before or after."""
        if not self._cells:
            return
        at = len(self._cells) - 1 if self._marked is None else self._marked + step
        self._mark(max(min(at, len(self._cells) - 1), 0))
        self._reveal()

    def _mark(self, number: int | None) -> None:
        for one in {self._marked, number} - {None}:
            if one is not None and one < len(self._cells):
                self._cells[one].strips.clear()
        self._marked = number
        self.refresh()
        self.post_message(TurnMarked())

    def _reveal(self) -> None:
        """Scroll so that the marked turn's beginning is in view."""
        if self._marked is None:
            return
        top = self._heights.top(self._marked)
        height = self._cells[self._marked].height
        visible = range(round(self.scroll_y), round(self.scroll_y) + self.size.height)
        if top not in visible or (top + height - 1 not in visible and height < self.size.height):
            self.scroll_to(y=max(top - 1, 0), animate=False)

    def toggle_unfolded(self) -> None:
        """Show the marked turn's thoughts and question whole, or fold them."""
        if not self._cells:
            return
        number = len(self._cells) - 1 if self._marked is None else self._marked
        cell = self._cells[number]
        cell.unfolded = not cell.unfolded
        cell.drop()
        self._settle()

    def _command(self, name: str) -> None:
        turn = self.marked_turn
        if turn is not None:
            self.post_message(TurnCommand(name, turn.turn_id))

    def action_copy(self) -> None:
        """Copy the marked turn's answer."""
        self._command("copy")

    def action_edit(self) -> None:
        """Edit the marked turn's question."""
        self._command("edit")

    def action_regenerate(self) -> None:
        """Ask the marked turn's question again."""
        self._command("again")

    def action_carry_on(self) -> None:
        """Go on with the newest answer."""
        self._command("continue")

    def action_fork(self) -> None:
        """Begin a session that ends at the marked turn."""
        self._command("fork")

    def action_thinking(self) -> None:
        """Unfold or fold."""
        self.toggle_unfolded()

    def action_jump(self) -> None:
        """Show the letters."""
        self.start_jump()

    # Jump letters

    @property
    def jumping(self) -> bool:
        """Whether letters are shown."""
        return bool(self._jumps)

    def start_jump(self) -> bool:
        """Show a letter on each target in view; False when there is none."""
        top = round(self.scroll_y)
        found: list[tuple[int, int, Mark]] = []
        for number in range(top, min(top + self.size.height, self._heights.total)):
            line = self._line(number)
            cell = self._heights.at(number)
            found += [(number, cell, mark) for mark in (line.marks if line else ())]
        self._jumps, self._chosen = assign_letters(found), None
        self.refresh()
        self.post_message(JumpChanged(hint(None) if found else ""))
        return bool(found)

    def leave_jump(self) -> None:
        """Take the letters away."""
        if self._jumps:
            self._jumps, self._chosen = (), None
            self.refresh()
            self.post_message(JumpChanged(""))

    def on_key(self, event: events.Key) -> None:
        """Give letters to the jump while it runs."""
        if self._jumps and event.is_printable:
            event.stop()
            event.prevent_default()
            self.press(event.key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the turns do nothing while letters are shown."""
        del parameters
        turn = self.marked_turn
        match action:
            case "turn" | "copy" | "edit" | "regenerate" | "carry_on" | "fork" | "thinking":
                if self._jumps or turn is None:
                    return False
            case _:
                return True
        running = self._cells[-1].live
        if action == "carry_on":
            return not running and turn.answer.state in CONTINUABLE
        return not running or action in {"turn", "copy", "thinking"}

    def press(self, key: str) -> None:
        """Take a key while letters are shown: a letter first, then what to do."""
        if self._chosen is None:
            self._chosen = next((jump for jump in self._jumps if jump.letter == key), None)
            if self._chosen is None:
                self.leave_jump()
                return
            self._jumps = (self._chosen,)
            self.refresh()
            self.post_message(JumpChanged(hint(self._chosen.mark.target)))
            return
        action = possible_actions(self._chosen.mark.target).get(key)
        jump = self._chosen
        self.leave_jump()
        if action is not None:
            self._act(jump, action)

    def _act(self, jump: Jump, action: TargetAction) -> None:
        match jump.mark.target:
            case FenceTarget(fence=fence):
                turn_id = self._cells[jump.cell].turn.turn_id
                self.post_message(FenceChosen(turn_id, fence, action))
            case PlaceTarget(path=path, line=line):
                self.post_message(PlaceChosen(path, line, action))
            case LinkTarget(address=address):
                self.post_message(LinkChosen(address, action))

    def on_click(self, event: events.Click) -> None:
        """Offer what can be done with the target that was clicked; nothing happens by itself."""
        number = round(self.scroll_y) + event.y
        if not self._cells or not 0 <= number < self._heights.total or self.text_selection:
            return
        line = self._line(number)
        at = event.x - _GUTTER
        marks = [mark for mark in (line.marks if line else ()) if mark.column <= at]
        if not line or not marks or at >= sum(len(span.text) for span in line.spans):
            return
        self._jumps = assign_letters([(number, self._heights.at(number), marks[-1])])
        self.press(self._jumps[0].letter)


def _with_letters(line: Line, jumps: Sequence[Jump], chosen: Jump | None) -> Line:
    """Put each letter before its target."""
    if not jumps:
        return line
    spans: list[Span] = []
    column = 0
    left = {jump.mark.column: jump.letter for jump in jumps}
    style = "letter" if chosen is None else "letter-chosen"
    for span in line.spans:
        inside = sorted(at for at in left if column <= at < column + len(span.text))
        done = 0
        for at in inside:
            spans.append(Span(span.text[done : at - column], span.style))
            spans.append(Span(f" {left[at]} ", style))
            done = at - column
        spans.append(Span(span.text[done:], span.style))
        column += len(span.text)
    return Line(spans=tuple(span for span in spans if span.text), fill=line.fill)
