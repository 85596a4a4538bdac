"""`textDocument/inlineCompletion` (LSP 3.18): ghost text."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from lsprotocol import types

from fimble_lsp.convert import inline_items
from fimble_lsp.suggesting import hole_for, suggestions_for

if TYPE_CHECKING:
    from fimble.engine.protocol import Hole
    from fimble_lsp.server import FimbleServer


def register(server: FimbleServer) -> None:
    """Answer requests for ghost text."""
    server.route(
        types.TEXT_DOCUMENT_INLINE_COMPLETION, lambda params: _inline_completion(server, params)
    )


def _inline_completion(
    server: FimbleServer, params: types.InlineCompletionParams
) -> Awaitable[types.InlineCompletionList] | types.InlineCompletionList:
    """Take the snapshot, then answer; nothing to show is an empty list."""
    hole = hole_for(server, params.text_document.uri, params.position)
    if hole is None:
        return types.InlineCompletionList(items=[])
    server.prompts.visited(hole.snapshot.uri, hole.cursor)
    invoked = params.context.trigger_kind is types.InlineCompletionTriggerKind.Invoked
    return _answer(server, hole, invoked=invoked)


async def _answer(server: FimbleServer, hole: Hole, *, invoked: bool) -> types.InlineCompletionList:
    suggestions = await suggestions_for(server, hole, invoked=invoked)
    return inline_items(hole, suggestions, server.encoding)
