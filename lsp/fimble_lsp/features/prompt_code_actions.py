"""`textDocument/codeAction` in templates: what the checker itself proposes, as quick fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from fimble.prompting.authoring.findings import touching
from fimble.text.position import Range
from fimble_lsp.convert import hole_at, quick_fixes

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from fimble.text.snapshot import Snapshot
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.server import FimbleServer


def code_actions(
    server: FimbleServer, document: OpenDocument, params: types.CodeActionParams
) -> Awaitable[list[types.CodeAction]] | list[types.CodeAction]:
    """Return the fixes for the findings that the range touches.

    Editors ask after every key, so a text that has not been checked yet is checked in a thread.
    """
    only = params.context.only
    if only is not None and types.CodeActionKind.QuickFix not in only:
        return []
    snapshot, encoding = document.snapshot, server.encoding
    span = Range(
        hole_at(snapshot, params.range.start, encoding).cursor,
        hole_at(snapshot, params.range.end, encoding).cursor,
    )
    return _fixes(server, snapshot, span)


async def _fixes(server: FimbleServer, snapshot: Snapshot, span: Range) -> list[types.CodeAction]:
    checked = await server.prompts.check_any(snapshot)
    return quick_fixes(snapshot, touching(checked.findings, span), server.encoding)
