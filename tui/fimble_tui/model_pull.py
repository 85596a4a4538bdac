"""One download of a model: its progress, its speed, and how it ended.

It belongs to the chat, not to the screen that began it: leaving the screen stops nothing.
Stopping keeps what came: the server holds the parts of each layer, and the same name goes on there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic

from fimble.conversation.facilities import Facilities
from fimble.engine.ollama.administration import PullProgress
from fimble.engine.pulling import PullMeter, pull_to_the_end
from fimble.errors import FimbleError


class ModelPull:
    """A download that runs, was stopped, or ended."""

    def __init__(
        self, model: str, facilities: Facilities, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.model = model
        self.problem = ""
        self.finished = False
        self._facilities = facilities
        self._meter = PullMeter(clock=clock)
        self._task: asyncio.Task[None] | None = None

    @property
    def step(self) -> str:
        """What the server does now; untrusted."""
        return self._meter.step

    @property
    def running(self) -> bool:
        """Whether bytes come."""
        return self._task is not None and not self._task.done()

    @property
    def completed_bytes(self) -> int:
        """What came of the layers that were begun."""
        return self._meter.completed_bytes

    @property
    def total_bytes(self) -> int:
        """The size of the layers that were begun."""
        return self._meter.total_bytes

    @property
    def bytes_per_s(self) -> float | None:
        """The speed of the last seconds; None while it cannot be told."""
        return self._meter.bytes_per_s

    def start(self) -> None:
        """Begin, or go on where it was stopped."""
        if not self.running:
            self.problem, self._meter.step = "", "asking the server"
            self._meter.begin()
            self._task = asyncio.create_task(self._run(), name="fimble-pull")

    async def stop(self) -> None:
        """Stop; what came is kept by the server."""
        task = self._task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])

    def note(self, progress: PullProgress) -> None:
        """Take one step of the server's."""
        self._meter.note(progress)

    async def _run(self) -> None:
        try:
            async with (
                self._facilities.administration() as server,
                aclosing(pull_to_the_end(server, self.model)) as steps,
            ):
                async for progress in steps:
                    self.note(progress)
            self.finished = True
        except FimbleError as error:
            self.problem = str(error)
