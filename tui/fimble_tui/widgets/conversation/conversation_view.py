"""The conversation with its keys: a turn can be marked and acted on, places in it reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events
from textual.strip import Strip

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
from fimble_tui.widgets.conversation.canvas import GUTTER, ConversationCanvas
from fimble_tui.widgets.conversation.jumping import (
    Jump,
    after_key,
    assign_letters,
    hint,
    possible_actions,
    with_letters,
)
from fimble_tui.widgets.conversation.strips import strip_of

CONTINUABLE: Final = frozenset({AnswerState.STOPPED, AnswerState.CUT, AnswerState.LENGTH})
_TURN_ACTIONS: Final = frozenset(
    {"turn", "copy", "edit", "regenerate", "carry_on", "fork", "thinking", "undo"}
)


class ConversationView(ConversationCanvas, can_focus=True):
    """Every turn of the branch; keys act on the marked one."""

    BINDINGS: ClassVar = list(TURN_KEYS)

    _marked: int | None = None
    _jumps: tuple[Jump, ...] = ()
    _chosen: Jump | None = None

    def show_turns(self, turns: Sequence[Turn]) -> None:
        """Show another branch, from its end."""
        self._marked = len(turns) - 1 if self.has_focus and turns else None
        self.leave_jump()
        super().show_turns(turns)

    @property
    def marked_turn(self) -> Turn | None:
        """The turn that keys act on: the marked one, or the newest."""
        if not self._column.cells:
            return None
        return self._column.cells[self._marked_number].turn

    @property
    def _marked_number(self) -> int:
        return len(self._column.cells) - 1 if self._marked is None else self._marked

    # Drawing marks

    def strip(self, cell_number: int, row: int, width: int) -> Strip:
        """Return one line of a turn, with letters while they are shown."""
        if self._jumps:
            number = self._column.top(cell_number) + row
            here = [jump for jump in self._jumps if jump.line == number]
            line = self._column.line(number)
            if here and line is not None:
                shown = with_letters(line, here, chosen=self._chosen is not None)
                return strip_of(self.with_gutter(shown, cell_number), width, self.style_of)
        return super().strip(cell_number, row, width)

    def with_gutter(self, line: Line, cell_number: int) -> Line:
        """Return a line as it is drawn, with a bar beside the marked turn."""
        if cell_number != self._marked:
            return super().with_gutter(line, cell_number)
        return Line(spans=(Span("┃", "mark"), *line.spans), fill=line.fill)

    # The marked turn

    def on_focus(self) -> None:
        """Mark a turn, so that keys have something to act on."""
        if self._column.cells and self._marked is None:
            self._mark(len(self._column.cells) - 1)

    def on_blur(self) -> None:
        """Leave no mark where no key acts."""
        self.leave_jump()
        self._mark(None)

    def action_turn(self, step: int) -> None:
        """Mark the turn before or after."""
        if not self._column.cells:
            return
        at = len(self._column.cells) - 1 if self._marked is None else self._marked + step
        self._mark(max(min(at, len(self._column.cells) - 1), 0))
        self._reveal()

    def _mark(self, number: int | None) -> None:
        for one in {self._marked, number} - {None}:
            if one is not None and one < len(self._column.cells):
                self._column.cells[one].strips.clear()
        self._marked = number
        self.refresh()
        self.post_message(TurnMarked())

    def _reveal(self) -> None:
        """Scroll so that the marked turn's beginning is in view."""
        if self._marked is None:
            return
        top = self._column.top(self._marked)
        height = self._column.cells[self._marked].height
        visible = range(round(self.scroll_y), round(self.scroll_y) + self.size.height)
        if top not in visible or (top + height - 1 not in visible and height < self.size.height):
            self.scroll_to(y=max(top - 1, 0), animate=False)

    def toggle_unfolded(self) -> None:
        """Show the marked turn's thoughts and question whole, or fold them."""
        if not self._column.cells:
            return
        cell = self._column.cells[self._marked_number]
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

    def action_undo(self) -> None:
        """Take the newest applied edit back."""
        self._command("undo")

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
        found = self._fence_above(top)
        for number in range(top, min(top + self.size.height, self._column.total)):
            line = self._column.line(number)
            cell = self._column.at(number)
            found += [(number, cell, mark) for mark in (line.marks if line else ())]
        self._jumps, self._chosen = assign_letters(found), None
        self.refresh()
        self.post_message(JumpChanged(hint(None) if found else ""))
        return bool(found)

    def _fence_above(self, top: int) -> list[tuple[int, int, Mark]]:
        """Return the code block that the view begins within, to be reached from its first line."""
        number = top
        while (line := self._column.line(number)) is not None and line.fill == "fence":
            number -= 1
        if number == top or line is None or not line.marks:
            return []
        return [(top, self._column.at(top), Mark(0, line.marks[0].target))]

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
        if action not in _TURN_ACTIONS:
            return True
        turn = self.marked_turn
        if self._jumps or turn is None:
            return False
        running = self._column.cells[-1].live
        if action == "carry_on":
            return not running and turn.answer.state in CONTINUABLE
        return not running or action in {"turn", "copy", "thinking"}

    def press(self, key: str) -> None:
        """Take a key while letters are shown: a letter first, then what to do."""
        if self._chosen is None:
            meant = after_key(self._jumps, key)
            if not meant:
                self.leave_jump()
                return
            if meant[0].letter:
                self._jumps = meant
                self.refresh()
                return
            self._jumps = tuple(jump for jump in self._jumps if jump.letter == key)
            self._chosen = self._jumps[0]
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
                turn_id = self._column.cells[jump.cell].turn.turn_id
                self.post_message(FenceChosen(turn_id, fence, action))
            case PlaceTarget(path=path, line=line):
                self.post_message(PlaceChosen(path, line, action))
            case LinkTarget(address=address):
                self.post_message(LinkChosen(address, action))

    def on_click(self, event: events.Click) -> None:
        """Offer what can be done with the target that was clicked; nothing happens by itself."""
        number = round(self.scroll_y) + event.y
        if not self._column.cells or not 0 <= number < self._column.total or self.text_selection:
            return
        line = self._column.line(number)
        at = event.x - GUTTER
        marks = [mark for mark in (line.marks if line else ()) if mark.column <= at]
        if not line or not marks or at >= sum(len(span.text) for span in line.spans):
            return
        self._jumps = assign_letters([(number, self._column.at(number), marks[-1])])
        self.press(self._jumps[0].letter)
