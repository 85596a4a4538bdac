"""A download of a model by its server: how far it is, how fast, and going on where it broke off.

The server keeps the parts of each layer that came, and the same name goes on there
(ollama/ollama:server/download.go), so a connection that breaks costs nothing but a new request.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from fimble.errors import EngineTimeout, EngineTruncated, EngineUnavailable

if TYPE_CHECKING:
    from fimble.engine.model_server import ModelAdministration
    from fimble.engine.ollama.administration import PullProgress

_WINDOW_S = 5.0
"""The speed is that of the last seconds, not of the whole download."""
_BARREN_TRIES = 5
"""Requests in a row that bring nothing before the download is given up."""
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0


class PullMeter:
    """Adds the layers of one download up."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._layers: dict[str, tuple[int, int]] = {}
        self._seen: deque[tuple[float, int]] = deque()
        self.step = ""
        """What the server does now; untrusted."""

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

    def begin(self) -> None:
        """Forget the speed, which a pause would falsify."""
        self._seen.clear()

    def note(self, progress: PullProgress) -> None:
        """Take one step of the server's."""
        self.step = progress.status
        if progress.digest and progress.total_bytes:
            self._layers[progress.digest] = (progress.completed_bytes, progress.total_bytes)
        now = self._clock()
        self._seen.append((now, self.completed_bytes))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()


async def pull_to_the_end(
    administration: ModelAdministration,
    model: str,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[PullProgress, None]:
    """Download `model`, asking again when the connection breaks, as long as bytes come.

    Closing the generator stops the download; the server keeps what came.

    Raises:
        EngineNotLocalError: The name asks for a cloud model.
        EngineError: The server refuses, or five requests in a row brought nothing.
    """
    barren, most, pause_s = 0, 0, _FIRST_PAUSE_S
    meter = PullMeter()
    while True:
        try:
            async with aclosing(administration.pull(model)) as steps:
                async for progress in steps:
                    meter.note(progress)
                    if meter.completed_bytes > most:
                        most, barren, pause_s = meter.completed_bytes, 0, _FIRST_PAUSE_S
                    yield progress
        except (EngineUnavailable, EngineTruncated, EngineTimeout):
            barren += 1
            if barren >= _BARREN_TRIES or not most:
                raise
            await sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        else:
            return
