"""Keys that were meant for something else: ignored while a screen has only just come up.

Somebody who types while a screen opens would otherwise confirm what he has not seen. Time is
counted by a clock that only goes up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, TypeVar

from textual import events
from textual.screen import Screen

from fimble_tui.screens.guarded import GuardedScreen

Result = TypeVar("Result")

STRAY_KEYS_S: Final = 0.4
"""Long enough for what is still being typed, too short to be noticed (mistralai/mistral-vibe,
vibe/cli/textual_ui/widgets/approval_app.py waits as long)."""


class KeyGuardedScreen(GuardedScreen[Result]):
    """A screen that acts on no key in its first moments."""

    def __init__(self, *, clock: Callable[[], float] = monotonic, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._opened_s = clock()

    @property
    def too_early(self) -> bool:
        """Whether a key that comes now cannot have been meant for this screen."""
        return self._clock() - self._opened_s < STRAY_KEYS_S


def is_stray(event: events.Event, screens: Sequence[Screen[object]]) -> bool:
    """Whether an event is a key or pasted text that came too early for the topmost screen.

    Escape and F1 never are: one leaves the screen, the other explains it, and nothing is done.
    """
    if isinstance(event, events.Key) and event.key in {"escape", "f1"}:
        return False
    if not isinstance(event, (events.Key, events.Paste)) or not screens:
        return False
    top = screens[-1]
    return isinstance(top, KeyGuardedScreen) and top.too_early
