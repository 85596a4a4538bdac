"""Opening, changing, saving and closing documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from fimble.text.snapshot import Snapshot
from fimble_lsp.convert import changes_of
from fimble_lsp.log import LOGGER
from fimble_lsp.protocol.parameters import InvalidParameters, member_at, structure

if TYPE_CHECKING:
    from fimble_lsp.server import FimbleServer


def register(server: FimbleServer) -> None:
    """Follow the editor's documents."""
    server.route(types.TEXT_DOCUMENT_DID_OPEN, lambda params: _open(server, params))
    server.route(
        types.TEXT_DOCUMENT_DID_CHANGE,
        lambda params: _change(server, params),
        read=lambda raw: _read_change(server, raw),
    )
    server.route(types.TEXT_DOCUMENT_DID_SAVE, lambda params: _save(server, params))
    server.route(types.TEXT_DOCUMENT_DID_CLOSE, lambda params: _close(server, params))


def _open(server: FimbleServer, params: types.DidOpenTextDocumentParams) -> None:
    opened = params.text_document
    former = server.documents.find(opened.uri)
    if former is not None:
        server.parsing.forget(former.parser)
    document = server.documents.open(
        Snapshot.from_text(
            opened.text,
            uri=opened.uri,
            version=opened.version,
            language_id=opened.language_id,
        )
    )
    server.parsing.wake(document.parser)
    server.completions.document_changed(document.snapshot, [None])
    server.prompts.document_changed(document, None)


def _read_change(server: FimbleServer, raw: object) -> object:
    """Read a change; one that cannot be read leaves our text behind the editor's."""
    try:
        return structure(server.rpc.converter, types.TEXT_DOCUMENT_DID_CHANGE, raw)
    except InvalidParameters:
        uri = member_at(raw, "textDocument", "uri")
        document = server.documents.find(uri) if isinstance(uri, str) else None
        if document is not None:
            document.in_step = False
            LOGGER.warning("A document is out of step until the editor sends it whole.")
        raise


def _change(server: FimbleServer, params: types.DidChangeTextDocumentParams) -> None:
    document = server.documents.find(params.text_document.uri)
    if document is None:
        LOGGER.warning("Ignored a change of a document that is not open.")
        return
    edits = document.change(
        changes_of(params),
        version=params.text_document.version,
        encoding=server.encoding,
    )
    server.parsing.wake(document.parser)
    server.completions.document_changed(document.snapshot, edits)
    server.prompts.document_changed(document, edits[-1] if edits else None)
    if server.model_actions is not None:
        server.model_actions.document_changed(document.snapshot.uri)


def _save(server: FimbleServer, params: types.DidSaveTextDocumentParams) -> None:
    document = server.documents.find(params.text_document.uri)
    if document is not None:
        server.completions.document_saved(document.snapshot)


def _close(server: FimbleServer, params: types.DidCloseTextDocumentParams) -> None:
    document = server.documents.find(params.text_document.uri)
    if document is not None:
        server.parsing.forget(document.parser)
        server.documents.close(params.text_document.uri)
        server.completions.document_closed(params.text_document.uri)
        server.prompts.document_closed(params.text_document.uri)
        if server.model_actions is not None:
            server.model_actions.document_changed(params.text_document.uri)
