"""`textDocument/inlineCompletion` (LSP 3.18): ghost text.

The protocol has no word for "this is a draft, the model's text is to come". A client that says
`experimental.fimble.drafts` among its capabilities is sent the notification `fimble/draft` just
before an answer that is one; it shows the draft and asks again for the same place, which then
waits for the model as any request does.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from fimble_lsp.convert import inline_items
from fimble_lsp.suggesting import hole_for, suggestions_for

if TYPE_CHECKING:
    from fimble.engine.protocol import Hole
    from fimble_lsp.server import FimbleServer

DRAFT: Final = "fimble/draft"


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
    drafts = server.hello.asks_again_after_drafts
    suggestions = await suggestions_for(server, hole, invoked=invoked, drafts=drafts)
    if any(suggestion.is_draft for suggestion in suggestions):
        _tell_of_draft(server, hole)
    return inline_items(hole, suggestions, server.encoding)


def _tell_of_draft(server: FimbleServer, hole: Hole) -> None:
    """Say that the answer to follow is a draft; nothing waits in between."""
    document = {"uri": hole.snapshot.uri, "version": hole.snapshot.version}
    server.rpc.notify(DRAFT, {"textDocument": document})
