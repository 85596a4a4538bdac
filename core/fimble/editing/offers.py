"""What may be asked of the model at a place: the actions of an editor's menu, each with its words.

Made from the document alone, so that a menu opens at once; the model is asked when one is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fimble.editing.instructions import (
    USUAL,
    WITHOUT_COMMENT,
    WrittenInstruction,
    title_of,
)
from fimble.editing.reported import Reported
from fimble.prompting.catalogue import PromptEntry, PromptLayer
from fimble.prompting.template import Template
from fimble.prompting.variables import INPUT_PREFIX, Kind


class ActionKind(StrEnum):
    """What an action does; each has a command of its own."""

    EXPLAIN = "explain"
    FIX = "fix"
    DOCUMENT = "document"
    TEST = "test"
    REFACTOR = "refactor"
    EDIT = "edit"
    PROMPT = "prompt"
    """A template that user or team brought."""


TEMPLATE_OF: Final = {
    ActionKind.EXPLAIN: "chat/explain",
    ActionKind.FIX: "edit/fix",
    ActionKind.DOCUMENT: "edit/document",
    ActionKind.TEST: "edit/test",
    ActionKind.REFACTOR: "edit/refactor",
    ActionKind.EDIT: "edit/edit-by-instruction",
}
"""The template of each action but PROMPT, by its full name; user and team may replace it."""

UNTESTED: Final = frozenset({"json", "yaml", "toml", "markdown", "html", "css"})
"""Languages that nobody writes tests in."""

_OWN: Final = frozenset(TEMPLATE_OF.values())
_MOST_VARIANTS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One entry of the menu."""

    title: str
    kind: ActionKind
    instruction: str = ""
    about: WrittenInstruction | None = None
    """The instruction in the document that is meant; its range is what is edited."""
    problems: tuple[Reported, ...] = ()
    prompt: str = ""
    """The full name of the template (PROMPT only)."""
    inputs: tuple[tuple[str, str], ...] = ()


def fixes(problems: Sequence[Reported]) -> Iterator[Offer]:
    """Yield the fix of each reported problem, and one of all together."""
    for problem in problems:
        title = f"Fix with Fimble: {problem.title}"
        yield Offer(title=title, kind=ActionKind.FIX, problems=(problem,))
    if len(problems) > 1:
        title = f"Fix with Fimble: all {len(problems)} problems here"
        yield Offer(title=title, kind=ActionKind.FIX, problems=tuple(problems))


def rewrites(
    written: WrittenInstruction | None, recent: Sequence[str], own: Iterable[Offer]
) -> Iterator[Offer]:
    """Yield what changes code without being told of a problem.

    Args:
        written: The instruction that stands at the place.
        recent: Instructions that were used before.
        own: What user and team bring.
    """
    if written is not None:
        title = f"Edit with Fimble: {title_of(written.text)}"
        asked = f"{written.text}\n{WITHOUT_COMMENT}"
        yield Offer(title=title, kind=ActionKind.EDIT, instruction=asked, about=written)
    yield from own
    yield Offer(title="Document with Fimble", kind=ActionKind.DOCUMENT)
    yield Offer(title="Refactor with Fimble", kind=ActionKind.REFACTOR)
    for instruction in dict.fromkeys((*recent, *USUAL)):
        title = f"Edit with Fimble: {title_of(instruction)}"
        yield Offer(title=title, kind=ActionKind.EDIT, instruction=instruction)


def own_offers(entries: Iterable[PromptEntry], language: str) -> Iterator[Offer]:
    """Yield the templates of user and team that edit, as far as they need nothing to be typed.

    Args:
        entries: The winning templates of all layers; broken ones are passed over.
        language: Fimble's name of the document's language.
    """
    for entry in entries:
        template = entry.template
        if template is None or entry.kind is not Kind.EDIT or entry.full_name in _OWN:
            continue
        if entry.source.layer is PromptLayer.BUNDLED:
            continue
        languages = template.front.languages
        if languages and language not in languages:
            continue
        if "input" in template.variables and "input" not in template.front.optional:
            continue
        for inputs in _inputs(template):
            shown = ", ".join(value for _, value in inputs)
            words = template.front.description.rstrip(".") or entry.name
            title = f"Fimble: {title_of(words)}" + (f" ({shown})" if shown else "")
            yield Offer(title=title, kind=ActionKind.PROMPT, prompt=entry.full_name, inputs=inputs)


def _inputs(template: Template) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield what to give for inputs without a default: each value of one that names its values."""
    open_inputs = [
        each
        for each in template.front.inputs
        if each.default is None and INPUT_PREFIX + each.name not in template.front.optional
    ]
    if not open_inputs:
        yield ()
    elif len(open_inputs) == 1:
        for value in open_inputs[0].enum[:_MOST_VARIANTS]:
            yield ((open_inputs[0].name, value),)
