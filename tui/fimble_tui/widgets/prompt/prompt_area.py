"""The editor in which a question is written: keys, chips for large pastes, ghost text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.widgets import TextArea

from fimble_tui.keys import PROMPT_KEYS
from fimble_tui.sinks import same_length
from fimble_tui.widgets.prompt.choice_list import ChoiceList
from fimble_tui.widgets.prompt.choices import Choice
from fimble_tui.widgets.prompt.completing import Completing, completing
from fimble_tui.widgets.prompt.pasted import PastedTexts

_NEW_LINE_KEYS: Final = frozenset({"shift+enter", "ctrl+j", "alt+enter"})
_MOST_LOOKED_AT: Final = 2_000
"""Characters of a row that are looked at for a mention: no name is longer."""


class PromptOwner(Protocol):
    """Does what a key of the prompt asks for, before the next key is looked at."""

    def send(self, *, anyway: bool = False) -> None:
        """Send what is written; `anyway` also when a mention leads nowhere."""
        ...

    def go_to_past(self, *, older: bool) -> None:
        """Show an older question, or a newer one."""
        ...

    def search_past(self) -> None:
        """Look for something that was asked before."""
        ...

    def open_editor(self) -> None:
        """Go on in the user's own editor."""
        ...


class PromptArea(TextArea):
    """A multi-line editor; what it wants beyond that its owner does."""

    BINDINGS: ClassVar = list(PROMPT_KEYS)

    @dataclass
    class Edited(Message):
        """The text is another one."""

        by_hand: bool
        """Whether somebody typed; otherwise it was put there."""

    def __init__(
        self,
        owner: PromptOwner,
        choices: ChoiceList,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Write for `owner`; `choices` is the popup, which takes some keys while it is open."""
        super().__init__(
            id=id,
            compact=True,
            placeholder="Ask anything · @ adds context · / commands",
            highlight_cursor_line=False,
        )
        self.pasted = PastedTexts()
        self._owner = owner
        self._choices = choices
        self._put_there = 0
        self._after_ctrl_x = False

    @property
    def whole_text(self) -> str:
        """What is written, with everything that was pasted."""
        return self.pasted.expand(self.text)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the rows of the text, up to a third of the screen with the rule above."""
        most = max(viewport.height // 3 - 1, 1)
        return max(1, min(super().get_content_height(container, viewport, width), most))

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn: a paste may hold what would steer the terminal."""
        return Text(same_length(self.document.get_line(line_index)), end="", no_wrap=True)

    def put(self, text: str) -> None:
        """Put another text there; it can be undone. Large ones become a chip."""
        self._put_there += 1
        self.replace(self.pasted.collapse(text), self.document.start, self.document.end)
        self.move_cursor(self.document.end)

    def empty(self) -> None:
        """Begin anew: what was there was sent."""
        self._put_there += 1
        self.clear()
        self.history.clear()
        self.pasted.clear()

    def load_text(self, text: str) -> None:
        """Put a text there without a way back."""
        self._put_there += 1
        super().load_text(text)

    # Completion

    @property
    def completing(self) -> Completing | None:
        """What is being written at the cursor."""
        row, column = self.cursor_location
        start = max(0, column - _MOST_LOOKED_AT)
        if start or not self.selection.is_empty:
            return None
        return completing(self.document.get_line(row), column, first_row=row == 0)

    def accept(self, choice: Choice) -> None:
        """Put a choice in place of what is being written."""
        found = self.completing
        if found is None:
            return
        row, column = self.cursor_location
        behind = self.document.get_line(row)[column:]
        blank = "" if choice.more or behind.startswith((" ", ",", ".", ")")) else " "
        # A quote that was typed ahead is part of what is replaced.
        end = column + (behind.startswith('"') and choice.insert.endswith('"'))
        self.replace(
            choice.insert + blank, (row, found.start), (row, end), maintain_selection_offset=False
        )

    def update_suggestion(self) -> None:
        """Show the rest of the marked choice behind the cursor, where it only adds letters."""
        choice, found = self._choices.chosen, self.completing
        written = "" if found is None else f"{found.sign}{found.typed}"
        row, column = self.cursor_location
        at_end = column == len(self.document.get_line(row))
        fits = choice is not None and at_end and written and choice.insert.startswith(written)
        self.suggestion = choice.insert[len(written) :] if choice is not None and fits else ""

    # Keys

    async def _on_key(self, event: events.Key) -> None:
        if self._chord(event.key) or self._popup_key(event.key) or self._line_key(event.key):
            event.stop()
            event.prevent_default()

    def _chord(self, key: str) -> bool:
        """Take readline's `ctrl-x ctrl-e`; alone, ctrl+x cuts what is selected."""
        after_ctrl_x, self._after_ctrl_x = self._after_ctrl_x, False
        if after_ctrl_x and key == "ctrl+e":
            self._owner.open_editor()
            return True
        if key == "ctrl+x" and self.selection.is_empty:
            self._after_ctrl_x = True
            return True
        return False

    def _popup_key(self, key: str) -> bool:
        """Move in the popup, take from it, or close it."""
        choice = self._choices.chosen
        if choice is None:
            return False
        match key:
            case "up" | "ctrl+p":
                self._choices.move(-1)
            case "down" | "ctrl+n":
                self._choices.move(1)
            case "tab":
                self.accept(choice)
            case "enter" if not self._is_written(choice):
                self.accept(choice)
            case "escape":
                self._choices.show(())
            case _:
                return False
        self.update_suggestion()
        return True

    def _is_written(self, choice: Choice) -> bool:
        found = self.completing
        return found is not None and choice.insert == f"{found.sign}{found.typed}"

    def _line_key(self, key: str) -> bool:
        """End a line, or send."""
        if key in _NEW_LINE_KEYS:
            self._new_line()
            return True
        if key != "enter":
            return False
        row, column = self.cursor_location
        line = self.document.get_line(row)
        if column == len(line) and line.endswith("\\") and self.selection.is_empty:
            # For terminals that tell enter from nothing else.
            self.replace("\n", (row, column - 1), (row, column), maintain_selection_offset=False)
        else:
            self._owner.send()
        return True

    def _new_line(self) -> None:
        start, end = self.selection
        self.replace("\n", start, end, maintain_selection_offset=False)
        self.scroll_cursor_visible()

    async def _on_paste(self, event: events.Paste) -> None:
        """Insert what was pasted, or a chip for it; terminals send CR for a line's end."""
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        start, end = self.selection
        self._put_there += 1
        self.replace(self.pasted.collapse(text), start, end, maintain_selection_offset=False)

    def action_delete_left(self) -> None:
        """Delete a letter, or a whole chip."""
        row, column = self.cursor_location
        length = self.pasted.ending_at(self.document.get_line(row), column)
        if length and self.selection.is_empty:
            self.delete((row, column - length), (row, column), maintain_selection_offset=False)
        else:
            super().action_delete_left()

    def action_cursor_up(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's
        """Go up; from the first row on to older questions."""
        if not select and self.navigator.is_first_wrapped_line(self.cursor_location):
            self._owner.go_to_past(older=True)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:  # noqa: FBT001, FBT002 - Textual's
        """Go down; from the last row on to newer questions."""
        if not select and self.navigator.is_last_wrapped_line(self.cursor_location):
            self._owner.go_to_past(older=False)
        else:
            super().action_cursor_down(select)

    def action_search_past(self) -> None:
        """Look for an older question."""
        self._owner.search_past()

    def action_own_editor(self) -> None:
        """Go on in `$EDITOR`."""
        self._owner.open_editor()

    def action_send_anyway(self) -> None:
        """Send although a mention leads nowhere."""
        self._owner.send(anyway=True)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell the dock."""
        event.stop()
        put_there = self._put_there > 0
        self._put_there = max(0, self._put_there - 1)
        self.post_message(self.Edited(by_hand=not put_there))
