"""`textDocument/hover` in templates: what a name means, and what it stands for right now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from fimble.policy.printable import printable, printable_line
from fimble.prompting.authoring.explaining import LiveValue, hover_text
from fimble.prompting.authoring.hovering import Hovered, hovered_at
from fimble.prompting.authoring.layout import Layout
from fimble.prompting.variables import VARIABLES, Nature
from fimble_lsp.convert import hole_at, range_for_client
from fimble_lsp.prompt_values import live_values
from fimble_lsp.protocol.parameters import member_at

if TYPE_CHECKING:
    from fimble_lsp.documents import OpenDocument
    from fimble_lsp.server import FimbleServer

_NO_DOCUMENT: Final = (
    "There is no value to show: open a file beside the template and put the cursor into it."
)
_NOT_HERE: Final = "The editor does not know its value; it is filled in when the prompt is used."
_CONTROL: Final = "The model's profile gives it."
_NO_PARTIAL: Final = "There is no such partial."


def hover(
    server: FimbleServer, document: OpenDocument, position: types.Position
) -> types.Hover | None:
    """Explain what stands at a position."""
    snapshot = document.snapshot
    layout = Layout.of(snapshot)
    about = layout and hovered_at(layout, hole_at(snapshot, position, server.encoding).cursor)
    if not about:
        return None
    live, missing = _partial(server, document, about) if about.partial else _live(server, about)
    markdown = _shows_markdown(server)
    kind = types.MarkupKind.Markdown if markdown else types.MarkupKind.PlainText
    text = hover_text(about, live, missing=missing, markdown=markdown)
    return types.Hover(
        contents=types.MarkupContent(kind=kind, value=text),
        range=range_for_client(snapshot, about.range, server.encoding),
    )


def _shows_markdown(server: FimbleServer) -> bool:
    formats = member_at(server.hello.capabilities, "textDocument", "hover", "contentFormat")
    return isinstance(formats, list) and types.MarkupKind.Markdown.value in formats


def _live(server: FimbleServer, about: Hovered) -> tuple[LiveValue | None, str]:
    """Return the value of a variable, or a sentence that says why there is none."""
    known = VARIABLES.get(about.variable)
    if known is not None and known.nature is Nature.CONTROL:
        return None, _CONTROL
    beside = server.prompts.beside() if about.variable else None
    folders = [Path(folder) for folder in server.hello.folders]
    found = live_values(beside, folders, server.prompt_tokens.current().count)
    value = found.values.get(about.variable)
    if about.variable == "rules" and found.withheld and not value:
        paths = " and ".join(printable_line(path) for path in found.withheld)
        return None, f"{paths} waits for your review: `fimble trust`."
    if value is None:
        return None, _NOT_HERE if beside else _NO_DOCUMENT
    return _shown(server, value, found.place), ""


def _partial(
    server: FimbleServer, document: OpenDocument, about: Hovered
) -> tuple[LiveValue | None, str]:
    partial = server.prompts.check_now(document.snapshot).partials.get(about.partial)
    if partial is None:
        return None, _NO_PARTIAL
    return _shown(server, partial.text, printable_line(partial.origin)), ""


def _shown(server: FimbleServer, text: str, place: str) -> LiveValue:
    counter = server.prompt_tokens.current()
    return LiveValue(
        text=printable(text),
        tokens=counter.count(text),
        counted=f"counted by {counter.name}",
        place=place,
    )
