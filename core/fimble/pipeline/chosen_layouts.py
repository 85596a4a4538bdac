"""Which templates completions are made with: a team's or a user's where they are fit, else ours.

A completion must never fail for a template: whatever could make rendering refuse, or the prompt
anything but open at the cursor, is found here, before the template is put in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from fimble.completion.layout import Layout
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import FimbleError
from fimble.pipeline.layout_templates import NEXT, LayoutTemplates, layout_templates
from fimble.prompt_files.folder import Allows
from fimble.prompting.catalogue import Catalogue, PromptEntry, PromptLayer
from fimble.prompting.template import Slot, Template, Text
from fimble.prompting.variables import VARIABLES, Nature

_MAX_OWN_TOKENS = 2_000
"""Of a layout's own words, which every new prompt pays for; the bundled ones have 400 at most."""

_PROVIDED = frozenset({"repository", "path", "language", "rules", "context", "suffix", "prefix"})
_ALWAYS = frozenset({"repo_name", "file_separator", "think_off"})
"""Control variables that every layout has; the others are those of the bundled template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenLayouts:
    """The templates in force."""

    own: Mapping[Layout, LayoutTemplates] = field(default_factory=dict[Layout, LayoutTemplates])
    """Only of layouts for which somebody wrote some."""
    refused: tuple[str, ...] = ()
    """Why a template is not used and a weaker layer's is, as sentences; tell each once."""

    def of(self, layout: Layout) -> LayoutTemplates:
        """Return the templates of a layout."""
        return self.own.get(layout) or layout_templates(layout)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionPrompts:
    """What user and team bring to completions."""

    layouts: ChosenLayouts = ChosenLayouts()
    allows: Allows | None = None
    """Which files of the workspace may take part; None: none."""


def choose_layouts(catalogue: Catalogue) -> ChosenLayouts:
    """Return the strongest fit template of each layout; unfit ones are refused, never raised."""
    refused: list[str] = []
    own: dict[Layout, LayoutTemplates] = {}
    for layout in Layout:
        bundled = layout_templates(layout)
        first = _strongest(catalogue, layout.value, bundled.first, refused)
        following = _strongest(catalogue, layout.value + NEXT, bundled.following, refused)
        if first is not bundled.first or following is not bundled.following:
            own[layout] = LayoutTemplates(first=first, following=following)
    return ChosenLayouts(own=own, refused=tuple(refused))


def _strongest(catalogue: Catalogue, name: str, bundled: Template, refused: list[str]) -> Template:
    for entry in _written(catalogue, name):
        if entry.template is None:
            refused.append(f"{entry.errors()[0]} Another layer's layout is used.")
            continue
        unfit = unfitness(entry.template, bundled)
        if not unfit:
            return entry.template
        refused.append(f"{entry.source.origin}: {unfit} Another layer's layout is used.")
    return bundled


def _written(catalogue: Catalogue, name: str) -> Iterator[PromptEntry]:
    try:
        entries = catalogue.chain(f"complete/{name}")
    except FimbleError:
        return
    yield from (entry for entry in entries if entry.source.layer is not PromptLayer.BUNDLED)


def unusable(template: Template) -> str:
    """Say why completions would not use a layout, by its own name; empty when they would."""
    name = template.front.name
    for layout in Layout:
        bundled = layout_templates(layout)
        if name in (layout.value, layout.value + NEXT):
            return unfitness(template, bundled.first if name == layout else bundled.following)
    names = ", ".join(f"`{layout.value}`, `{layout.value}{NEXT}`" for layout in Layout)
    return f"No completion uses a layout of this name; the names are {names}."


def unfitness(template: Template, bundled: Template) -> str:
    """Say why a template cannot take the place of the bundled one; empty when it can."""
    front = template.front
    if front.prompt_tokens is not None or any(
        budget.on_overflow == "error" for budget in front.context
    ):
        return "A completion layout may not refuse a prompt for its length: cut with `head` or so."
    if front.live_suffix != bundled.front.live_suffix:
        return f"`live_suffix` must be {str(bundled.front.live_suffix).lower()} for this layout."
    known = _PROVIDED | _ALWAYS | bundled.variables | _control(_sibling_variables(bundled))
    for name in sorted(template.variables - known - set(front.optional)):
        return f"`${{{name}}}` has no value in this layout."
    if _after_prefix(template) != _after_prefix(bundled):
        end = " ".join(f"`${{{name}}}`" for name in _after_prefix(bundled)) or "nothing"
        return f"After `${{prefix}}` this layout needs {end}, and nothing else."
    tokens = TokenEstimator().count(_own_words(template))
    if tokens > _MAX_OWN_TOKENS:
        return f"Its own words take {tokens:,} tokens of every prompt; {_MAX_OWN_TOKENS:,} may be."
    return ""


def _sibling_variables(bundled: Template) -> frozenset[str]:
    """Return what either bundled template of the same layout names."""
    layout = Layout(bundled.front.name.removesuffix(NEXT))
    both = layout_templates(layout)
    return both.first.variables | both.following.variables


def _control(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in names if VARIABLES[name].nature is Nature.CONTROL)


def _after_prefix(template: Template) -> list[str]:
    pieces = list(chain.from_iterable(message.pieces for message in template.messages))
    names = [
        piece.variable.name if isinstance(piece, Slot) else ""
        for piece in pieces
        if not (isinstance(piece, Text) and not piece.text.strip())
    ]
    return names[names.index("prefix") + 1 :]


def _own_words(template: Template) -> str:
    pieces = chain.from_iterable(message.pieces for message in template.messages)
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))
