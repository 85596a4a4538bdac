r"""Telling a user who looks elsewhere that an answer ended: the title, and a notification.

The sequences are OSC 2 (title; saved and restored with CSI 22/23 t of xterm's ctlseqs), OSC 9
(iTerm2, kitty, WezTerm, Ghostty, Windows Terminal) and OSC 777 (urxvt, foot, terminals of VTE).
Inside tmux a notification is passed through (tmux(1), `allow-passthrough`). Everything in them is
printable, so no text can end a sequence or begin another one (security T10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fimble.chat.events import ChatEvent, TurnBegan, TurnEnded
from fimble.chat.transcript import AnswerState, Turn
from fimble_tui.sinks import screen_line

LONG_S: Final = 8.0
"""A shorter answer is waited for; nobody needs to be called."""
_LONGEST: Final = 80
"""Characters of a name in a title or a notification."""
_ENDS: Final = {
    AnswerState.FINISHED: "The answer is there",
    AnswerState.LENGTH: "The answer's budget is used up",
    AnswerState.FAILED: "The question failed",
    AnswerState.CUT: "The answer was cut off",
}
"""A user who stopped an answer needs no call."""


class Attention:
    """Writes titles and notifications while a chat is shown."""

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        clock: Callable[[], float],
        session_name: Callable[[], str],
        environment: Mapping[str, str],
        notifications: bool = True,
    ) -> None:
        """Prepare; nothing is written yet.

        Args:
            write: Sends a sequence to the terminal.
            clock: Seconds that only go up.
            session_name: What the session is called now; untrusted.
            environment: Tells which terminal it is.
            notifications: The user's setting.
        """
        self._write = write
        self._clock = clock
        self._session_name = session_name
        self._environment = environment
        self._notifications = notifications
        self._focused = True
        self._began_s: dict[int, float] = {}

    def begin(self) -> None:
        """Keep the terminal's own title, and show ours."""
        self._write("\x1b[22;2t")
        self._title("")

    def end(self) -> None:
        """Bring the terminal's own title back."""
        self._write("\x1b[23;2t")

    def focus(self, *, focused: bool) -> None:
        """Note whether the user looks; a mark in the title goes when he does."""
        self._focused = focused
        if focused:
            self._title("… " if self._began_s else "")

    def __call__(self, event: ChatEvent, /) -> None:
        """Take note of what a conversation tells."""
        if isinstance(event, TurnBegan):
            self._began_s[event.turn.turn_id] = self._clock()
            self._title("… ")
        elif isinstance(event, TurnEnded):
            began_s = self._began_s.pop(event.turn.turn_id, self._clock())
            self._ended(event.turn, self._clock() - began_s)

    def _ended(self, turn: Turn, seconds: float) -> None:
        words = _ENDS.get(turn.answer.state)
        called = words is not None and seconds >= LONG_S and not self._focused
        self._title("✓ " if called else "")
        if called and self._notifications:
            question = _short(turn.question.text)
            self._write(notification(f"{words}: {question}", self._environment))

    def _title(self, mark: str) -> None:
        name = _short(self._session_name())
        self._write(f"\x1b]2;{mark}fimble{f' · {name}' if name else ''}\x1b\\")


def notification(text: str, environment: Mapping[str, str]) -> str:
    """Return the sequence that shows `text` on the desktop of this terminal's user."""
    shown = screen_line(text)
    terminal = environment.get("TERM", "")
    if terminal.startswith(("rxvt", "foot")) or "VTE_VERSION" in environment:
        sequence = f"\x1b]777;notify;fimble;{shown.replace(';', ',')}\x1b\\"
    else:
        # "9;4;…" is a progress bar on some terminals: a text never begins with a digit here.
        sequence = f"\x1b]9;fimble: {shown}\x1b\\"
    if "TMUX" in environment:
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return sequence


def _short(text: str) -> str:
    line = screen_line(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
