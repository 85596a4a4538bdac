"""Diagnostics of templates: pushed after a pause, or given to clients that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from fimble_lsp.convert import diagnostics_for_client

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from fimble.text.snapshot import Snapshot
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.prompt_checking import CheckedText
    from fimble_lsp.server import FimbleServer


def publish(server: FimbleServer, checked: CheckedText) -> None:
    """Send what was found in a template; nothing found clears what was shown."""
    snapshot = checked.snapshot
    _send(
        server,
        types.PublishDiagnosticsParams(
            uri=snapshot.uri,
            version=snapshot.version,
            diagnostics=diagnostics_for_client(snapshot, checked.findings, server.encoding),
        ),
    )


def clear(server: FimbleServer, uri: str) -> None:
    """Take back what was shown of a template that is no longer open."""
    _send(server, types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))


def _send(server: FimbleServer, params: types.PublishDiagnosticsParams) -> None:
    server.rpc.notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)


def report(
    server: FimbleServer, document: OpenDocument
) -> Awaitable[types.RelatedFullDocumentDiagnosticReport]:
    """Answer a client that asks: about the text as it is now."""
    return _report(server, document.snapshot)


async def _report(
    server: FimbleServer, snapshot: Snapshot
) -> types.RelatedFullDocumentDiagnosticReport:
    checked = await server.prompts.check_any(snapshot)
    return types.RelatedFullDocumentDiagnosticReport(
        items=diagnostics_for_client(snapshot, checked.findings, server.encoding)
    )
