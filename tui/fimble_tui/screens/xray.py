"""What the next question sends, segment by segment, before it is sent.

Contract: pushed with the draft as it is; dismisses itself with a changed draft, or None.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding

from fimble.chat.transcript import Question
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText


class XrayScreen(GuardedScreen[Question | None]):
    """The exact prompt."""

    BINDINGS = (Binding("escape", "dismiss", "back", id="xray.back"),)

    def __init__(self, draft: Question) -> None:
        super().__init__()
        self.draft = draft

    def compose(self) -> ComposeResult:
        """Show the question's text."""
        yield PlainText(self.draft.text, id="xray")
