"""Questions that wait: one line each, between the conversation and the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fimble.chat.transcript import Question
from fimble_tui.sinks import PlainText, screen_line

_SHOWN: Final = 3


class QueueStrip(PlainText):
    """Hidden while nothing waits."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.display = False

    def show_waiting(self, waiting: Sequence[Question]) -> None:
        """Show the oldest of them, and how many more there are."""
        self.display = bool(waiting)
        lines = [f"next {number}  {screen_line(one.text)}" for number, one in _numbered(waiting)]
        if len(waiting) > _SHOWN:
            lines.append(f"and {len(waiting) - _SHOWN} more")
        self.show("\n".join(lines))


def _numbered(waiting: Sequence[Question]) -> list[tuple[int, Question]]:
    return list(enumerate(waiting[:_SHOWN], start=1))
