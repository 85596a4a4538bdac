"""What a question's attachments stand for in its template; nothing that was attached is left out.

Each kind of attachment has variables that are made for it, the likeliest first. The first of them
that the template has, and that nothing else took, is filled; what finds none is listed in
`${files}`, and a template without that place is refused instead of asked without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from fimble.chat.transcript import Attachment, AttachmentKind
from fimble.errors import TemplateError
from fimble.prompting.snippets import Snippet, fenced
from fimble.prompting.template import Template

_MADE_FOR: Final[Mapping[AttachmentKind, tuple[str, ...]]] = {
    AttachmentKind.DIFF: ("diff", "staged_diff", "selection"),
    AttachmentKind.STAGED: ("staged_diff", "diff", "selection"),
    AttachmentKind.ERRORS: ("diagnostics",),
    AttachmentKind.MAP: ("repo_map",),
    AttachmentKind.INPUT: ("terminal", "selection", "commits"),
    AttachmentKind.DIRECTORY: (),
    AttachmentKind.FILE: ("selection",),
    AttachmentKind.SYMBOL: ("selection",),
    AttachmentKind.SELECTION: ("selection",),
}
_LOG: Final = ("commits", "terminal", "selection")
"""For what is piped in and looks like `git log`."""

_GIT_LOG: Final = re.compile(r"(?:commit )?[0-9a-f]{7,64}(?: |\n|$)")
_OF_FILES: Final = frozenset({AttachmentKind.FILE, AttachmentKind.SYMBOL, AttachmentKind.SELECTION})
_LINES: Final = re.compile(r":\d+(?:-\d+)?\Z")


def attachment_values(attachments: Iterable[Attachment], template: Template) -> dict[str, str]:
    """Return the values that attachments give to a template's variables.

    Raises:
        TemplateError: The template has no place for one of them.
    """
    values: dict[str, str] = {}
    listed: list[Attachment] = []
    for attachment in attachments:
        variable = next(
            (
                name
                for name in _made_for(attachment)
                if name in template.variables and name not in values
            ),
            "",
        )
        if variable == "selection":
            values |= _selected(attachment)
        elif variable:
            values[variable] = attachment.text.rstrip("\r\n")
        else:
            listed.append(attachment)
    if listed and "files" not in template.variables:
        raise _no_place(listed[0], template)
    return values | {
        "files": fenced(
            Snippet(path=each.label, text=each.text, language=each.language) for each in listed
        )
    }


def _made_for(attachment: Attachment) -> tuple[str, ...]:
    if attachment.kind is AttachmentKind.INPUT and _GIT_LOG.match(attachment.text.lstrip()):
        return _LOG
    return _MADE_FOR[attachment.kind]


def _selected(attachment: Attachment) -> dict[str, str]:
    path = attachment.label
    if attachment.kind in _OF_FILES:
        path = _LINES.sub("", path)
    return {
        **({"file": attachment.text} if attachment.kind is AttachmentKind.FILE else {}),
        **attachment.around,
        "selection": attachment.text.rstrip("\r\n"),
        "path": path,
        "language": attachment.language,
    }


def _no_place(attachment: Attachment, template: Template) -> TemplateError:
    shown = sorted({name for names in _MADE_FOR.values() for name in names} & template.variables)
    places = ", ".join(f"`${{{name}}}`" for name in shown)
    return TemplateError(
        f"/{template.front.name} has no place for {attachment.label}.",
        source=template.source,
        hint=f"Its places are {places}, and each takes one thing."
        if places
        else "Ask without it, or give the template a `${files}`.",
    )
