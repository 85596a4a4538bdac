"""What tests of templates share: the house's own guards, a renderer, a way to write a template."""

from __future__ import annotations

from collections.abc import Mapping

from fimble.policy.control_tokens import neutralise
from fimble.policy.hidden import locate_hidden_characters
from fimble.prompt_files.layers import bundled_partial_sources
from fimble.prompting.catalogue import PromptLayer
from fimble.prompting.guards import TextGuards
from fimble.prompting.parse import check_template, parse_template
from fimble.prompting.partial_catalogue import PartialCatalogue
from fimble.prompting.render import Renderer
from fimble.prompting.rendered import Rendered
from fimble.prompting.template import Template
from fimble.prompting.values import Value

GUARDS = TextGuards(neutralise=neutralise, hidden_characters=locate_hidden_characters)
BUNDLED_PARTIALS = PartialCatalogue(bundled_partial_sources(), GUARDS).seen_by(PromptLayer.BUNDLED)
"""What the built-in templates include."""

RENDERER = Renderer(neutralise=neutralise, count_tokens=lambda text: len(text.split()))
"""Counts words, so that budgets in tests are easy to read."""

QWEN: dict[str, str] = {
    "fim_prefix": "<|fim_prefix|>",
    "fim_suffix": "<|fim_suffix|>",
    "fim_middle": "<|fim_middle|>",
    "repo_name": "<|repo_name|>",
    "file_separator": "<|file_sep|>",
    "turn_system": "<|im_start|>system\n",
    "turn_user": "<|im_start|>user\n",
    "turn_assistant": "<|im_start|>assistant\n",
    "turn_end": "<|im_end|>\n",
    "think_off": "<think>\n\n</think>\n\n",
}
"""The control strings of Qwen3.5/3.6."""


def write(body: str, *, kind: str = "chat", front: str = "") -> str:
    """Return a template's text with the four required keys and `front` in its front matter."""
    head = f"schema: 1\nname: example\ndescription: An example.\nkind: {kind}\n"
    return f"---\n{head}{front}---\n{body}"


def parse(body: str, *, kind: str = "chat", front: str = "") -> Template:
    """Parse `body` under a minimal front matter."""
    return parse_template(write(body, kind=kind, front=front), source="t.prompt.md", guards=GUARDS)


def problems(text: str) -> list[str]:
    """Return every problem of a template's text as its message."""
    return [str(error) for error in check_template(text, source="t", guards=GUARDS)]


def rendered(
    body: str, values: Mapping[str, Value] | None = None, *, kind: str = "chat", front: str = ""
) -> Rendered:
    """Parse and render in one go."""
    return RENDERER.render(parse(body, kind=kind, front=front), values or {})
