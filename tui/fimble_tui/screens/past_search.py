"""ctrl-r: find a question that was asked before, in any session.

Contract: dismisses itself with the question as it was typed, or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText
from fimble_tui.widgets.prompt.choice_list import ChoiceList
from fimble_tui.widgets.prompt.choices import Choice

_SHOWN: Final = 100
_LOOKED_AT: Final = 20_000
"""Characters of a question that are searched; what is pasted behind them is not what one seeks."""


class PastSearchScreen(GuardedScreen[str | None], ModalScreen[str | None]):
    """Filters as you type; the newest comes first."""

    BINDINGS: ClassVar = [Binding("escape", "dismiss", "back", id="past.back")]

    def __init__(self, questions: Sequence[str]) -> None:
        """Search `questions`, newest first."""
        super().__init__()
        self._modal = True
        self._questions = tuple(questions)
        self._lowered = tuple(each[:_LOOKED_AT].lower() for each in questions)
        self._list = ChoiceList(id="past-list")
        self._count = PlainText(id="past-count")

    def compose(self) -> ComposeResult:
        """Show the line to type on over what it finds."""
        with Vertical(classes="foot-dialog"):
            yield self._count
            yield Input(id="past-words", placeholder="words of a question", compact=True)
            yield self._list

    def on_mount(self) -> None:
        """Begin to type."""
        self._filter("")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        self._filter(message.value)

    def _filter(self, words: str) -> None:
        wanted = words.lower().split()
        found = [
            question
            for question, lowered in zip(self._questions, self._lowered, strict=True)
            if all(word in lowered for word in wanted)
        ]
        self._list.show([_row(question) for question in found[:_SHOWN]])
        total = len(self._questions)
        many = f"{len(found):,} of {total:,} questions" if total else "Nothing was asked yet."
        self._count.show(f"{many} · ↑↓ choose · enter takes it · esc leaves")

    def on_key(self, event: events.Key) -> None:
        """Choose while typing."""
        steps = {"up": -1, "down": 1, "ctrl+r": 1}.get(event.key)
        if steps is not None:
            event.stop()
            self._list.move(steps)

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        chosen = self._list.chosen
        self.dismiss(None if chosen is None else chosen.insert)

    @on(ChoiceList.Accepted)
    def _accepted(self, message: ChoiceList.Accepted) -> None:
        message.stop()
        self.dismiss(message.choice.insert)


def _row(question: str) -> Choice:
    first, _, rest = question.strip().partition("\n")
    more = rest.count("\n") + 1 if rest else 0
    return Choice(
        kind="", label=first, detail="", insert=question, price=f"+{more:,} lines" if more else ""
    )
