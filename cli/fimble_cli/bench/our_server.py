"""Fimble itself as a contestant: the real server, driven as VS Code drives it.

For each key a change, then the request before it taken back, then a new request; what is on the
screen stays until an answer for the present version says otherwise.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fimble_cli.bench.contestant import Contestant
from fimble_cli.bench.document import Document, Edit
from fimble_cli.bench.ghost import Ghost
from fimble_cli.bench.lsp_pipe import Json, LspPipe

_METHOD = "textDocument/inlineCompletion"
_READY_S = 360.0
"""A model may have to be loaded from a disk."""

_CAPABILITIES: Json = {
    "textDocument": {"inlineCompletion": {"dynamicRegistration": True}},
    "general": {"positionEncodings": ["utf-16"]},
}
AUTOMATIC = 2
INVOKED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSetup:
    """How the server is started."""

    settings: Json
    """Sections and keys as an editor sends them in `initializationOptions`."""
    folder: str | None = None
    """The workspace, as a URI."""
    environment: Mapping[str, str] | None = None
    """None hands on our own."""
    command: Sequence[str] = field(
        default_factory=lambda: (sys.executable, "-m", "fimble_cli", "lsp", "--stdio")
    )


class OurServer(Contestant):
    """One server process, one file at a time."""

    def __init__(self, setup: ServerSetup) -> None:
        super().__init__()
        self._setup = setup
        self._pipe: LspPipe | None = None
        self._open_request: int | None = None
        self._uri = ""
        self._state: Json = {}
        self._state_changed = asyncio.Event()

    @property
    def pipe(self) -> LspPipe:
        """The connection; only after `start`."""
        if self._pipe is None:
            raise RuntimeError("start the server first")
        return self._pipe

    async def start(self) -> None:
        """Start the server and wait until an engine is ready.

        Raises:
            ServerFailedError: It ended, or no engine became ready.
        """
        self._pipe = await LspPipe.start(self._setup.command, environment=self._setup.environment)
        self._pipe.on_notification(self._hear)
        folder = self._setup.folder
        await self._pipe.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder,
                "workspaceFolders": [{"uri": folder, "name": "bench"}] if folder else None,
                "capabilities": _CAPABILITIES,
                "initializationOptions": self._setup.settings,
            },
        )
        self._pipe.notify("initialized", {})
        await self._until_ready()

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(_READY_S):
                while (state := self._state.get("state")) not in {"ready", "embedded"}:
                    if state in {"offline", "failing", "off"}:
                        raise self.pipe.failure(f"has no engine: {self._state.get('message')}")
                    self._state_changed.clear()
                    await self._state_changed.wait()
        except TimeoutError:
            message = self._state.get("message") or "it did not say why"
            raise self.pipe.failure(f"has no engine after {_READY_S:.0f} s: {message}") from None

    def _hear(self, method: str, params: Json) -> None:
        if method == "fimble/status":
            self._state = params
            self._state_changed.set()

    async def open(self, document: Document) -> None:
        """Open a file, closing the one before."""
        if self._uri:
            self.pipe.notify("textDocument/didClose", {"textDocument": {"uri": self._uri}})
        self._uri = document.uri
        item = {
            "uri": document.uri,
            "languageId": document.language_id,
            "version": document.version,
            "text": document.text,
        }
        self.pipe.notify("textDocument/didOpen", {"textDocument": item})

    async def edited(self, document: Document, edit: Edit) -> None:
        """Send the change, take the last request back, and ask anew."""
        change = {"range": {"start": edit.start, "end": edit.end}, "text": edit.inserted}
        identifier = {"uri": document.uri, "version": document.version}
        self.pipe.notify(
            "textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]}
        )
        self._take_back()
        version = document.version
        self._open_request = self.pipe.begin(
            _METHOD,
            self._params(document, AUTOMATIC),
            lambda answer: self._answered(document, version, answer),
        )

    async def moved(self, document: Document) -> None:  # noqa: ARG002 - others look at it
        """Take the last request back; the editor asks again when something is typed."""
        self._take_back()

    async def dismissed(self) -> None:
        """Take the last request back."""
        self._take_back()

    def _take_back(self) -> None:
        if self._open_request is not None:
            self.pipe.notify("$/cancelRequest", {"id": self._open_request})
            self._open_request = None

    async def ask(self, document: Document) -> Ghost | None:
        """Ask as a user who presses a key for it, and wait for the answer."""
        answer = await self.pipe.request(_METHOD, self._params(document, INVOKED))
        return _ghost_of(document, answer)

    @staticmethod
    def _params(document: Document, trigger: int) -> Json:
        return {
            "textDocument": {"uri": document.uri},
            "position": document.position(document.cursor),
            "context": {"triggerKind": trigger},
        }

    def _answered(self, document: Document, version: int, answer: Json) -> None:
        """Show an answer that is still about the text on the screen."""
        if document.version != version or self._open_request is None:
            return
        self._open_request = None
        if "error" not in answer:
            self.show(_ghost_of(document, answer))

    async def close(self) -> None:
        """End the server."""
        if self._pipe is not None:
            await self._pipe.end()


def _ghost_of(document: Document, answer: Json) -> Ghost | None:
    """Return the first item that an editor can show at the cursor."""
    result: Json = answer.get("result") or {}
    items: list[Json] = result.get("items", [])
    for item in items:
        span: Json | None = item.get("range")
        start = document.offset(span["start"]) if span else document.cursor
        end = document.offset(span["end"]) if span else document.cursor
        text: str = item["insertText"]
        typed = document.text[start : document.cursor]
        if start <= document.cursor <= end and text.startswith(typed):
            replaced = document.text[document.cursor : end]
            return Ghost(text=text[len(typed) :], replaced=replaced)
    return None
