"""Choosing a file of the workspace by parts of its name, or naming a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList

from fimble_tui.sinks import screen_content

FindFiles = Callable[[str, int], Sequence[str]]
"""Returns at most so many files that a text may mean, the best first; may read the disk."""

_SHOWN: Final = 50


@dataclass
class FileChosen(Message):
    """A file was chosen; its name may have been typed, and is not contained yet."""

    path: str


class FileChoice(Vertical):
    """A line to write on, and below it the files that it may mean."""

    BINDINGS: ClassVar = [
        Binding("down", "move(1)", "next", show=False, priority=True, id="files.next"),
        Binding("up", "move(-1)", "previous", show=False, priority=True, id="files.previous"),
    ]

    def __init__(self, find: FindFiles, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._find = find
        self._paths: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """Show the line and an empty list."""
        yield Input(id="file-name", compact=True, placeholder="a file, by parts of its name")
        yield OptionList(id="file-list", compact=True)

    def begin(self, text: str) -> None:
        """Let the user choose, beginning with `text`."""
        line = self.query_one(Input)
        line.value = text
        line.focus()
        self._look(text)

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._look(message.value)

    @work(exclusive=True, thread=True, group="file-choice")
    def _look(self, text: str) -> None:
        found = tuple(self._find(text.strip(), _SHOWN))
        self.app.call_from_thread(self._show, text.strip(), found)  # pyright: ignore[reportUnknownMemberType]

    def _show(self, text: str, found: tuple[str, ...]) -> None:
        if not self.is_mounted or text != self.query_one(Input).value.strip():
            return
        files = self.query_one(OptionList)
        self._paths = found if not text or text in found else (*found, text)
        files.clear_options()
        files.add_options(
            [
                screen_content(path if path in found else f"{path}  (a new file)")
                for path in self._paths
            ]
        )
        files.highlighted = 0 if self._paths else None

    def action_move(self, step: int) -> None:
        """Mark another file without leaving the line."""
        files = self.query_one(OptionList)
        if step > 0:
            files.action_cursor_down()
        else:
            files.action_cursor_up()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        at = self.query_one(OptionList).highlighted
        # What was typed last may not be looked up yet; a new name is then what was meant.
        path = self._paths[at] if at is not None and at < len(self._paths) else message.value
        if path.strip():
            self.post_message(FileChosen(path.strip()))

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        if message.option_index < len(self._paths):
            self.post_message(FileChosen(self._paths[message.option_index]))
