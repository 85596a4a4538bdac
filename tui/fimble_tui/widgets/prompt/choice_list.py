"""The popup over the prompt: rows to choose from, drawn as lines; it never has the focus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from fimble_tui.sinks import screen_line
from fimble_tui.widgets.prompt.choices import Choice

MOST_ROWS: Final = 8
_KIND_WIDTH: Final = 9
_LEAST_DETAIL: Final = 12
_LABEL_SHARE: Final = 0.4
"""The part of a row up to which details stand in one column."""


class ChoiceList(Widget):
    """Hidden while there is nothing to choose."""

    ALLOW_SELECT = False

    @dataclass
    class Accepted(Message):
        """A row was clicked."""

        choice: Choice

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.display = False
        self._choices: tuple[Choice, ...] = ()
        self._at = 0
        self._top = 0
        self._kinds = False
        self._label_width = 0

    @property
    def open(self) -> bool:
        """Whether there is something to choose."""
        return bool(self._choices)

    @property
    def chosen(self) -> Choice | None:
        """The marked row."""
        return self._choices[self._at] if self._choices else None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All rows."""
        return self._choices

    def show(self, choices: Sequence[Choice]) -> None:
        """Offer these, the first one marked; none hides the popup."""
        rows = len(self._choices)
        self._choices = tuple(choices)
        self._kinds = any(choice.kind for choice in choices)
        self._label_width = max((cell_len(_label(choice)) for choice in choices), default=0)
        self._at = self._top = 0
        self.display = self.open
        self.refresh(layout=len(self._choices) != rows)

    def move(self, steps: int) -> None:
        """Mark another row; from the last one on to the first."""
        if self._choices:
            self._at = (self._at + steps) % len(self._choices)
            self._top = min(max(self._top, self._at - self._rows + 1), self._at)
            self.refresh()

    @property
    def _rows(self) -> int:
        return max(self.size.height, 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return one line a row, up to a third of the screen."""
        del container, width
        return min(len(self._choices), MOST_ROWS, max(viewport.height // 3, 1))

    def render(self) -> Content:
        """Return the rows that are in view."""
        shown = self._choices[self._top : self._top + self._rows]
        lines = [
            self._line(choice, marked=self._top + number == self._at)
            for number, choice in enumerate(shown)
        ]
        return Content("\n").join(lines)

    def _line(self, choice: Choice, *, marked: bool) -> Content:
        width = self.size.width
        wide = self._kinds and width >= _KIND_WIDTH * 4
        kind = set_cell_size(choice.kind, _KIND_WIDTH) if wide else ""
        label = _label(choice)
        price = choice.price
        room = width - cell_len(kind) - 2
        label = _fitted(label, max(room - len(price) - 2, 1))
        column = min(self._label_width, round(width * _LABEL_SHARE))
        label += " " * max(column - cell_len(label), 0)
        rest = room - cell_len(label) - len(price) - 3
        detail = _fitted(screen_line(choice.detail), rest) if rest >= _LEAST_DETAIL else ""
        gap = room - cell_len(label) - len(price) - (cell_len(detail) + 2 if detail else 0)
        line = Content.assemble(
            " ",
            (kind, "$quiet"),
            (label, "bold" if marked else ""),
            (f"  {detail}" if detail else "", "$quiet"),
            " " * max(gap, 0),
            (price, "$quiet"),
            " ",
        )
        return line.stylize("$foreground on $primary 25%") if marked else line

    def on_click(self, event: events.Click) -> None:
        """Take the row that was clicked."""
        event.stop()
        place = self._top + event.y
        if place < len(self._choices):
            self.post_message(self.Accepted(self._choices[place]))


def _label(choice: Choice) -> str:
    return screen_line(f"{choice.label} {choice.argument}".rstrip())


def _fitted(text: str, cells: int) -> str:
    """Return the beginning of `text` in at most `cells` cells."""
    if cell_len(text) <= cells:
        return text
    return f"{set_cell_size(text, cells - 1).rstrip()}…" if cells > 1 else ""
