"""The chat as `fimble chat` opens it, without a model server: the first frame, and out."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fimble.config.schema import OllamaSettings, Settings
from fimble.conversation.assembly import open_conversation
from fimble_tui.app import ChatApp


class FirstFrame(ChatApp):
    """Ends with its first frame."""

    def on_ready(self) -> None:
        """End."""
        self.exit()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(ollama=OllamaSettings(endpoint="http://127.0.0.1:9"))
        conversation = open_conversation(
            settings, Path(folder), store_path=Path(folder) / "sessions.db"
        )
        FirstFrame(conversation, workspace=Path(folder)).run(headless=True)
