"""An engine whose every step a test decides: no clock, no socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

from fimble.engine.protocol import (
    EngineHealth,
    EngineState,
    GenerateRequest,
    GenerationStatistics,
    TextChunk,
)
from fimble.errors import FimbleError

_END = TextChunk("")


class FakeStream:
    """One generation as the test sees it."""

    def __init__(self, request: GenerateRequest) -> None:
        self.request = request
        self.closed = asyncio.Event()
        self._events: asyncio.Queue[TextChunk | FimbleError] = asyncio.Queue()

    def say(self, text: str, *logprobs: float) -> None:
        """Send one chunk."""
        self._events.put_nowait(TextChunk(text, logprobs))

    def end(self, finish: Literal["stop", "length"] = "stop") -> None:
        """Send the statistics and end well."""
        self._finish: Literal["stop", "length"] = finish
        self._events.put_nowait(_END)

    def fail(self, error: FimbleError) -> None:
        """End with an error."""
        self._events.put_nowait(error)

    async def events(self) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Play what the test says; notes when it is closed."""
        try:
            while True:
                event = await self._events.get()
                if isinstance(event, FimbleError):
                    raise event
                if event is _END:
                    yield GenerationStatistics(finish=self._finish)
                    return
                yield event
        finally:
            self.closed.set()


class FakeEngine:
    """Implements `fimble.engine.protocol.Engine`."""

    def __init__(self, name: str = "ollama", *, state: EngineState = "ready") -> None:
        self._name = name
        self.state: EngineState = state
        self.streams: list[FakeStream] = []
        self.preloads = 0
        self.preload_error: FimbleError | None = None
        self.health_checks = 0
        self.closed = False
        self._started = asyncio.Condition()
        self.answers: list[str] = []
        """Texts for the next generations; without one the test speaks through `streams`."""

    @property
    def name(self) -> str:
        """Which engine it plays."""
        return self._name

    async def health(self) -> EngineHealth:
        """Return the state that the test set."""
        self.health_checks += 1
        async with self._started:
            self._started.notify_all()
        return EngineHealth(state=self.state, engine=self._name, model="m")

    async def preload(self) -> None:
        """Become ready, or fail as the test wants."""
        self.preloads += 1
        if self.preload_error is not None:
            raise self.preload_error
        self.state = "ready"

    async def generate(
        self, request: GenerateRequest
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Start a stream that the test drives."""
        stream = FakeStream(request)
        self.streams.append(stream)
        if self.answers:
            stream.say(self.answers.pop(0))
            stream.end()
        async with self._started:
            self._started.notify_all()
        events = stream.events()
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()

    async def started(self, count: int) -> FakeStream:
        """Wait until `count` generations have begun; return the newest."""
        async with self._started:
            await self._started.wait_for(lambda: len(self.streams) >= count)
        return self.streams[count - 1]

    async def checked(self, count: int) -> None:
        """Wait until the health was asked `count` times."""
        async with self._started:
            await self._started.wait_for(lambda: self.health_checks >= count)

    async def aclose(self) -> None:
        """Note that it was closed."""
        self.closed = True
