"""Slow work beside the event loop, of which only the newest request counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from textual.dom import DOMNode

Wanted = TypeVar("Wanted")
Found = TypeVar("Found")


class NewestOnly(Generic[Wanted, Found]):
    """Runs `work` in one thread at a time; what is asked for meanwhile replaces what waited.

    `done` is called on the event loop, with each result and what it is the result of, in order.
    """

    def __init__(
        self,
        node: DOMNode,
        work: Callable[[Wanted], Found],
        done: Callable[[Wanted, Found], None],
        *,
        pause_s: float = 0.0,
    ) -> None:
        """Work for a widget or screen.

        Args:
            node: Nothing is told when it is gone.
            work: Called in a thread; must not raise.
            done: Told the result.
            pause_s: The shortest time between two pieces of work.
        """
        self._node = node
        self._work = work
        self._done = done
        self._pause_s = pause_s
        self._waiting: list[Wanted] = []
        self._running = False

    @property
    def idle(self) -> bool:
        """Whether everything that was asked for has been told."""
        return not self._running

    def want(self, wanted: Wanted) -> None:
        """Ask for the work on `wanted`."""
        self._waiting = [wanted]
        if not self._running:
            self._running = True
            self._node.run_worker(self._serve(), group=f"newest-{id(self)}")

    def forget(self) -> None:
        """Do not begin what waits."""
        self._waiting = []

    async def _serve(self) -> None:
        try:
            while self._waiting:
                wanted = self._waiting.pop()
                found = await asyncio.to_thread(self._work, wanted)
                if not self._node.is_attached:
                    return
                self._done(wanted, found)
                if self._pause_s:
                    await asyncio.sleep(self._pause_s)
        finally:
            self._running = False
