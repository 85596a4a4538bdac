"""Small questions: one key of a few, or one line of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from fimble_tui.key_guard import KeyGuardedScreen
from fimble_tui.sinks import PlainText


class ChoiceDialog(KeyGuardedScreen[str | None], ModalScreen[str | None]):
    """Asks for one of a few keys; dismisses itself with the key, or None for escape."""

    BINDINGS: ClassVar = [Binding("escape", "dismiss", "leave it", id="dialog.leave")]

    def __init__(
        self,
        question: str,
        choices: Mapping[str, str],
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Ask `question`; `choices` are keys and what they do."""
        super().__init__(clock=clock)
        self._modal = True
        self._question = question
        self._choices = dict(choices)

    def compose(self) -> ComposeResult:
        """Show the question and the keys."""
        with Vertical(classes="dialog"):
            yield PlainText(self._question, classes="dialog-question")
            yield PlainText(classes="dialog-keys")

    def on_mount(self) -> None:
        """Fill the line of keys; every word of it is ours."""
        parts: list[tuple[str, str] | str] = []
        for key, meaning in (*self._choices.items(), ("esc", "leave it")):
            parts += [(key, "$footer-key-foreground"), (f" {meaning}   ", "$quiet")]
        self.query_one(".dialog-keys", PlainText).show(Content.assemble(*parts))

    def on_key(self, event: events.Key) -> None:
        """Take a choice."""
        if event.key in self._choices:
            event.stop()
            self.dismiss(event.key)


class LineDialog(KeyGuardedScreen[str | None], ModalScreen[str | None]):
    """Asks for one line; dismisses itself with what was typed, or None for escape."""

    BINDINGS: ClassVar = [Binding("escape", "dismiss", "leave it", id="dialog.leave")]

    def __init__(
        self,
        question: str,
        *,
        value: str = "",
        enter: str = "take it",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Ask `question`, beginning with `value`; `enter` says what enter does."""
        super().__init__(clock=clock)
        self._modal = True
        self._question = question
        self._value = value
        self._enter = enter

    def compose(self) -> ComposeResult:
        """Show the question and a line to write on."""
        with Vertical(classes="dialog"):
            yield PlainText(self._question, classes="dialog-question")
            yield Input(self._value, id="dialog-line", compact=True)
            yield PlainText(classes="dialog-keys")

    def on_mount(self) -> None:
        """Begin to write."""
        keys = Content.assemble(
            ("enter", "$footer-key-foreground"),
            (f" {self._enter}   ", "$quiet"),
            ("esc", "$footer-key-foreground"),
            (" leave it", "$quiet"),
        )
        self.query_one(".dialog-keys", PlainText).show(keys)
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.dismiss(message.value.strip())
