"""Templates and partials for their writers: what is offered to which client, and who answers.

What a client can be told later is registered when the first template is opened, and for templates
only; what it must know from the start says nothing about any other document. The answers are
loaded when the first is wanted: start-up does not pay for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types

from fimble_lsp.client_requests import is_registered_late, register_later
from fimble_lsp.prompt_documents import SUFFIX
from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from fimble_lsp.client_hello import ClientHello
    from fimble_lsp.prompt_checking import CheckedText
    from fimble_lsp.server import FimbleServer

RENDER: Final = "fimble.renderPrompt"
"""The command of the code lens."""

SCHEME: Final = "fimble-prompt"
"""Of rendered prompts, for clients that show a server's own texts."""

ANSWERS: Final = "fimble-answer"
"""Of the model's answers, for the same clients."""

_SELECTOR: Final = [{"pattern": f"**/*{SUFFIX}"}]
_CHECKED: Final = [*_SELECTOR, {"pattern": "**/prompts/_partials/*.md"}]
"""What diagnostics are for: partials too."""

_OF_PARTIALS: Final = frozenset({"diagnostic"})
_IDENTIFIER: Final = "fimble-prompts"

_OFFERS: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "completion": ("completionProvider", {"triggerCharacters": ["{", "["]}),
    "hover": ("hoverProvider", {}),
    "codeLens": ("codeLensProvider", {}),
    "diagnostic": (
        "diagnosticProvider",
        {"identifier": "fimble", "interFileDependencies": True, "workspaceDiagnostics": False},
    ),
}
"""Of the client's abilities under `textDocument` the name, what we call it, and its options."""


def register(server: FimbleServer) -> None:
    """Answer for templates; other documents get empty answers."""
    server.prompts.on_first = lambda: _announce(server)
    server.prompts.on_checked = lambda checked: _publish(server, checked)
    server.prompts.on_closed = lambda uri: _clear(server, uri)
    server.route(types.TEXT_DOCUMENT_HOVER, lambda params: _hover(server, params))
    server.route(types.TEXT_DOCUMENT_CODE_LENS, lambda params: _lenses(server, params))
    server.route(types.TEXT_DOCUMENT_DIAGNOSTIC, lambda params: _diagnostics(server, params))
    server.route(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, lambda params: _content(server, params))


def static_capabilities(hello: ClientHello) -> dict[str, object]:
    """Return what must be said in `initialize`, for clients that cannot be told later."""
    offered: dict[str, object] = {}
    for name, (provider, options) in _OFFERS.items():
        if _wanted(hello, name) and not is_registered_late(hello, "textDocument", name):
            offered[provider] = options
    if shows_content(hello) and not is_registered_late(hello, "workspace", "textDocumentContent"):
        offered["workspace"] = {"textDocumentContent": {"schemes": [SCHEME, ANSWERS]}}
    return offered


def shows_content(hello: ClientHello) -> bool:
    """Whether the client shows texts that a server makes (LSP 3.18)."""
    ability = member_at(hello.capabilities, "workspace", "textDocumentContent")
    return isinstance(ability, dict)


def pulls_diagnostics(hello: ClientHello) -> bool:
    """Whether the client asks for diagnostics by itself."""
    return isinstance(member_at(hello.capabilities, "textDocument", "diagnostic"), dict)


def _wanted(hello: ClientHello, name: str) -> bool:
    if name == "completion" and not hello.shows_inline_completions:
        return False  # It is offered the menu for all documents anyway.
    return isinstance(member_at(hello.capabilities, "textDocument", name), dict)


def _announce(server: FimbleServer) -> None:
    hello = server.hello
    registrations = [
        types.Registration(
            id=f"{_IDENTIFIER}-{name}",
            method=f"textDocument/{name}",
            register_options={
                **options,
                "documentSelector": _CHECKED if name in _OF_PARTIALS else _SELECTOR,
            },
        )
        for name, (_, options) in _OFFERS.items()
        if _wanted(hello, name) and is_registered_late(hello, "textDocument", name)
    ]
    if registrations:
        server.spawn(register_later(server, registrations), name="register")
    server.spawn(announce_content(server), name="register content")


async def announce_content(server: FimbleServer) -> None:
    """Tell the client once that it can be shown our texts, where it is told such things late."""
    late = is_registered_late(server.hello, "workspace", "textDocumentContent")
    if late and not server.prompts.content_announced:
        server.prompts.content_announced = True
        registration = types.Registration(
            id=f"{_IDENTIFIER}-content",
            method=types.WORKSPACE_TEXT_DOCUMENT_CONTENT,
            register_options={"schemes": [SCHEME, ANSWERS]},
        )
        await register_later(server, [registration])


def _publish(server: FimbleServer, checked: CheckedText) -> None:
    if not pulls_diagnostics(server.hello):
        from fimble_lsp.features import prompt_diagnostics  # noqa: PLC0415 - as above

        prompt_diagnostics.publish(server, checked)


def _clear(server: FimbleServer, uri: str) -> None:
    if not pulls_diagnostics(server.hello):
        from fimble_lsp.features import prompt_diagnostics  # noqa: PLC0415 - as above

        prompt_diagnostics.clear(server, uri)


def _hover(server: FimbleServer, params: types.HoverParams) -> object:
    document = server.prompts.find(params.text_document.uri)
    if document is None:
        return None
    from fimble_lsp.features import prompt_hover  # noqa: PLC0415 - as above

    return prompt_hover.hover(server, document, params.position)


def _lenses(server: FimbleServer, params: types.CodeLensParams) -> object:
    document = server.prompts.find(params.text_document.uri)
    if document is None:
        return []
    from fimble_lsp.features import prompt_rendering  # noqa: PLC0415 - as above

    return prompt_rendering.lenses(document)


def _diagnostics(server: FimbleServer, params: types.DocumentDiagnosticParams) -> object:
    document = server.prompts.find_checkable(params.text_document.uri)
    if document is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    from fimble_lsp.features import prompt_diagnostics  # noqa: PLC0415 - as above

    return prompt_diagnostics.report(server, document)


def _content(server: FimbleServer, params: types.TextDocumentContentParams) -> object:
    from fimble_lsp.features import prompt_rendering  # noqa: PLC0415 - as above

    return prompt_rendering.content(server, params.uri)
