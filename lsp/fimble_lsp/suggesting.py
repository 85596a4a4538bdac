"""What ghost text and menu share: from a position on the wire to suggestions that still fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from fimble_lsp.convert import hole_at

if TYPE_CHECKING:
    from fimble.engine.protocol import Hole
    from fimble.pipeline.result import Suggestion
    from fimble_lsp.server import FimbleServer


def hole_for(server: FimbleServer, uri: str, position: types.Position) -> Hole | None:
    """Take the snapshot of a request; None for a document that cannot be completed.

    Call it before the first await: what the editor types later belongs to later requests.
    """
    document = server.documents.find(uri)
    if document is None or not document.completable:
        return None
    return hole_at(document.snapshot, position, server.encoding)


async def suggestions_for(
    server: FimbleServer, hole: Hole, *, invoked: bool, drafts: bool = False
) -> Sequence[Suggestion]:
    """Ask the pipeline; empty when the document has changed under the answer.

    A suggestion belongs to one version of one document: its range means nothing in another. With
    `drafts` the client promises to ask again where it is told that it got a draft.
    """
    from fimble.completion.planning import Trigger  # noqa: PLC0415 - loads the syntax room

    document = server.documents.find(hole.snapshot.uri)
    if document is None:
        return ()
    tree = None
    if document.snapshot is hole.snapshot:
        tree = document.parser.promise(hole.cursor)
        server.parsing.keep_soon(tree)
    result = await server.completions.complete(
        hole,
        tree=tree,
        trigger=Trigger.INVOKED if invoked else Trigger.AUTOMATIC,
        drafts=drafts,
    )
    if result is not None:
        server.last_answers.keep(hole, result.why)
    present = server.documents.find(hole.snapshot.uri)
    if result is None or present is None or present.snapshot is not hole.snapshot:
        return ()
    return result.items
