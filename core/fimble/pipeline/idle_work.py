"""What the model does while the user pauses: prefetch and warm-up, always the first to give way.

Only one thing at a time, only when nothing is in flight, and any request or key that disagrees
ends it at once (`Slot.free` cancels whatever occupies the slot).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_IDLE_S = 0.25
"""Pause after an answer before the slot is called idle; a next word is typed within it."""


class IdleWork:
    """Runs one piece of work after a pause; every sign of life puts it off."""

    def __init__(self, *, idle_s: float = _IDLE_S) -> None:
        self._idle_s = idle_s
        self._timer: asyncio.TimerHandle | None = None

    def schedule(self, work: Callable[[], None]) -> None:
        """Run `work` after the pause, in place of what was scheduled before."""
        self.put_off()
        self._timer = asyncio.get_running_loop().call_later(self._idle_s, work)

    def put_off(self) -> None:
        """Forget what was scheduled: the user is back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
