"""A typing client: raw JSON-RPC over the stdio of a real server process, every answer counted.

It trusts nothing: no protocol library stands between a test and the bytes, answers are kept for
each id however many come, and the text lives in a buffer of the client's own.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from support.lsp_buffer import EditorBuffer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

Json: TypeAlias = dict[str, Any]
RequestId: TypeAlias = int | str

PATIENCE_S: Final = 30.0
"""Limit of every wait; generous, as the machine may be busy. Nothing waits this long normally."""

TESTS: Final = Path(__file__).resolve().parent.parent

GHOST_TEXT: Final[Json] = {"textDocument": {"inlineCompletion": {"dynamicRegistration": True}}}
"""Capabilities of a client with ghost text."""


class ServerEnded(Exception):
    """The server closed its output while something was still expected of it."""


def frame(message: object) -> bytes:
    """Encode one message with its header."""
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class LspClient:
    """One client of one server process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.answers: dict[tuple[str, RequestId | None], list[Json]] = {}
        """All answers by type and value of their id, so that 1 and "1" are different."""
        self.notifications: list[Json] = []
        self.requests: list[Json] = []
        """What the server asked of us."""
        self.answering: dict[str, Callable[[Json], object]] = {}
        """What to answer the server's requests with, by method; others stay open."""
        self.stderr = b""
        self.stdout = b""
        """Every byte of the server, for tests that look for what must not be there."""
        self.encoding = "utf-16"
        self.buffers: dict[str, EditorBuffer] = {}
        self._ids = itertools.count(1)
        self._arrived = asyncio.Condition()
        self._ended = False
        self._readers = [
            asyncio.create_task(self._read_output()),
            asyncio.create_task(self._read_errors()),
        ]

    # --- bytes -------------------------------------------------------------------------------

    async def send_raw(self, *portions: bytes) -> None:
        """Send bytes as they are, each portion by a write of its own."""
        stdin = self.process.stdin
        assert stdin is not None
        for portion in portions:
            stdin.write(portion)
            await stdin.drain()

    async def send(self, *messages: object) -> None:
        """Send messages in one write."""
        await self.send_raw(b"".join(frame(message) for message in messages))

    async def _read_output(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        try:
            while header := await stdout.readline():
                name, _, value = header.partition(b":")
                assert name == b"Content-Length", f"stray bytes on stdout: {header!r}"
                blank = await stdout.readexactly(2)
                body = await stdout.readexactly(int(value))
                self.stdout += header + blank + body
                message = json.loads(body)
                self._sort(message)
                await self._answer(message)
                async with self._arrived:
                    self._arrived.notify_all()
        finally:
            self._ended = True
            async with self._arrived:
                self._arrived.notify_all()

    async def _read_errors(self) -> None:
        stderr = self.process.stderr
        assert stderr is not None
        while portion := await stderr.read(65536):
            self.stderr += portion

    async def _answer(self, message: Json) -> None:
        respond = self.answering.get(message.get("method", ""))
        if respond is not None and "id" in message:
            result = respond(message.get("params") or {})
            await self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _sort(self, message: Json) -> None:
        if "method" not in message:
            id_ = message["id"]
            self.answers.setdefault((type(id_).__name__, id_), []).append(message)
        elif "id" in message:
            self.requests.append(message)
        else:
            self.notifications.append(message)

    # --- waiting -----------------------------------------------------------------------------

    async def until(self, condition: Callable[[], object], what: str = "the condition") -> None:
        """Wait until messages from the server have made `condition` true."""
        async with asyncio.timeout(PATIENCE_S), self._arrived:
            await self._arrived.wait_for(lambda: condition() or self._ended)
        if not condition():
            raise ServerEnded(f"The server ended before {what} came. {self.stderr.decode()}")

    def answers_to(self, id_: RequestId | None) -> list[Json]:
        """Return the answers to one id so far; there should never be two."""
        return self.answers.get((type(id_).__name__, id_), [])

    async def answer(self, id_: RequestId | None) -> Json:
        """Wait for the answer to a request and return it."""
        await self.until(lambda: self.answers_to(id_), f"the answer to {id_!r}")
        return self.answers_to(id_)[0]

    async def notification(self, method: str, **params: object) -> Json:
        """Wait for a notification whose parameters include `params`; return all of them."""

        def find() -> Json | None:
            for message in self.notifications:
                given: Json = message.get("params") or {}
                if message["method"] == method and params.items() <= given.items():
                    return given
            return None

        await self.until(find, f"{method} {params}")
        return find() or {}

    async def exit_code(self) -> int:
        """Wait for the process to end; return its exit code."""
        async with asyncio.timeout(PATIENCE_S):
            code = await self.process.wait()
            await asyncio.wait(self._readers)
        return code

    async def settle(self) -> None:
        """Return when everything sent so far has been acted on: messages are taken in order."""
        id_ = f"barrier-{self.next_id()}"
        assert (await self.request("fimble/unknown", id_=id_))["error"]["code"] == -32601
        del self.answers["str", id_]

    def forget(self) -> None:
        """Drop what has been received, so that tests can share one server."""
        self.answers.clear()
        self.notifications.clear()
        self.requests.clear()

    # --- messages ----------------------------------------------------------------------------

    def next_id(self) -> int:
        """Return an id that has not been used."""
        return next(self._ids)

    async def begin(self, method: str, params: object = None, *, id_: RequestId | None = None):
        """Send a request and return its id at once."""
        id_ = self.next_id() if id_ is None else id_
        await self.send({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})
        return id_

    async def request(
        self, method: str, params: object = None, *, id_: RequestId | None = None
    ) -> Json:
        """Send a request and return the whole answer."""
        return await self.answer(await self.begin(method, params, id_=id_))

    async def notify(self, method: str, params: object = None) -> None:
        """Send a notification."""
        await self.send({"jsonrpc": "2.0", "method": method, "params": params})

    async def initialize(self, capabilities: Json | None = None, **params: object) -> Json:
        """Introduce the client and return the server's capabilities."""
        answer = await self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None,
                "capabilities": GHOST_TEXT if capabilities is None else capabilities,
                **params,
            },
        )
        await self.notify("initialized", {})
        self.encoding = answer["result"]["capabilities"]["positionEncoding"]
        return answer["result"]["capabilities"]

    async def shut_down(self) -> int:
        """End the server in order and return its exit code."""
        assert (await self.request("shutdown"))["result"] is None
        await self.notify("exit")
        return await self.exit_code()

    # --- an editor -----------------------------------------------------------------------------

    async def open(
        self, text: str, *, uri: str = "file:///work/file.py", language_id: str = "python"
    ) -> EditorBuffer:
        """Open a document with the cursor at its end."""
        buffer = EditorBuffer(text, uri=uri, language_id=language_id, encoding=self.encoding)
        self.buffers[uri] = buffer
        await self.notify(
            "textDocument/didOpen",
            {
                "textDocument": {
                    "uri": uri,
                    "languageId": language_id,
                    "version": buffer.version,
                    "text": text,
                }
            },
        )
        return buffer

    async def change(self, buffer: EditorBuffer, *changes: Json) -> None:
        """Send changes that the buffer has made."""
        await self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": buffer.uri, "version": buffer.version},
                "contentChanges": changes,
            },
        )

    async def type(self, buffer: EditorBuffer, text: str) -> None:
        """Type at the cursor."""
        await self.change(buffer, buffer.replace(buffer.cursor, buffer.cursor, text))

    @staticmethod
    def inline_params(buffer: EditorBuffer, *, trigger_kind: int = 2) -> Json:
        """Return the parameters of a request for ghost text at the cursor."""
        return {
            "textDocument": {"uri": buffer.uri},
            "position": buffer.position(buffer.cursor),
            "context": {"triggerKind": trigger_kind},
        }

    async def ghost(self, buffer: EditorBuffer, *, trigger_kind: int = 2) -> list[Json]:
        """Ask for ghost text at the cursor; return the items."""
        params = self.inline_params(buffer, trigger_kind=trigger_kind)
        answer = await self.request("textDocument/inlineCompletion", params)
        return answer["result"]["items"]

    async def ask_and_ignore(self, buffer: EditorBuffer) -> None:
        """Ask for ghost text and wait for the answer, whatever it is."""
        await self.request("textDocument/inlineCompletion", self.inline_params(buffer))

    async def cancel(self, id_: RequestId) -> None:
        """Take a request back."""
        await self.notify("$/cancelRequest", {"id": id_})


@asynccontextmanager
async def running_server(
    arguments: Sequence[str] = ("-m", "support.lsp_entry"),
    *,
    home: Path,
    environment: Mapping[str, str] | None = None,
) -> AsyncGenerator[LspClient]:
    """Start a server process with an empty home; end it by force where a test has not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=256 * 1024 * 1024,
        env={
            **os.environ,
            "PYTHONPATH": str(TESTS),
            "HOME": str(home),
            **(environment or {}),
        },
    )
    client = LspClient(process)
    try:
        yield client
    finally:
        if process.returncode is None:
            process.kill()
        await client.exit_code()
        # Nobody else closes the pipe to a killed process, and warnings are errors here.
        process._transport.close()  # type: ignore[attr-defined]
