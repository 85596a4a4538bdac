"""Loading the model once for everybody who waits, and never half.

Closing a request while Ollama loads a model from disk kills the load: a caller that gives up
after two seconds, again and again, would keep 17 GB from ever arriving. So the load is its own
task, shared by all who wait for it at the same time; their cancellation leaves it running.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class SharedLoad:
    """At most one running load, waited for by any number of callers."""

    def __init__(self, load: Callable[[], Awaitable[None]]) -> None:
        self._load = load
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether a load is under way."""
        return self._task is not None and not self._task.done()

    async def wait(self) -> None:
        """Join the running load, or start one; raises what the load raises."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="fimble-model-load")
            self._task.add_done_callback(_look_at)
        await asyncio.shield(self._task)

    async def _run(self) -> None:
        await self._load()

    async def aclose(self) -> None:
        """Give up the load: only when the whole engine closes."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])


def _look_at(task: asyncio.Task[None]) -> None:
    """Take note of a failure that nobody waited for, so that asyncio does not report it."""
    if not task.cancelled():
        task.exception()
