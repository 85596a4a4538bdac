"""`StubServer`: a stub in a thread and event loop of its own, as a context manager."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from types import TracebackType
from typing import Self, TypeVar

from support.stub_ollama.faults import Fault, FaultPredicate, FaultQueue, asks_for_text
from support.stub_ollama.http_wire import Connection
from support.stub_ollama.journal import Journal, RequestRecord

T = TypeVar("T")
START_TIMEOUT_S = 30.0
PATIENCE_S = 30.0
"""Limit of a wait for a request; generous, as the machine may be busy."""


class StubServer(ABC):
    """A server on a loopback port, its journal and its faults; methods work from any thread."""

    def __init__(self, *, port: int = 0) -> None:
        self._port = port
        self._journal = Journal()
        self._faults = FaultQueue()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="stub-server", daemon=True)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._crashes: list[Exception] = []

    @abstractmethod
    async def _prepare(self) -> None:
        """Make what serves, on the stub's own loop."""

    @abstractmethod
    async def _serve(self, connection: Connection) -> None:
        """Serve one connection to its end."""

    async def _clean_up(self) -> None:  # noqa: B027 - most have nothing to stop
        """Stop what `_prepare` began."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._shut_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_TIMEOUT_S)
        self._loop.close()
        if self._crashes and error is None:
            raise RuntimeError("the stub itself has a defect") from self._crashes[0]

    @property
    def port(self) -> int:
        """The port it listens on (or listened on, while down)."""
        return self._port

    @property
    def url(self) -> str:
        """`http://127.0.0.1:port`, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def requests(self) -> Sequence[RequestRecord]:
        """All requests so far, in order of arrival."""
        return self._journal.records

    @property
    def generations(self) -> Sequence[RequestRecord]:
        """Those of `requests` that asked for text."""
        return [it for it in self.requests if it.is_generation]

    @property
    def max_concurrent(self) -> int:
        """The most generations that were open at the same time, running and queued."""
        return self._journal.max_concurrent

    def inject(
        self, fault: Fault, *, times: int | None = 1, when: FaultPredicate = asks_for_text
    ) -> None:
        """Let `fault` strike the next `times` requests for which `when` holds (None: all)."""
        self._faults.add(fault, times=times, when=when)

    def heal(self) -> None:
        """Take back all faults that have not struck."""
        self._faults.clear()

    def wait_until(
        self, predicate: Callable[[Sequence[RequestRecord]], T], timeout_s: float = PATIENCE_S
    ) -> T:
        """Block until `predicate(requests)` is true and return its value; TimeoutError else."""
        return self._journal.wait_until(predicate, timeout_s)

    async def wait_for(
        self, predicate: Callable[[Sequence[RequestRecord]], T], timeout_s: float = PATIENCE_S
    ) -> T:
        """`wait_until` for a test with an event loop of its own."""
        return await self._journal.wait_for(predicate, timeout_s)

    def forget_requests(self) -> None:
        """Empty the journal, for instance after a warm-up."""
        self._journal.clear()

    @contextlib.contextmanager
    def down(self) -> Generator[None]:
        """Be gone inside the block: open connections are reset, new ones refused.

        Afterwards it listens on the same port again; loaded models have stayed loaded.
        """
        self._call(self._stop_listening())
        try:
            yield
        finally:
            self._call(self._listen())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, work: Coroutine[None, None, T] | Awaitable[T]) -> T:
        async def run() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_TIMEOUT_S)

    async def _start(self) -> None:
        await self._prepare()
        await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        bound: socket.socket = self._server.sockets[0]
        self._port = int(bound.getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._connections.add(task)
        connection = Connection(reader, writer)
        try:
            await self._serve(connection)
        except asyncio.CancelledError:
            return  # the stub goes down; `_serve` has reset the connection
        except Exception as error:  # noqa: BLE001 - told to the test when the stub ends
            self._crashes.append(error)
        finally:
            self._connections.discard(task)

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
        connections = tuple(self._connections)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _shut_down(self) -> None:
        await self._stop_listening()
        await self._clean_up()
