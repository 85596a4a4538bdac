"""Which form a foreign prompt file has, by its name, and the one way to convert it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from fimble.prompting.guards import TextGuards
from fimble.prompting.importing.draft import Draft
from fimble.prompting.importing.readers import (
    read_continue,
    read_fabric,
    read_github,
    read_llm,
)
from fimble.prompting.parse import read_template
from fimble.prompting.problems import Problem


class ForeignForm(StrEnum):
    """The forms that can be imported."""

    GITHUB = "github"
    CONTINUE = "continue"
    LLM = "llm"
    FABRIC = "fabric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A template made of a foreign file."""

    name: str
    text: str
    lost: tuple[str, ...]
    """What could not come along, each a sentence."""
    problems: tuple[Problem, ...]
    """What a person must still put right, such as the order of its variables."""


_READERS: Mapping[ForeignForm, Callable[[str, str, str], Draft]] = {
    ForeignForm.GITHUB: read_github,
    ForeignForm.CONTINUE: read_continue,
    ForeignForm.LLM: read_llm,
    ForeignForm.FABRIC: read_fabric,
}


def form_of(path: PurePath) -> ForeignForm | None:
    """Guess the form from where a file lies and what it is called; None when nothing tells."""
    if path.name == "system.md":
        return ForeignForm.FABRIC
    if path.suffix in (".yaml", ".yml"):
        return ForeignForm.LLM
    if ".continue" in path.parts or path.suffix == ".prompt":
        return ForeignForm.CONTINUE
    return ForeignForm.GITHUB if path.name.endswith(".prompt.md") else None


def import_prompt(text: str, *, path: PurePath, form: ForeignForm, guards: TextGuards) -> Imported:
    """Convert one file.

    Raises:
        TemplateError: Its front matter, or its YAML, cannot be read.
    """
    name = path.parent.name if form is ForeignForm.FABRIC else path.name.partition(".")[0]
    draft = _READERS[form](text, name, str(path))
    made = draft.write(guards.neutralise)
    reading = read_template(made, source=f"{draft.name}.prompt.md", guards=guards)
    return Imported(name=draft.name, text=made, lost=tuple(draft.lost), problems=reading.problems)
