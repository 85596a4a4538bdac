"""`textDocument/codeAction`: what the checker of templates proposes, and what the model can do.

Offered from the document alone, at once; the model is asked by the command that is chosen. While
somebody only moves around, nothing but fixes of what is reported there is offered: a light bulb on
every line helps nobody.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from fimble_lsp.client_hello import ClientHello
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.server import FimbleServer

KINDS: Final = ("quickfix", "refactor.rewrite", "refactor.fimble", "fimble.explain")
"""What `initialize` announces; the kinds of single actions are below these."""


def register(server: FimbleServer) -> None:
    """Answer requests for actions."""
    server.route(types.TEXT_DOCUMENT_CODE_ACTION, lambda params: _actions(server, params))


def code_action_capabilities(hello: ClientHello) -> dict[str, object]:
    """Return what `initialize` says of code actions, for clients that know them."""
    ability = member_at(hello.capabilities, "textDocument", "codeAction")
    if not isinstance(ability, dict):
        return {}
    return {"codeActionProvider": {"codeActionKinds": list(KINDS)}}


def knows_literals(hello: ClientHello) -> bool:
    """Whether the client takes actions with kinds and edits, and not commands alone."""
    names = ("textDocument", "codeAction", "codeActionLiteralSupport")
    return isinstance(member_at(hello.capabilities, *names), dict)


def _actions(server: FimbleServer, params: types.CodeActionParams) -> object:
    document = server.documents.find(params.text_document.uri)
    if document is None or not document.completable:
        return []
    from fimble_lsp.features import model_code_actions  # noqa: PLC0415 - after start-up

    offered = model_code_actions.offered(server, document, params)
    if server.prompts.find_checkable(params.text_document.uri) is None or not knows_literals(
        server.hello
    ):
        return offered
    return _with_fixes(server, document, params, offered)


async def _with_fixes(
    server: FimbleServer,
    document: OpenDocument,
    params: types.CodeActionParams,
    offered: list[types.CodeAction | types.Command],
) -> list[types.CodeAction | types.Command]:
    """Put the fixes of a template's findings in front."""
    from fimble_lsp.features import prompt_code_actions  # noqa: PLC0415 - loads YAML

    fixes = prompt_code_actions.code_actions(server, document, params)
    found = await fixes if isinstance(fixes, Awaitable) else fixes
    return [*found, *offered]
