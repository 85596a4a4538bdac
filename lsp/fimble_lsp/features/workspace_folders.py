"""`workspace/didChangeWorkspaceFolders`: folders come and go while the server runs.

The folders decide which files may be read and learned from, which settings of a repository count,
and how a document is called in a prompt; so the completer is built anew for them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

from fimble_lsp.client_hello import folder_paths
from fimble_lsp.features.configuration import read_for_folders
from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from fimble_lsp.client_hello import ClientHello
    from fimble_lsp.server import FimbleServer


def register(server: FimbleServer) -> None:
    """Follow the client's folders."""
    server.route(
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
        lambda params: _changed(server, params.event),
    )


def folder_capabilities(hello: ClientHello) -> dict[str, object]:
    """Return what `initialize` says under "workspace", for clients that have folders."""
    if member_at(hello.capabilities, "workspace", "workspaceFolders") is not True:
        return {}
    return {"workspaceFolders": {"supported": True, "changeNotifications": True}}


def _changed(server: FimbleServer, event: types.WorkspaceFoldersChangeEvent) -> None:
    former = server.hello.folders
    gone = set(folder_paths(folder.uri for folder in event.removed))
    come = folder_paths(folder.uri for folder in event.added)
    folders = tuple(dict.fromkeys((*(path for path in former if path not in gone), *come)))
    if folders != former:
        server.hello = replace(server.hello, folders=folders)
        server.spawn(read_for_folders(server), name="folders")
        server.workspace_prompts.folders_changed()
