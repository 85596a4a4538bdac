"""The bundled completion layouts, parsed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fimble.completion.layout import Layout
from fimble.policy.control_tokens import neutralise
from fimble.policy.hidden import locate_hidden_characters
from fimble.prompting.guards import TextGuards
from fimble.prompting.parse import parse_template
from fimble.prompting.template import Template
from fimble_prompts import read_bundled

GUARDS = TextGuards(neutralise=neutralise, hidden_characters=locate_hidden_characters)
"""What every template's own text is checked with."""

NEXT = "-next"
"""Ends the name of the template that goes on behind a filled hole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutTemplates:
    """How a layout begins a prompt and how it goes on behind a filled hole."""

    first: Template
    following: Template

    @property
    def digests(self) -> tuple[str, str]:
        """Name both contents: equal for templates that make the same prompts."""
        return self.first.digest, self.following.digest


@cache
def layout_templates(layout: Layout) -> LayoutTemplates:
    """Return the bundled templates of `layout`."""
    return LayoutTemplates(first=_read(layout.value), following=_read(layout.value + NEXT))


def _read(name: str) -> Template:
    source = f"bundled:complete/{name}"
    return parse_template(read_bundled("complete", name), source=source, guards=GUARDS)
