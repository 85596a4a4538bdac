"""The request of an edit: a template, what the document says at the place, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fimble.chat.messages import ChatMessage, ChatRole
from fimble.editing.answer import EditRefusedError
from fimble.errors import TemplateError
from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.prompting.render import Renderer
from fimble.prompting.template import FrontMatter, Role, Template
from fimble.prompting.values import Value
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Range
from fimble.text.snapshot import Snapshot

_ROLES = {
    Role.SYSTEM: ChatRole.SYSTEM,
    Role.USER: ChatRole.USER,
    Role.ASSISTANT: ChatRole.ASSISTANT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPrompt:
    """What goes to the model."""

    messages: tuple[ChatMessage, ...]
    begun: str
    """The beginning of the answer that the template prescribes."""
    front: FrontMatter
    """What the template says of the answer."""


def edit_values(
    snapshot: Snapshot, span: Range, path: str, tree: SyntaxTree | None
) -> dict[str, Value]:
    """Return what the document says about the part that is edited.

    Args:
        snapshot: The document.
        span: The part.
        path: The document's, inside the workspace.
        tree: Its syntax tree, where there is one.
    """
    place = PlaceInDocument(snapshot=snapshot, cursor=span.start, path=path, selection=span)
    return dict(place_values(place, tree))


def edit_prompt(template: Template, values: Mapping[str, Value], renderer: Renderer) -> EditPrompt:
    """Render a template.

    Raises:
        EditRefusedError: The selection is empty, or too long for the template.
        TemplateError: A value is missing, or over its budget.
    """
    _check_selection(template, values, renderer)
    rendered = renderer.render(template, values)
    messages = [
        ChatMessage(_ROLES[each.role], each.text)
        for each in rendered.messages
        if each.role in _ROLES
    ]
    begun = ""
    if messages and messages[-1].role is ChatRole.ASSISTANT:
        begun = messages.pop().text
    return EditPrompt(messages=tuple(messages), begun=begun, front=template.front)


def _check_selection(template: Template, values: Mapping[str, Value], renderer: Renderer) -> None:
    selection = values.get("selection")
    if "selection" not in template.variables or not isinstance(selection, str):
        return
    if not selection.strip():
        raise EditRefusedError("There is no code here.", hint="Select some.")
    for budget in template.front.context:
        if budget.variable == "selection" and budget.on_overflow == "error":
            tokens = renderer.count_tokens(selection)
            if tokens > budget.max_tokens:
                raise EditRefusedError(
                    f"The selection is about {tokens} tokens long, more than the "
                    f"{budget.max_tokens} that the template `{template.front.name}` takes.",
                    hint="Select less.",
                )


def missing_value(template: Template, error: TemplateError) -> str:
    """Say what a template lacks in the words of an editor's user."""
    if "`${input}`" in error.sentence:
        return f"`{template.front.name}` needs an instruction."
    return str(error)
