"""`textDocument/completion` in templates: keys, words, variables, roles and partials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fimble.prompting.authoring.completing import proposals_at
from fimble.prompting.authoring.layout import Layout
from fimble.prompting.parse import NO_PARTIALS
from fimble_lsp.convert import proposal_list

if TYPE_CHECKING:
    from lsprotocol import types

    from fimble.engine.protocol import Hole
    from fimble_lsp.server import FimbleServer


def prompt_menu(server: FimbleServer, hole: Hole) -> types.CompletionList:
    """Return what can be written at a place in a template; empty where text is free."""
    layout = Layout.of(hole.snapshot)
    if layout is None:
        return proposal_list(hole.snapshot, (), server.encoding)
    checked = server.prompts.last_check(hole.snapshot.uri)
    partials = checked.partials if checked else NO_PARTIALS
    proposals = proposals_at(layout, hole.cursor, partials)
    return proposal_list(hole.snapshot, proposals, server.encoding)
