"""The top line: which model, in which state, with how much context; which session, and where."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget

from fimble.chat.events import ServerState, ServerStatus
from fimble_tui.sinks import screen_line

STATE_WORDS: Final = {
    ServerState.READY: "ready",
    ServerState.THINKING: "thinking",
    ServerState.ANSWERING: "answering",
    ServerState.READING: "reading the prompt",
    ServerState.LOADING: "loading the model",
    ServerState.OFFLINE: "offline",
    ServerState.MODEL_MISSING: "model missing",
    ServerState.FAILING: "failing",
}
_STATE_STYLES: Final = {
    ServerState.READY: "$success",
    ServerState.THINKING: "$accent",
    ServerState.ANSWERING: "$accent",
    ServerState.READING: "$accent",
    ServerState.LOADING: "$warning",
    ServerState.OFFLINE: "$error",
    ServerState.MODEL_MISSING: "$error",
    ServerState.FAILING: "$error",
}
_GAP: Final = 3


class StatusLine(Widget):
    """One line, always there."""

    ALLOW_SELECT = False

    def __init__(self, status: ServerStatus, *, place: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._status = status
        self._place = place
        self._session = ""

    def show_status(self, status: ServerStatus) -> None:
        """Show another state of the server."""
        self._status = status
        self.refresh()

    def show_session(self, name: str) -> None:
        """Show another session's name; empty while it has none."""
        self._session = name
        self.refresh()

    def render(self) -> Content:
        """Return the line: the left part always whole, the right part as far as it fits."""
        status = self._status
        left = Content.assemble(
            (" ● ", _STATE_STYLES[status.state]),
            (screen_line(status.model) or "no model", "bold"),
            (f"  {_state_words(status)}", "$quiet"),
        )
        room = self.size.width - left.cell_length - _GAP - 1
        session = _shortened(screen_line(self._session)[::-1], room)[::-1]
        divider = " · " if session else ""
        room -= cell_len(session) + len(divider)
        place = _shortened(screen_line(self._place), room)
        right = session + (divider + place if place else "")
        padding = self.size.width - left.cell_length - cell_len(right) - 1
        return Content.assemble(left, " " * max(padding, 0), (right, "$quiet"))


def _state_words(status: ServerStatus) -> str:
    words = [STATE_WORDS[status.state]]
    if status.spilled_share > 0:
        words.append(f"{round(status.spilled_share * 100)} % on CPU")
    if status.context_tokens:
        words.append(f"{status.context_tokens // 1024}k window")
    return " · ".join(words)


def _shortened(text: str, cells: int) -> str:
    """Return the end of `text` in at most `cells` cells: of a path the last folder says most."""
    if cells <= 1:
        return ""
    if cell_len(text) <= cells:
        return text
    reversed_end = set_cell_size(text[::-1], cells - 1).rstrip()
    return f"…{reversed_end[::-1]}"
