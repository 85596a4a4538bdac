"""All sessions: search, resume, rename, purge.

Contract: dismisses itself with the id of the session to resume, or None.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding

from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText


class SessionsScreen(GuardedScreen[int | None]):
    """The list of sessions."""

    BINDINGS = (Binding("escape", "dismiss", "back", id="sessions.back"),)

    def __init__(self, *, search: str = "") -> None:
        super().__init__()
        self.search = search

    def compose(self) -> ComposeResult:
        """Show what is searched for."""
        yield PlainText(self.search, id="sessions")
