"""The inputs of a prompt template, asked before it is sent.

Contract: pushed with the template and what was given before; dismisses itself with a value for
each input that has one, or None. Names, hints and values come from files: all of it is untrusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from fimble.prompting.inputs import problem_with
from fimble.prompting.template import Input as Asked
from fimble.prompting.template import InputType, Template
from fimble.prompting.variables import INPUT_PREFIX
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText, screen_line

_BOOLEAN: Final = ("true", "false")
_TYPES: Final[Mapping[InputType, str]] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
}

Given = tuple[tuple[str, str], ...]


class OneOf(Widget, can_focus=True):
    """A few values in a row, of which one is taken; the arrow keys choose."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar = [
        Binding("left", "move(-1)", "other", show=False),
        Binding("right,space", "move(1)", "other", show=False),
        Binding("enter", "submit", "send", show=False),
    ]

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, values: Sequence[str], value: str | None) -> None:
        super().__init__()
        self._values = tuple(values)
        self._at = self._values.index(value) if value in self._values else -1

    @property
    def value(self) -> str:
        """The one that is taken; empty while none is."""
        return self._values[self._at] if self._at >= 0 else ""

    def render(self) -> Content:
        """Return the values, as far as they fit around the one that is taken."""
        first = 0
        while self._at > first and self._width(first) > self.size.width:
            first += 1
        parts: list[Content] = [Content.styled("‹ ", "$quiet") if first else Content("")]
        for number in range(first, len(self._values)):
            style = "$quiet"
            if number == self._at:
                style = "bold $foreground on $primary 35%"
            parts.append(Content.styled(f" {screen_line(self._values[number])} ", style))
        return Content("").join(parts)

    def _width(self, first: int) -> int:
        return sum(cell_len(it) + 2 for it in self._values[first : self._at + 1]) + 2

    def action_move(self, steps: int) -> None:
        """Take another value."""
        self._at = (self._at + steps) % len(self._values) if self._at >= 0 else 0
        self.refresh()

    def action_submit(self) -> None:
        """Hand the form in."""
        self.post_message(self.Submitted())

    def on_click(self, event: events.Click) -> None:
        """Take the next value."""
        event.stop()
        self.action_move(1)


class PromptFormScreen(GuardedScreen[Given | None], ModalScreen[Given | None]):
    """One field for each input; enter goes on, and sends from the last one."""

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss", "back", id="form.back"),
        Binding("down", "app.focus_next", "next", show=False),
        Binding("up", "app.focus_previous", "previous", show=False),
        Binding("ctrl+enter,ctrl+s", "send", "send", id="form.send", priority=True),
    ]

    def __init__(self, template: Template, *, given: Iterable[tuple[str, str]] = ()) -> None:
        """Ask for the inputs of `template`, beginning with what was `given` before."""
        super().__init__()
        self._modal = True
        self._front = template.front
        before = dict(given)
        self._fields = {
            asked.name: _field(asked, before.get(asked.name, asked.default))
            for asked in self._front.inputs
        }
        self._problem = PlainText(id="form-problem")

    def compose(self) -> ComposeResult:
        """Show a line of words and a field for each input."""
        with Vertical(classes="foot-dialog", id="form"):
            yield PlainText(id="form-title")
            with VerticalScroll(id="form-fields", can_focus=False):
                for asked in self._front.inputs:
                    label = PlainText(classes="form-label")
                    label.show(_label(asked, optional=self._is_optional(asked)))
                    yield label
                    yield self._fields[asked.name]
            yield self._problem
            yield PlainText(
                "enter goes on, and sends from the last field · ctrl+s sends · esc back",
                classes="dialog-keys",
            )

    def on_mount(self) -> None:
        """Begin with the first field that is empty."""
        name = screen_line(self._front.name)
        description = screen_line(self._front.description)
        title = self.query_one("#form-title", PlainText)
        title.show(Content.assemble((f"/{name}", "bold $primary"), (f"  {description}", "$quiet")))
        self._problem.display = False
        fields = list(self._fields.values())
        next((it for it in fields if not _value(it)), fields[0]).focus()

    @on(Input.Submitted)
    @on(OneOf.Submitted)
    def _go_on(self) -> None:
        fields = list(self._fields.values())
        if self.focused is fields[-1]:
            self.action_send()
        else:
            self.focus_next()

    def action_send(self) -> None:
        """Hand the values in, unless one is missing or of the wrong type."""
        given: list[tuple[str, str]] = []
        for asked in self._front.inputs:
            field = self._fields[asked.name]
            value = _value(field)
            sentence = self._problem_of(asked, value)
            if sentence:
                self._problem.show(sentence)
                self._problem.display = True
                field.focus()
                return
            if value:
                given.append((asked.name, value))
        self.dismiss(tuple(given))

    def _problem_of(self, asked: Asked, value: str) -> str:
        if value:
            return problem_with(asked, value)
        if asked.default is None and not self._is_optional(asked):
            return (
                f"{asked.name} is needed: {asked.hint.rstrip('.')}."
                if asked.hint
                else f"{asked.name} is needed."
            )
        return ""

    def _is_optional(self, asked: Asked) -> bool:
        return INPUT_PREFIX + asked.name in self._front.optional


def _field(asked: Asked, value: str | None) -> Input | OneOf:
    values = asked.enum or (_BOOLEAN if asked.type == "boolean" else ())
    return OneOf(values, value) if values else Input(value or "", compact=True)


def _value(field: Input | OneOf) -> str:
    return field.value.strip()


def _label(asked: Asked, *, optional: bool) -> Content:
    needed = "" if asked.default is not None or optional else "  needed"
    form = "one of these" if asked.enum else _TYPES[asked.type]
    hint = f" · {asked.hint}" if asked.hint else ""
    return Content.assemble(
        (screen_line(asked.name), "bold"),
        (f"  {form}{screen_line(hint)}", "$quiet"),
        (needed, "$warning"),
    )
