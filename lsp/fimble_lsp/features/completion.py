"""`textDocument/completion`: suggestions in the menu of clients that have no ghost text.

Offered for all documents only to clients that do not announce `textDocument.inlineCompletion`; to
the others for templates, where the menu holds what the template's form allows.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from fimble_lsp.convert import ends_with_word, menu_items
from fimble_lsp.suggesting import hole_for, suggestions_for

if TYPE_CHECKING:
    from fimble.engine.protocol import Hole
    from fimble_lsp.server import FimbleServer

TRIGGER_CHARACTERS: Final = (".", ",", ":", "=", "(", "[", "{", " ")
"""After these, clients ask without being told to; inside a word they do so anyway."""


def register(server: FimbleServer) -> None:
    """Answer requests for completion menus."""
    server.route(types.TEXT_DOCUMENT_COMPLETION, lambda params: _completion(server, params))


def _completion(
    server: FimbleServer, params: types.CompletionParams
) -> Awaitable[types.CompletionList] | types.CompletionList:
    """Take the snapshot, then answer; nothing to show is an empty list."""
    hole = hole_for(server, params.text_document.uri, params.position)
    if hole is None:
        return types.CompletionList(is_incomplete=True, items=[])
    menu = _template_menu(server, hole)
    if menu.items or server.hello.shows_inline_completions:
        return menu
    server.prompts.visited(hole.snapshot.uri, hole.cursor)
    return _answer(server, hole, invoked=_asked_by_hand(hole, params.context))


def _template_menu(server: FimbleServer, hole: Hole) -> types.CompletionList:
    """Return what a template's form allows at a place; nothing in all other documents."""
    if server.prompts.find(hole.snapshot.uri) is None:
        return types.CompletionList(is_incomplete=False, items=[])
    from fimble_lsp.features.prompt_completion import prompt_menu  # noqa: PLC0415 - loads YAML

    return prompt_menu(server, hole)


def _asked_by_hand(hole: Hole, context: types.CompletionContext | None) -> bool:
    """Tell a key that was pressed for it from a client that completes while one types.

    The protocol calls both "invoked"; but by themselves clients only do so inside a word.
    """
    kind = types.CompletionTriggerKind.Invoked if context is None else context.trigger_kind
    return kind is types.CompletionTriggerKind.Invoked and not ends_with_word(hole)


async def _answer(server: FimbleServer, hole: Hole, *, invoked: bool) -> types.CompletionList:
    suggestions = await suggestions_for(server, hole, invoked=invoked)
    return menu_items(hole, suggestions, server.encoding)
