"""Where a question is written."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.widgets import TextArea

from fimble.chat.transcript import Question
from fimble_tui.messages import CommandSubmitted, DraftChanged, PromptSubmitted
from fimble_tui.sinks import same_length


class PromptArea(TextArea):
    """A multi-line editor that sends on Enter."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            id=id, compact=True, placeholder="Ask anything · @ adds context · / commands"
        )

    @property
    def draft(self) -> Question:
        """What is written, as a question."""
        return Question(text=self.text)

    def set_draft(self, question: Question) -> None:
        """Put a question in, to be edited."""
        self.load_text(question.text)
        self.move_cursor(self.document.end)

    def get_line(self, line_index: int) -> Text:
        """Return a line as it is drawn: a paste may hold what would steer the terminal."""
        shown = same_length(self.document.get_line(line_index))
        return Text(shown, end="", no_wrap=True)

    def on_text_area_changed(self) -> None:
        """Tell the screen."""
        self.post_message(DraftChanged(self.draft))

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._send()
            return
        if event.key in {"shift+enter", "ctrl+j"}:
            event.stop()
            event.prevent_default()
            self.insert("\n")
            return
        await super()._on_key(event)

    def _send(self) -> None:
        text = self.text.strip()
        if not text:
            return
        question = self.draft
        self.clear()
        if text.startswith("/") and "\n" not in text:
            name, _, argument = text[1:].partition(" ")
            self.post_message(CommandSubmitted(name, argument.strip()))
        else:
            self.post_message(PromptSubmitted(question))
