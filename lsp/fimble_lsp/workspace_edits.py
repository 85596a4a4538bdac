"""Edits that the client is asked to make (`workspace/applyEdit`), in the best form it knows.

Versioned and to be confirmed where the client can; without change annotations a plain versioned
edit; without `documentChanges` the changes alone. Nothing is ever written by the server itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from lsprotocol import types

from fimble_lsp.convert import range_for_client
from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from fimble.editing.changes import TextChange
    from fimble.text.snapshot import Snapshot
    from fimble_lsp.server import FimbleServer

_ANNOTATION: Final = "fimble"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEdit:
    """Changes of one file."""

    snapshot: Snapshot
    """The text that the changes count in; empty for a file that is to be made."""
    version: int | None
    """The version of an open document; None for a file that is not open."""
    changes: Sequence[TextChange]
    creates: bool = False
    """Whether the file is not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the client did with an edit."""

    done: bool
    reason: str = ""
    """Why not, where the client says so; a user who declines needs no reason."""


def can_apply(server: FimbleServer) -> bool:
    """Whether the client takes edits from a server."""
    return member_at(server.hello.capabilities, "workspace", "applyEdit") is True


def can_create(server: FimbleServer) -> bool:
    """Whether the client makes files for a server."""
    return "create" in _operations(server)


def can_confirm(server: FimbleServer) -> bool:
    """Whether the client shows an edit before it is made."""
    return isinstance(_ability(server, "changeAnnotationSupport"), dict)


async def apply(server: FimbleServer, edit: FileEdit, *, label: str, description: str) -> Applied:
    """Ask the client to make an edit, and wait for its answer, which may wait for the user.

    Args:
        server: Whose client is asked.
        edit: What to change.
        label: What it is, for the client's list of things to undo and for its preview.
        description: What to know before it is confirmed.
    """
    params = types.ApplyWorkspaceEditParams(
        label=label, edit=_workspace_edit(server, edit, label, description)
    )
    try:
        answer = await server.rpc.send_request_async(types.WORKSPACE_APPLY_EDIT, params)
    except Exception:  # noqa: BLE001 - whatever the client answers with
        return Applied(done=False, reason="it answered with an error")
    reason = member_at(answer, "failureReason")
    return Applied(
        done=member_at(answer, "applied") is True, reason=reason if isinstance(reason, str) else ""
    )


def _workspace_edit(
    server: FimbleServer, edit: FileEdit, label: str, description: str
) -> types.WorkspaceEdit:
    uri = edit.snapshot.uri
    plain = [
        types.TextEdit(
            range=range_for_client(edit.snapshot, each.range, server.encoding), new_text=each.text
        )
        for each in edit.changes
    ]
    if not _knows_documents(server):
        return types.WorkspaceEdit(changes={uri: plain})
    confirm = can_confirm(server)
    edits: list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit] = [
        types.AnnotatedTextEdit(annotation_id=_ANNOTATION, range=each.range, new_text=each.new_text)
        if confirm
        else each
        for each in plain
    ]
    document = types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=edit.version)
    changes: list[
        types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile
    ] = [types.TextDocumentEdit(text_document=document, edits=edits)]
    if edit.creates:
        made = types.CreateFile(uri=uri, annotation_id=_ANNOTATION if confirm else None)
        changes.insert(0, made)
    annotation = types.ChangeAnnotation(
        label=label, needs_confirmation=True, description=description or None
    )
    return types.WorkspaceEdit(
        document_changes=changes,
        change_annotations={_ANNOTATION: annotation} if confirm else None,
    )


def _knows_documents(server: FimbleServer) -> bool:
    """Whether the client takes versioned changes.

    Neovim says so only by the operations on files that it knows: they come no other way.
    """
    return _ability(server, "documentChanges") is True or bool(_operations(server))


def _operations(server: FimbleServer) -> list[object]:
    operations = _ability(server, "resourceOperations")
    return cast("list[object]", operations) if isinstance(operations, list) else []


def _ability(server: FimbleServer, name: str) -> object:
    return member_at(server.hello.capabilities, "workspace", "workspaceEdit", name)
