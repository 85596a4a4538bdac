"""Which engine answers now: the model server when it can, the embedded engine meanwhile.

A server that is absent, starting, loading 17 GB or failing is a state and not an error message:
one status, no popup, and a health check that comes back with exponential back-off and jitter
(security F1, F2, F4). A failed request is evidence too: it moves the state at once. A server that
is well is left alone: whoever types again after a long while makes it be looked at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from fimble.engine.protocol import Engine, EngineHealth
from fimble.errors import EngineBusy, EngineTimeout, EngineUnavailable, FimbleError

EngineKind = Literal["auto", "ollama", "openai", "embedded"]

_FIRST_RETRY_S = 1.0
_LAST_RETRY_S = 30.0
_JITTER = 0.25

_LOOK_AGAIN_S = 60.0
"""A server that was not heard of for this long may have dropped its model, or be gone."""

_STUCK_AFTER = 2
"""First-token timeouts in a row, with a healthy server, that mean a slot which never frees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """What a status bar shows."""

    state: Literal["starting", "ready", "loading", "offline", "failing", "embedded", "off"]
    engine: str
    """The engine that answers completions now; empty when none does."""
    model: str
    message: str
    model_bytes: int = 0
    """The size of the model; 0 when it is not known."""


OnStatus = Callable[[EngineStatus], None]


class EngineRouter:
    """Chooses between a model server and the embedded engine, and watches the server."""

    def __init__(
        self,
        *,
        kind: EngineKind,
        server: Engine | None,
        embedded: Engine | None,
        model: str = "",
        on_status: OnStatus | None = None,
        recover: Callable[[], Awaitable[None]] | None = None,
        jitter: Callable[[], float] = random.random,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = kind
        self._server = server if kind != "embedded" else None
        self._embedded = embedded if kind in ("auto", "embedded") else None
        self._model = model
        self._on_status = on_status
        self._jitter = jitter
        self._now = now
        self._heard_at = float("-inf")
        self._recover = recover
        self._first_token_timeouts = 0
        self._health: EngineHealth | None = None
        self._status: EngineStatus | None = None
        self._retry_s = _FIRST_RETRY_S
        self._wake = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()

    @property
    def server(self) -> Engine | None:
        """The model server, whatever its state."""
        return self._server

    @property
    def embedded(self) -> Engine | None:
        """The embedded engine, where it may answer."""
        return self._embedded

    @property
    def health(self) -> EngineHealth | None:
        """The server's last health; None before the first check."""
        return self._health

    @property
    def status(self) -> EngineStatus:
        """The state as a status bar shows it."""
        return self._status or self._describe()

    @property
    def current(self) -> Engine | None:
        """The engine that answers now, or None when nobody can."""
        if self._server is not None and self._health is not None and self._health.state == "ready":
            return self._server
        return self._embedded

    def start(self) -> None:
        """Begin to watch the server; a second call does nothing."""
        if self._server is None:
            self._settled.set()
            self._announce()
        elif self._watch is None:
            self._announce()
            self._watch = asyncio.create_task(
                self._watch_server(self._server), name="fimble-health"
            )

    async def settled(self) -> None:
        """Wait until the first health check has answered."""
        await self._settled.wait()

    async def check_now(self) -> EngineHealth | None:
        """Check the server once, without watching it (for one-shot commands)."""
        if self._server is not None:
            self._note(await self._server.health())
        self._settled.set()
        return self._health

    def note_failure(self, error: FimbleError) -> None:
        """Take a failed request as news about the server."""
        if self._server is None:
            return
        state = "offline" if isinstance(error, EngineUnavailable) else "failing"
        self._note(
            EngineHealth(
                state=state, engine=self._server.name, model=self._model, message=str(error)
            )
        )
        if isinstance(error, (EngineBusy, EngineTimeout)):
            self._retry_s = min(self._retry_s * 2, _LAST_RETRY_S)
        if isinstance(error, EngineTimeout) and error.stage == "first token":
            self._first_token_timeouts += 1
        self._wake.set()

    def note_success(self) -> None:
        """The server has answered something: its slot is not stuck."""
        self._first_token_timeouts = 0
        self._heard_at = self._now()

    def user_active(self) -> None:
        """Somebody types: have the server looked at if nothing was heard of it for long."""
        if self._now() - self._heard_at >= _LOOK_AGAIN_S:
            self._wake.set()

    async def _watch_server(self, server: Engine) -> None:
        while True:
            health = await server.health()
            if health.state == "ready" and self._first_token_timeouts >= _STUCK_AFTER:
                await self._free_stuck_slot()
                health = await server.health()
            self._note(health)
            self._settled.set()
            if health.state == "loading":
                await self._load(server)
            if self._health is not None and self._health.state == "ready":
                self._retry_s = _FIRST_RETRY_S
                await self._until_woken()
                continue
            await asyncio.sleep(self._retry_s * (1 - _JITTER * self._jitter()))
            self._retry_s = min(self._retry_s * 2, _LAST_RETRY_S)

    async def _until_woken(self) -> None:
        """Wait for a failed request, and then for the retry delay, or for the user's return."""
        self._wake.clear()
        await self._wake.wait()
        if self._health is not None and self._health.state != "ready":
            await asyncio.sleep(self._retry_s * (1 - _JITTER * self._jitter()))

    async def _free_stuck_slot(self) -> None:
        """Have the server drop the model and load it again.

        A disconnect in the middle of a stream can leave Ollama's slot taken for good
        (ollama/ollama issue 17131): every request hangs while the server looks healthy.
        """
        self._first_token_timeouts = 0
        if self._recover is None:
            return
        try:
            await self._recover()
        except FimbleError as error:
            self.note_failure(error)

    async def _load(self, server: Engine) -> None:
        """Load the model; closing a request during a cold load would kill the load."""
        try:
            await server.preload()
        except FimbleError as error:
            self.note_failure(error)
        else:
            self._note(await server.health())

    def _note(self, health: EngineHealth) -> None:
        self._health = health
        self._heard_at = self._now()
        self._announce()

    def _announce(self) -> None:
        status = self._describe()
        if status != self._status:
            self._status = status
            if self._on_status is not None:
                self._on_status(status)

    def _describe(self) -> EngineStatus:
        current = self.current
        name = "" if current is None else current.name
        if self._server is None:
            state = "embedded" if current is not None else "off"
            return EngineStatus(state=state, engine=name, model="", message="")
        if self._health is None:
            return EngineStatus(state="starting", engine=name, model=self._model, message="")
        return EngineStatus(
            state=self._health.state,
            engine=name,
            model=self._health.model or self._model,
            message=self._health.message,
            model_bytes=self._health.model_bytes,
        )

    async def aclose(self) -> None:
        """Stop watching and close both engines."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        for engine in (self._server, self._embedded):
            if engine is not None:
                await engine.aclose()
