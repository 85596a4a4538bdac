"""The model server as completions see it: whatever else of ours uses it ends first.

A model has one slot. Measuring its cache may use it while the user does nothing, and must be gone
before a completion's request is sent; this is where both meet. Wraps an engine so that everything
that asks it, a prefetch or a warm-up too, comes first by asking.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any, TypeVar

from fimble.engine.protocol import (
    Engine,
    EngineHealth,
    GenerateRequest,
    GenerationStatistics,
    TextChunk,
)

Answer = TypeVar("Answer")


class GaveWayError(Exception):
    """Work in the background was given up because the user or a completion came."""


class CompletionsFirst:
    """An `Engine` that ends background work before it asks its server."""

    def __init__(self, server: Engine) -> None:
        self._server = server
        self._open = 0
        self._free = asyncio.Event()
        self._free.set()
        self._background: asyncio.Task[object] | None = None
        self._last_sign_of_life = float("-inf")

    @property
    def name(self) -> str:
        """The server's name."""
        return self._server.name

    async def health(self) -> EngineHealth:
        """Ask the server; needs no slot."""
        return await self._server.health()

    async def preload(self) -> None:
        """Load the model."""
        await self._server.preload()

    async def generate(
        self, request: GenerateRequest
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Stream the server's answer, once background work has left the slot."""
        self._open += 1
        self._free.clear()
        try:
            self.user_active()
            if self._background is not None:
                await asyncio.wait([self._background])
            async with aclosing(self._server.generate(request)) as stream:
                async for event in stream:
                    yield event
        finally:
            self._open -= 1
            if not self._open:
                self._free.set()
            self._note_life()

    def user_active(self) -> None:
        """End background work: the user is there and will need the slot."""
        self._note_life()
        if self._background is not None:
            self._background.cancel()

    async def idle(self, seconds: float) -> None:
        """Wait until nothing has been asked and nobody has been active for `seconds`."""
        since = time.monotonic()
        while True:
            await self._free.wait()
            left_s = max(since, self._last_sign_of_life) + seconds - time.monotonic()
            if left_s <= 0:
                return
            await asyncio.sleep(left_s)

    async def in_background(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do `work`, which asks the server itself, unless and until somebody else needs it.

        Raises:
            GaveWayError: The work was cancelled, or not begun.
        """
        if self._open or self._background is not None:
            work.close()
            raise GaveWayError
        task = asyncio.create_task(work, name="fimble-background")
        self._background = task
        try:
            await asyncio.wait([task])
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])
            self._background = None
            if not task.cancelled():
                task.exception()  # Looked at, also when our own caller was cancelled meanwhile.
        if task.cancelled():
            raise GaveWayError
        return task.result()

    async def aclose(self) -> None:
        """End background work and close the server's connections."""
        if self._background is not None:
            self._background.cancel()
            await asyncio.wait([self._background])
        await self._server.aclose()

    def _note_life(self) -> None:
        self._last_sign_of_life = time.monotonic()
