"""What the model does while the user pauses: it gives way to everything else.

Only one thing at a time and only when nothing of ours is in flight: renew a frozen suffix that
has gone stale, warm the part of the prompt that the next keys keep, or continue the suggestion on
show as if it were accepted (ggml-org/llama.vim and llama.vscode do the last on every suggestion,
with a request for each key; here it waits for a pause and lives as long as the typing agrees).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

IDLE_S = 0.25
"""Pause after an answer before the slot is called idle; a next word is typed within it."""


class IdleTimer:
    """Runs one piece of work after a pause; every sign of life puts it off."""

    def __init__(self, *, idle_s: float) -> None:
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
