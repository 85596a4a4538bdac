"""One download of a model: its progress, its speed, and how it ended.

It belongs to the chat, not to the screen that began it: leaving the screen stops nothing.
Stopping keeps what came: the server holds the parts of each layer, and the same name goes on there.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic
from typing import Final

from fimble.conversation.facilities import Facilities
from fimble.engine.ollama.administration import PullProgress
from fimble.errors import FimbleError

_WINDOW_S: Final = 5.0
"""The speed is that of the last seconds, not of the whole download."""


class ModelPull:
    """A download that runs, was stopped, or ended."""

    def __init__(
        self, model: str, facilities: Facilities, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.model = model
        self.step = ""
        """What the server does now; untrusted."""
        self.problem = ""
        self.finished = False
        self._facilities = facilities
        self._clock = clock
        self._layers: dict[str, tuple[int, int]] = {}
        self._seen: deque[tuple[float, int]] = deque()
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether bytes come."""
        return self._task is not None and not self._task.done()

    @property
    def completed_bytes(self) -> int:
        """What came of the layers that were begun."""
        return sum(completed for completed, _ in self._layers.values())

    @property
    def total_bytes(self) -> int:
        """The size of the layers that were begun."""
        return sum(total for _, total in self._layers.values())

    @property
    def bytes_per_s(self) -> float | None:
        """The speed of the last seconds; None while it cannot be told."""
        if len(self._seen) < 2:  # noqa: PLR2004 - a speed is between two points
            return None
        (began_s, began), (now_s, now) = self._seen[0], self._seen[-1]
        return (now - began) / (now_s - began_s) if now_s > began_s else None

    def start(self) -> None:
        """Begin, or go on where it was stopped."""
        if not self.running:
            self.problem, self.step = "", "asking the server"
            self._seen.clear()
            self._task = asyncio.create_task(self._run(), name="fimble-pull")

    async def stop(self) -> None:
        """Stop; what came is kept by the server."""
        task = self._task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    def note(self, progress: PullProgress) -> None:
        """Take one step of the server's."""
        self.step = progress.status
        if progress.digest and progress.total_bytes:
            self._layers[progress.digest] = (progress.completed_bytes, progress.total_bytes)
        now = self._clock()
        self._seen.append((now, self.completed_bytes))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()

    async def _run(self) -> None:
        try:
            async with (
                self._facilities.administration() as server,
                aclosing(server.pull(self.model)) as steps,
            ):
                async for progress in steps:
                    self.note(progress)
            self.finished = True
        except FimbleError as error:
            self.problem = str(error)
