"""`textDocument/codeAction` in templates: what the checker itself proposes, as quick fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from fimble.prompting.authoring.findings import touching
from fimble.text.position import Range
from fimble_lsp.convert import hole_at, quick_fixes

if TYPE_CHECKING:
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.server import FimbleServer


def code_actions(
    server: FimbleServer, document: OpenDocument, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Return the fixes for the findings that the range touches."""
    only = params.context.only
    if only is not None and types.CodeActionKind.QuickFix not in only:
        return []
    snapshot, encoding = document.snapshot, server.encoding
    span = Range(
        hole_at(snapshot, params.range.start, encoding).cursor,
        hole_at(snapshot, params.range.end, encoding).cursor,
    )
    findings = touching(server.prompts.check_now(snapshot).findings, span)
    return quick_fixes(snapshot, findings, encoding)
