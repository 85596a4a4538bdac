"""One file per feature of the protocol; `register_all` is the list of what the server can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fimble_lsp.features import (
    code_actions,
    commands,
    completion,
    configuration,
    inline_completion,
    lifecycle,
    prompts,
    text_sync,
    watched_files,
    workspace_folders,
)

if TYPE_CHECKING:
    from fimble_lsp.server import FimbleServer


def register_all(server: FimbleServer) -> None:
    """Let the features answer the messages that are theirs."""
    for feature in (
        lifecycle,
        text_sync,
        inline_completion,
        completion,
        configuration,
        workspace_folders,
        watched_files,
        prompts,
        code_actions,
        commands,
    ):
        feature.register(server)
