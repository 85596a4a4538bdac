"""A language server process at the other end of a pipe: JSON-RPC and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from fimble.errors import FimbleError

Json: TypeAlias = dict[str, Any]

_PATIENCE_S = 60.0
_ENDING_S = 5.0
_LIMIT = 64 * 1024 * 1024


class ServerFailedError(FimbleError):
    """The language server ended or broke its protocol during a measurement."""


class LspPipe:
    """One server process; `start` it, and `end` it in any case."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._waiting: dict[int, Callable[[Json], None]] = {}
        self._notified: list[Callable[[str, Json], None]] = []
        self._errors = bytearray()
        self._readers = (
            asyncio.create_task(self._read(), name="bench-lsp-output"),
            asyncio.create_task(self._read_errors(), name="bench-lsp-errors"),
        )
        self.ended = False

    @classmethod
    async def start(
        cls, command: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> LspPipe:
        """Start the server."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LIMIT,
            env=environment,
        )
        return cls(process)

    def on_notification(self, hear: Callable[[str, Json], None]) -> None:
        """Have `hear` called with method and parameters of every notification."""
        self._notified.append(hear)

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def begin(self, method: str, params: object, answered: Callable[[Json], None]) -> int:
        """Send a request and return its id; `answered` is called with the whole answer."""
        id_ = next(self._ids)
        self._waiting[id_] = answered
        self._send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return id_

    async def request(self, method: str, params: object) -> Json:
        """Send a request and wait for its result.

        Raises:
            ServerFailedError: The server answered with an error, not at all, or has ended.
        """
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self.begin(method, params, lambda it: None if answer.done() else answer.set_result(it))
        try:
            message = await asyncio.wait_for(answer, _PATIENCE_S)
        except TimeoutError:
            raise self.failure(f"did not answer {method}") from None
        if "error" in message:
            raise self.failure(f"refused {method}: {message['error'].get('message')}")
        return message

    def failure(self, what: str) -> ServerFailedError:
        """Make an error of what the server did, with the last line it wrote to its log."""
        lines = self._errors.decode("utf-8", "replace").strip().splitlines()
        hint = f"Its log ends with: {lines[-1]}" if lines else ""
        return ServerFailedError(f"The language server {what}.", hint=hint)

    async def end(self) -> None:
        """Shut the server down in order, and by force where it does not end."""
        if not self.ended:
            self.begin("shutdown", None, lambda _: self.notify("exit", None))
        try:
            await asyncio.wait_for(self._process.wait(), _ENDING_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):  # It ended at the last moment.
                self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _send(self, message: Json) -> None:
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing() or self.ended:
            return
        body = json.dumps(message).encode()
        stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        stdout = self._process.stdout
        try:
            while stdout is not None and (header := await stdout.readline()):
                await stdout.readexactly(2)
                self._sort(json.loads(await stdout.readexactly(int(header.split(b":")[1]))))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.ended = True
            for answered in tuple(self._waiting.values()):
                answered({"error": {"message": "the server has ended"}})
            self._waiting.clear()

    async def _read_errors(self) -> None:
        stderr = self._process.stderr
        while stderr is not None and (portion := await stderr.read(65536)):
            self._errors += portion

    def _sort(self, message: Json) -> None:
        if "method" not in message:
            answered = self._waiting.pop(message["id"], None)
            if answered is not None:
                answered(message)
        elif "id" in message:
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})
        else:
            for hear in self._notified:
                hear(message["method"], message.get("params") or {})
