"""Loading, reloading and unloading models, and the one semaphore in front of each.

After ``ollama/ollama:server/sched.go`` (v0.33.0-rc2): requests whose model is loaded with their
options go straight to its semaphore; all others wait in one queue, first come, first served,
across models. A client that leaves during a load kills that load.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from support.stub_ollama.faults import BUSY_TEXT
from support.stub_ollama.journal import Journal
from support.stub_ollama.llama_slot import LlamaSlot, sleep_until
from support.stub_ollama.options import LoadRequest
from support.stub_ollama.prefix_cache import PrefixCache
from support.stub_ollama.request_body import FOR_EVER
from support.stub_ollama.script import Script, StubModel


class ServerBusyError(Exception):
    """Too many requests wait for a load."""


class LoadFailedError(Exception):
    """The model could not be loaded."""


@dataclass(slots=True, kw_only=True, eq=False)
class Runner:
    """A loaded model."""

    model: StubModel
    load: LoadRequest
    slot: LlamaSlot
    semaphore: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    """Requests whose connection is open, as reference counts follow their contexts."""
    keep_alive_s: float
    expires_at: float = 0.0
    """Unix time; 0 while requests run for the first time."""
    timer: asyncio.TimerHandle | None = None
    idle: asyncio.Event = field(default_factory=asyncio.Event)


class Scheduler:
    """All models of one stub; lives in the stub's event loop."""

    def __init__(self, script: Script, journal: Journal) -> None:
        self._script = script
        self._journal = journal
        self._loaded: dict[str, Runner] = {}
        self._queue = asyncio.Lock()
        self._waiting = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self.loads = 0
        """Loads begun, reloads included."""
        self.reloads = 0
        """Loads begun because a request's options differed from the loaded model's."""
        self.killed_loads = 0
        """Loads that ended because their client went away."""

    @property
    def loaded(self) -> tuple[Runner, ...]:
        """The loaded models."""
        return tuple(self._loaded.values())

    @asynccontextmanager
    async def runner(
        self, model: StubModel, request: LoadRequest, keep_alive_s: float | None
    ) -> AsyncGenerator[tuple[Runner, bool], None]:
        """A loaded runner, and whether this request loaded it; counted as used in the block.

        Cancelling the caller while it loads kills the load.

        Raises:
            ServerBusyError: the queue for loads is full.
            LoadFailedError: the script says that loads fail.
        """
        loaded_now = False
        runner = self._usable(model, request)
        if runner is None:
            runner, loaded_now = await self._queue_for_load(model, request)
        self._use(runner, keep_alive_s)
        try:
            yield runner, loaded_now
        finally:
            self._release(runner)

    def expire(self, model: StubModel) -> None:
        """Unload as soon as nobody uses it (`keep_alive: 0`, out of memory)."""
        runner = self._loaded.get(model.full_name)
        if runner is None:
            return
        runner.keep_alive_s = 0
        if runner.users == 0:
            self._unload(runner)

    async def stop(self) -> None:
        """Kill everything."""
        for runner in self.loaded:
            self._unload(runner)
        await asyncio.gather(*self._tasks)

    def _usable(self, model: StubModel, request: LoadRequest) -> Runner | None:
        runner = self._loaded.get(model.full_name)
        return None if runner is None or request.needs_reload(runner.load) else runner

    async def _queue_for_load(self, model: StubModel, request: LoadRequest) -> tuple[Runner, bool]:
        if self._waiting >= self._script.max_pending:
            raise ServerBusyError(BUSY_TEXT)
        self._waiting += 1
        try:
            await self._queue.acquire()
        finally:
            self._waiting -= 1
        try:
            runner = self._usable(model, request)
            if runner is not None:
                return runner, False
            await self._make_room(model)
            return await self._load(model, request), True
        finally:
            self._queue.release()

    async def _make_room(self, model: StubModel) -> None:
        """Unload this model's other form, or the least used model when there are too many."""
        reloaded = self._loaded.get(model.full_name)
        if reloaded is not None:
            self.reloads += 1
        elif len(self._loaded) < self._script.max_loaded:
            return
        victim = reloaded or min(self.loaded, key=lambda it: (it.users, it.expires_at))
        victim.keep_alive_s = 0
        if victim.users == 0:
            self._unload(victim)
        await victim.idle.wait()

    async def _load(self, model: StubModel, request: LoadRequest) -> Runner:
        self.loads += 1
        self._journal.changed()
        timing = self._script.timing
        try:
            await sleep_until(time.monotonic() + timing.seconds(timing.load_s))
        except asyncio.CancelledError:
            self.killed_loads += 1
            self._journal.changed()
            raise
        if self._script.load_error:
            raise LoadFailedError(self._script.load_error)
        cache = PrefixCache(kind=model.cache, n_batch=request.runner.num_batch)
        runner = Runner(
            model=model,
            load=request,
            slot=LlamaSlot(cache, timing, self._journal),
            keep_alive_s=self._script.keep_alive_s,
        )
        self._loaded[model.full_name] = runner
        return runner

    def _use(self, runner: Runner, keep_alive_s: float | None) -> None:
        runner.users += 1
        if runner.timer is not None:
            runner.timer.cancel()
            runner.timer = None
        if keep_alive_s is not None:
            runner.keep_alive_s = keep_alive_s

    def _release(self, runner: Runner) -> None:
        runner.users -= 1
        if runner.users > 0 or self._loaded.get(runner.model.full_name) is not runner:
            return
        if runner.keep_alive_s <= 0:
            self._unload(runner)
            return
        runner.expires_at = time.time() + runner.keep_alive_s
        if runner.keep_alive_s != FOR_EVER:
            loop = asyncio.get_running_loop()
            runner.timer = loop.call_later(runner.keep_alive_s, self._unload, runner)

    def _unload(self, runner: Runner) -> None:
        if self._loaded.get(runner.model.full_name) is runner:
            del self._loaded[runner.model.full_name]
        if runner.timer is not None:
            runner.timer.cancel()
        runner.idle.set()
        task = asyncio.create_task(runner.slot.stop())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._journal.changed()
