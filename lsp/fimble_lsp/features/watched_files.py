"""`workspace/didChangeWatchedFiles`: files that change outside of the editor.

A checkout, a formatter or a code generator writes files that nobody opened: what is learned from
the workspace learns them again. The client is asked to tell of source files only; prompts and
settings are followed by the server itself, for clients that watch nothing (`live_prompts`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lsprotocol import types
from pygls.uris import to_fs_path

from fimble_lsp.client_requests import is_registered_late, register_later

if TYPE_CHECKING:
    from fimble_lsp.server import FimbleServer

_MOST_FILES: Final = 5000
"""Of one notification; a larger change is a new tree, and is read as one when the server starts."""


def register(server: FimbleServer) -> None:
    """Follow files that change on the disk."""
    server.route(
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES, lambda params: _changed(server, params.changes)
    )


async def watch_files(server: FimbleServer) -> None:
    """Ask the client to tell of source files, once there is something that learns from them."""
    if not is_registered_late(server.hello, "workspace", "didChangeWatchedFiles"):
        return
    from fimble.syntax.languages import languages  # noqa: PLC0415 - after start-up

    suffixes = sorted({suffix.lstrip(".") for each in languages() for suffix in each.suffixes})
    watcher = {"globPattern": f"**/*.{{{','.join(suffixes)}}}"}
    registration = types.Registration(
        id="fimble-files",
        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options={"watchers": [watcher]},
    )
    await register_later(server, [registration])


def _changed(server: FimbleServer, changes: list[types.FileEvent]) -> None:
    """Have files read again; an open one is what the editor says it is."""
    uris = dict.fromkeys(change.uri for change in changes[:_MOST_FILES])
    paths = [
        Path(path)
        for uri in uris
        if uri.startswith("file:") and server.documents.find(uri) is None
        for path in [to_fs_path(uri)]
        if path
    ]
    if paths:
        server.completions.files_changed(paths)
