"""initialize, initialized, shutdown: what the server offers, and when it begins its work.

Before the answer to `initialize` nothing is loaded that this answer does not need; the engines,
the grammars and the HTTP client come after `initialized` (`warm_up`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from lsprotocol import types

from fimble_lsp.client_hello import ClientHello, read_client_hello
from fimble_lsp.features.code_actions import code_action_capabilities
from fimble_lsp.features.commands import command_capabilities
from fimble_lsp.features.completion import TRIGGER_CHARACTERS
from fimble_lsp.features.configuration import load_and_build
from fimble_lsp.features.prompts import static_capabilities
from fimble_lsp.features.watched_files import watch_files
from fimble_lsp.features.workspace_folders import folder_capabilities
from fimble_lsp.indexing_progress import IndexingProgress

if TYPE_CHECKING:
    from fimble_lsp.server import FimbleServer

_INCREMENTAL: Final = types.TextDocumentSyncKind.Incremental.value


def register(server: FimbleServer) -> None:
    """Answer the messages of the server's life."""
    server.route(types.INITIALIZE, lambda hello: _initialize(server, hello), read=read_client_hello)
    server.route(types.INITIALIZED, lambda _: _initialized(server))
    server.route(types.SHUTDOWN, lambda _: None)
    server.route(types.SET_TRACE, lambda _: None)


def _initialize(server: FimbleServer, hello: ClientHello) -> dict[str, object]:
    server.hello = hello
    server.client_known.set()
    return {
        "capabilities": _capabilities(hello),
        "serverInfo": {"name": server.name, "version": server.version},
    }


def _capabilities(hello: ClientHello) -> dict[str, object]:
    """Return the server's capabilities as the protocol writes them.

    Plain data and not lsprotocol's classes: converting those costs start-up 20 ms, and this
    method is the one whose answer an editor waits for.
    """
    capabilities: dict[str, object] = {
        "positionEncoding": hello.encoding.value,
        "textDocumentSync": {
            "openClose": True,
            "change": _INCREMENTAL,
            "save": {"includeText": False},
        },
    }
    # A client with ghost text would show every suggestion twice if it were offered both.
    if hello.shows_inline_completions:
        capabilities["inlineCompletionProvider"] = {}
    else:
        capabilities["completionProvider"] = {"triggerCharacters": list(TRIGGER_CHARACTERS)}
    offered = static_capabilities(hello)
    offered |= code_action_capabilities(hello) | command_capabilities(hello)
    workspace = folder_capabilities(hello) | cast("dict[str, object]", offered.get("workspace", {}))
    return capabilities | offered | ({"workspace": workspace} if workspace else {})


def _initialized(server: FimbleServer) -> None:
    server.status.open()
    server.completions.on_indexing = IndexingProgress(server).tell
    server.spawn(server.parsing.run(), name="parse")
    server.spawn(_begin(server), name="build completer")


async def _begin(server: FimbleServer) -> None:
    """Build the completer first, then follow the prompts that it may use."""
    await load_and_build(server)
    # Not awaited: a client that never answers must not keep prompts from being followed.
    server.spawn(watch_files(server), name="watch files")
    await server.workspace_prompts.follow()
