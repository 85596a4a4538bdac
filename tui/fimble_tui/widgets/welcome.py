"""What an empty session shows: what this is, what to type, and what it needs to work."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from fimble.chat.events import ServerState, ServerStatus
from fimble_tui.sinks import PlainText, screen_line

_ROWS: Final = (
    ("enter", "asks; shift+enter or ctrl+j begins a new line"),
    ("@", "adds a file, folder, symbol, @diff, @staged or @errors"),
    ("/", "commands: /model, /sessions, /copy, /undo and more"),
    ("ctrl+l", "letters on code: copy, apply by hunk, edit, ask"),
    ("ctrl+up", "back over turns: edit one, ask again, fork"),
    ("f1", "help for where you are"),
)


class Welcome(PlainText):
    """Shown while the session has no turns."""

    def __init__(self, status: ServerStatus, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.show_status(status)

    def show_status(self, status: ServerStatus) -> None:
        """Say in the last line what the model's state means for a first question."""
        width = max(len(key) for key, _ in _ROWS)
        lines: list[Content | tuple[str, str] | str] = [
            ("fimble", "bold $primary"),
            ("  a chat about your code that never leaves this machine\n\n", "$quiet"),
        ]
        for key, meaning in _ROWS:
            lines += [(f"{key:>{width}}", "$primary"), (f"   {meaning}\n", "$foreground")]
        lines += ["\n", (_readiness(status), "$quiet")]
        self.show(Content.assemble(*lines))


def _readiness(status: ServerStatus) -> str:
    model = screen_line(status.model) or "the model"
    match status.state:
        case ServerState.OFFLINE:
            return "No model server yet: ask anyway, the question waits until there is one."
        case ServerState.MODEL_MISSING:
            return f"{model} is not on this machine yet: /model pulls it."
        case ServerState.LOADING:
            return f"{model} is being loaded: ask now, the answer follows."
        case ServerState.FAILING:
            return "The model server fails: `fimble doctor` says why."
        case _:
            return f"{model} is ready."
