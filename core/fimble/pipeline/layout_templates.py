"""The bundled completion layouts, parsed."""

from __future__ import annotations

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


@cache
def layout_template(layout: Layout) -> Template:
    """Return the bundled template of `layout`."""
    source = f"bundled:complete/{layout.value}"
    return parse_template(read_bundled("complete", layout.value), source=source, guards=GUARDS)
