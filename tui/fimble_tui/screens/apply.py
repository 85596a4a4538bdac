"""Applying a code block to a file, hunk by hunk.

Contract: pushed by the chat screen with the block as the model wrote it; everything in it is
untrusted, the path most of all. It dismisses itself with a sentence for the user, or None.
"""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.binding import Binding

from fimble.chat.fences import Fence
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.sinks import PlainText


class ApplyScreen(GuardedScreen[str | None]):
    """A preview of what the block would change."""

    BINDINGS = (Binding("escape", "dismiss", "back", id="apply.back"),)

    def __init__(self, fence: Fence, *, turn_id: int, workspace: Path) -> None:
        super().__init__()
        self.fence = fence
        self.turn_id = turn_id
        self.workspace = workspace

    def compose(self) -> ComposeResult:
        """Show the block."""
        yield PlainText(self.fence.text, id="apply")
