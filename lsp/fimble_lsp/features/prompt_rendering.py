"""The code lens "Render here" and its command: the prompt that a template makes right now.

The command returns the prompt, and writes no file. A client that shows texts of servers
(`workspace/textDocumentContent`, LSP 3.18) is asked to show it; any other can do with the result
what it likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lsprotocol import types

from fimble.errors import FimbleError
from fimble.prompting.authoring.explaining import Preview
from fimble.prompting.authoring.stand_ins import with_stand_ins
from fimble.prompting.cases.transcript import transcript
from fimble.prompting.variables import INPUT_PREFIX
from fimble_lsp.client_requests import ask
from fimble_lsp.convert import start_of_document
from fimble_lsp.features.prompts import RENDER, SCHEME, shows_content
from fimble_lsp.prompt_values import live_values, renderer
from fimble_lsp.protocol.dispatch import RequestRefused
from fimble_lsp.protocol.parameters import InvalidParameters, member_at

if TYPE_CHECKING:
    from fimble.prompting.guards import CountTokens
    from fimble.prompting.values import Value
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.server import FimbleServer


def lenses(document: OpenDocument) -> list[types.CodeLens]:
    """Return the lens above a template."""
    command = types.Command(title="Render here", command=RENDER, arguments=[document.snapshot.uri])
    return [types.CodeLens(range=start_of_document(), command=command)]


def execute(server: FimbleServer, params: types.ExecuteCommandParams) -> dict[str, object]:
    """Render the template that the first argument names: its URI, or `{uri, inputs}`."""
    argument: object = params.arguments[0] if params.arguments else None
    uri = argument if isinstance(argument, str) else member_at(argument, "uri")
    document = server.prompts.find(uri) if isinstance(uri, str) else None
    if document is None:
        raise InvalidParameters("The first argument must be the URI of an open *.prompt.md.")
    inputs = member_at(argument, "inputs")
    try:
        preview = _preview(server, document, _inputs(inputs))
    except FimbleError as error:
        raise RequestRefused(str(error)) from None
    count = server.prompt_tokens.current().count
    text = preview.text(count)
    shown = _show(server, preview, text)
    return {"text": text, "uri": shown, **_as_json(preview, count)}


def _inputs(given: object) -> dict[str, Value]:
    if not isinstance(given, dict):
        return {}
    items = cast("Mapping[object, object]", given).items()
    return {f"{INPUT_PREFIX}{name}": value for name, value in items if isinstance(value, str)}


def _preview(server: FimbleServer, document: OpenDocument, inputs: Mapping[str, Value]) -> Preview:
    template = server.prompts.check_now(document.snapshot).entry.require()
    folders = [Path(folder) for folder in server.hello.folders]
    counter = server.prompt_tokens.current()
    live = live_values(server.prompts.beside(), folders, counter.count)
    values, stand_ins = with_stand_ins(template, {**live.values, **inputs})
    return Preview(
        template=template,
        rendered=renderer(counter.count).render(template, values),
        place=live.place,
        counted=f"counted by {counter.name}",
        stand_ins=stand_ins,
    )


def _as_json(preview: Preview, count: CountTokens) -> dict[str, object]:
    rendered = preview.rendered
    return {
        "at": preview.place,
        "prompt": transcript(rendered),
        "tokens": count(rendered.text),
        "tokensAre": preview.counted,
        "messages": [
            {
                "role": message.role.value,
                "segments": [
                    {
                        "variable": segment.variable or None,
                        "volatility": segment.volatility.label,
                        "tokens": count(segment.text),
                        "text": segment.text,
                    }
                    for segment in message.segments
                ],
            }
            for message in rendered.messages
        ],
        "cuts": [
            {"variable": cut.variable, "tokens": cut.tokens, "keptTokens": cut.kept_tokens}
            for cut in rendered.cuts
        ],
        "dropped": list(preview.dropped),
        "standIns": list(preview.stand_ins),
    }


def _show(server: FimbleServer, preview: Preview, text: str) -> str | None:
    """Ask the client to show the prompt; None where it cannot."""
    if not shows_content(server.hello):
        return None
    front = preview.template.front
    uri = f"{SCHEME}:/{front.kind.value}/{front.name}.txt"
    if server.prompts.keep_preview(uri, text):
        refresh = types.TextDocumentContentRefreshParams(uri=uri)
        method = types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH
        server.spawn(ask(server, method, refresh), name="refresh preview")
    if member_at(server.hello.capabilities, "window", "showDocument", "support") is True:
        show = types.ShowDocumentParams(uri=uri, external=False, take_focus=False)
        server.spawn(ask(server, types.WINDOW_SHOW_DOCUMENT, show), name="show preview")
    return uri


def content(server: FimbleServer, uri: str) -> types.TextDocumentContentResult:
    """Return the text of a preview; a sentence for one that was made before the server began."""
    text = server.prompts.previews.get(uri, "Nothing has been rendered here yet.\n")
    return types.TextDocumentContentResult(text=text)
