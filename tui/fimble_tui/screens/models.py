"""The models of the server: choose one, or pull one with its progress.

Contract: dismisses itself with the name of the model to switch to, or None.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding

from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText


class ModelsScreen(GuardedScreen[str | None]):
    """The list of models."""

    BINDINGS = (Binding("escape", "dismiss", "back", id="models.back"),)

    def __init__(self, *, current: str) -> None:
        super().__init__()
        self.current = current

    def compose(self) -> ComposeResult:
        """Show the current one."""
        yield PlainText(self.current, id="models")
