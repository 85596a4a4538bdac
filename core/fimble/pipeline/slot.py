"""The model's one slot as this process uses it: never more than one stream in flight.

Qwen3.5/3.6 run in a single slot whatever the server's settings, first come first served; a stale
stream that is left open blocks the next for its whole length (41.7 s measured), a closed one for
one token.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from fimble.pipeline.generation import Generation

_GRACE_S = 0.03
"""How long a stream lives on that nobody waits for: editors cancel just before they ask again."""

_AGREEING_GRACE_S = 1.0
"""The same while what is typed agrees with it."""

_UNTIL_ASKED_AGAIN_S = 1.0
"""How long a stream is kept for an editor that was shown a draft and asks again."""


class Occupant(Protocol):
    """Anything that keeps the slot busy."""

    @property
    def finished(self) -> bool:
        """Whether the slot is free again."""
        ...

    async def cancel(self) -> None:
        """Give the slot up and wait until the connection is closed."""
        ...


class Slot:
    """Holds the running stream and closes it when it is no longer wanted."""

    def __init__(self) -> None:
        self._running: Occupant | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> Generation | None:
        """The stream that is in flight, or None."""
        running = self._running
        return running if isinstance(running, Generation) and not running.finished else None

    @property
    def busy(self) -> bool:
        """Whether anything of ours is in flight."""
        return self._running is not None and not self._running.finished

    async def free(self) -> None:
        """Close whatever is in flight and wait until its connection is closed."""
        if self._running is not None:
            await self._running.cancel()

    def occupy(self, occupant: Occupant) -> None:
        """Take the slot; it must have been freed."""
        self._running = occupant

    def close_soon(self, generation: Generation) -> None:
        """Close a stream without waiting for it."""
        task = asyncio.create_task(generation.cancel(), name="fimble-close-stream")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def keep(self, generation: Generation) -> None:
        """Have a stream live on for an editor that was told to ask for it again."""
        generation.waiters += 1

        def release() -> None:
            generation.waiters -= 1
            if generation.waiters == 0 and not generation.finished:
                self.close_unless_wanted(generation)

        asyncio.get_running_loop().call_later(_UNTIL_ASKED_AGAIN_S, release)

    def close_unless_wanted(self, generation: Generation) -> None:
        """Close a stream that nobody waits for, after a grace in which the editor may ask again.

        A block whose first unit has been shown runs on: it is what accepting asks for next.
        """

        def close() -> None:
            if generation.waiters == 0 and not generation.finished and not generation.unit_shown:
                self.close_soon(generation)

        grace = _AGREEING_GRACE_S if generation.wanted else _GRACE_S
        asyncio.get_running_loop().call_later(grace, close)

    async def aclose(self) -> None:
        """Close the running stream and wait for every closing one."""
        await self.free()
        if self._closing:
            await asyncio.wait(set(self._closing))
