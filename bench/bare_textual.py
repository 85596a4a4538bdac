"""The least that Textual does: one line of text, and out."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    """Shows a word and ends with its first frame."""

    def compose(self) -> ComposeResult:
        """Mount one widget."""
        yield Static("fimble", markup=False)

    def on_ready(self) -> None:
        """End."""
        self.exit()


if __name__ == "__main__":
    BareApp().run(headless=True)
