"""The request of an edit: a template, what the document says at the place, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fimble.chat.messages import ChatMessage, ChatRole
from fimble.editing.answer import EditRefusedError
from fimble.errors import TemplateError
from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.prompting.render import Renderer
from fimble.prompting.rendered import Rendered
from fimble.prompting.template import FrontMatter, Role, Template
from fimble.prompting.values import Value
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Range
from fimble.text.snapshot import Snapshot

ANSWER_TOKENS: Final = 4096
"""The longest answer where the template names none."""

_ROLES: Final = {
    Role.SYSTEM: ChatRole.SYSTEM,
    Role.USER: ChatRole.USER,
    Role.ASSISTANT: ChatRole.ASSISTANT,
}


_LEAST_NEEDED: Final = ("definitions", "outline", "imports", "after", "before", "rules", "terminal")
"""What a prompt that does not fit goes without, in this order, where the template allows it."""
_SHORT_ANSWER_TOKENS: Final = 512
"""Room that is kept for an answer whose length nothing tells."""
_ANSWER_SHARE: Final = 1.3
"""How much longer than the selection its replacement may be, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPrompt:
    """What goes to the model."""

    messages: tuple[ChatMessage, ...]
    begun: str
    """The beginning of the answer that the template prescribes."""
    front: FrontMatter
    """What the template says of the answer."""
    answer_tokens: int
    """How long the answer may be."""
    without: tuple[str, ...] = ()
    """Variables that were left out because the context window is too small."""


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


def edit_prompt(
    template: Template,
    values: Mapping[str, Value],
    renderer: Renderer,
    *,
    window_tokens: int,
    replaces: bool,
) -> EditPrompt:
    """Render a template so that prompt and answer fit into the model's context window.

    Args:
        template: What to render.
        values: What it may name, and more.
        renderer: Renders and counts.
        window_tokens: The context window.
        replaces: Whether the answer repeats the selection.

    Raises:
        EditRefusedError: The selection is empty, or too long for the template or the window.
        TemplateError: A value is missing, or over its budget.
    """
    wanted = template.front.answer_tokens or ANSWER_TOKENS
    selection = _check_selection(template, values, renderer)
    needed = round(selection * _ANSWER_SHARE) if replaces else 0
    if replaces and selection > wanted:
        raise EditRefusedError(
            f"The selection is about {selection} tokens long, and what replaces it may have "
            f"{wanted} (`budget.answer` of the template `{template.front.name}`).",
            hint="Select less.",
        )
    room = min(wanted, max(_SHORT_ANSWER_TOKENS, needed))
    left = dict(values)
    without: list[str] = []
    length = 0
    for name in (*_LEAST_NEEDED, ""):
        rendered = renderer.render(template, left)
        length = renderer.count_tokens(rendered.text)
        if length + room <= window_tokens:
            return _prompt(template, rendered, min(wanted, window_tokens - length), without)
        if name in template.front.optional and left.pop(name, None):
            without.append(name)
    raise EditRefusedError(
        f"The prompt of about {length} tokens and its answer do not fit into the model's context "
        f"window of {window_tokens}.",
        hint="Select less, or raise `ollama.num_ctx`.",
    )


def _prompt(
    template: Template, rendered: Rendered, answer_tokens: int, without: Sequence[str]
) -> EditPrompt:
    messages = [
        ChatMessage(_ROLES[each.role], each.text)
        for each in rendered.messages
        if each.role in _ROLES
    ]
    begun = ""
    if messages and messages[-1].role is ChatRole.ASSISTANT:
        begun = messages.pop().text
    return EditPrompt(
        messages=tuple(messages),
        begun=begun,
        front=template.front,
        answer_tokens=answer_tokens,
        without=tuple(without),
    )


def _check_selection(template: Template, values: Mapping[str, Value], renderer: Renderer) -> int:
    """Return the selection's tokens; 0 where the template does not show it."""
    selection = values.get("selection")
    if "selection" not in template.variables or not isinstance(selection, str):
        return 0
    if not selection.strip() and not values.get("input"):
        raise EditRefusedError("There is no code here.", hint="Select some.")
    tokens = renderer.count_tokens(selection)
    for budget in template.front.context:
        over = tokens > budget.max_tokens and budget.on_overflow == "error"
        if budget.variable == "selection" and over:
            raise EditRefusedError(
                f"The selection is about {tokens} tokens long, more than the "
                f"{budget.max_tokens} that the template `{template.front.name}` takes.",
                hint="Select less.",
            )
    return tokens


def missing_value(template: Template, error: TemplateError) -> str:
    """Say what a template lacks in the words of an editor's user."""
    if "`${input}`" in error.sentence:
        return f"`{template.front.name}` needs an instruction."
    return str(error)
