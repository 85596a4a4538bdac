"""Answers that are read and not applied: shown in whatever way the client can show a text.

A client with texts of servers (`workspace/textDocumentContent`, LSP 3.18) sees the answer grow; any
other that shows documents gets a file in the user's private cache; the rest gets a message.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from platformdirs import user_cache_path

from fimble.policy.printable import printable
from fimble.private_files import own_folder, write_private
from fimble_lsp.client_requests import ask
from fimble_lsp.features.prompts import ANSWERS, announce_content, shows_content
from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from fimble_lsp.server import FimbleServer

_REFRESH_EVERY_S: Final = 0.4
_MOST_FILES: Final = 20
"""Kept in the cache; the oldest go."""
_LONGEST_MESSAGE: Final = 4000

_UNUSUAL: Final = re.compile(r"[^\w.-]+", re.ASCII)
_NUMBERS: Final = itertools.count()


def can_show(server: FimbleServer) -> bool:
    """Whether the client shows documents when it is asked to."""
    return member_at(server.hello.capabilities, "window", "showDocument", "support") is True


def show(server: FimbleServer, uri: str) -> None:
    """Ask the client to show a document, if it can."""
    if can_show(server):
        params = types.ShowDocumentParams(uri=uri, external=False, take_focus=False)
        server.spawn(ask(server, types.WINDOW_SHOW_DOCUMENT, params), name="show document")


class AnswerPage:
    """One answer, from its first word on."""

    def __init__(self, server: FimbleServer, action: str, uri: str) -> None:
        self._server = server
        stem = PurePosixPath(unquote(urlsplit(uri).path)).stem or "document"
        self._name = f"{action}-{_UNUSUAL.sub('-', stem)}-{os.getpid()}-{next(_NUMBERS)}.md"
        self._uri = f"{ANSWERS}:/{self._name}"
        self._ready = server.spawn(announce_content(server), name="register content")
        self._shown_at: float | None = None

    def grow(self, text: str) -> None:
        """Show the beginning of the answer where the client can."""
        if not shows_content(self._server.hello) or not text.strip():
            return
        now = asyncio.get_running_loop().time()
        if self._shown_at is not None and now - self._shown_at < _REFRESH_EVERY_S:
            return
        first = self._shown_at is None
        self._shown_at = now
        self._put(text)
        if first:
            self._show(self._uri)

    async def finish(self, text: str) -> str | None:
        """Show the whole answer; returns the name of the document that holds it, if one does."""
        if shows_content(self._server.hello):
            self._put(text)
            if self._shown_at is None:
                self._show(self._uri)
            return self._uri
        if can_show(self._server):
            try:
                uri = self._write(text)
            except OSError:
                self._server.tell(_message(text))
                return None
            self._show(uri)
            return uri
        self._server.tell(_message(text))
        return None

    def _put(self, text: str) -> None:
        if self._server.prompts.keep_preview(self._uri, printable(text)):
            refresh = types.TextDocumentContentRefreshParams(uri=self._uri)
            method = types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH
            self._server.spawn(ask(self._server, method, refresh), name="refresh answer")

    def _show(self, uri: str) -> None:
        self._server.spawn(self._show_when_known(uri), name="show answer")

    async def _show_when_known(self, uri: str) -> None:
        await asyncio.wait([self._ready])
        show(self._server, uri)

    def _write(self, text: str) -> str:
        folder = user_cache_path("fimble", appauthor=False) / "answers"
        own_folder(folder)
        files = sorted(folder.glob("*.md"), key=lambda each: each.lstat().st_mtime)
        for old in files[: 1 - _MOST_FILES]:
            old.unlink(missing_ok=True)
        path = folder / self._name
        write_private(path, printable(text).encode("utf-8"))
        return path.as_uri()


def _message(text: str) -> str:
    shown = printable(text.strip())
    return shown if len(shown) <= _LONGEST_MESSAGE else f"{shown[:_LONGEST_MESSAGE]} …"
