"""One hole of a document as text of a prompt: template, profile and values brought together.

A prompt is one first hole and any number of following ones behind it. What is rendered here is
frozen; only the text before the cursor grows afterwards, at the place that `HoleText` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fimble.completion.layout import Layout
from fimble.completion.window import (
    CountTokens,
    choose_anchor_line,
    enclosing_lines,
    text_after,
)
from fimble.engine.profiles import ModelProfile
from fimble.engine.protocol import Hole
from fimble.pipeline.layout_templates import LayoutTemplates
from fimble.pipeline.prompt_sizes import HoleSize
from fimble.policy.control_tokens import neutralise
from fimble.prompting.render import Renderer
from fimble.prompting.rendered import Rendered
from fimble.prompting.snippets import Snippet, commented, fenced, separated
from fimble.prompting.template import Template
from fimble.prompting.values import Value
from fimble.syntax.languages import language_for
from fimble.text.position import Position, Range

_BEGUN_LINES = 1
"""Lines above the cursor's that a begun middle holds, so that keys that join lines stay in it."""

_OPEN_FENCE = re.compile(r"(?:\A|\n)(`{3,}|~{3,})[^\n`]*\n\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathNames:
    """How a document is called in a prompt."""

    repository: str
    path: str


NamePaths = Callable[[str], PathNames]
"""From a document's URI to what a prompt may say of where it lies."""


RulesFor = Callable[[str], str]
"""From a document's URI to the project's rules for it; empty when there are none to show."""


def no_rules(_uri: str) -> str:
    """Show none."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleText:
    """A rendered hole: what stands before the text that grows."""

    head: str
    window: str
    """The document's text in it up to where it grows, without the lines that only name blocks."""
    suffix: str
    """The text after the cursor in it."""
    parts: tuple[tuple[str, str], ...]
    """The head by origin: variable, or "template", and text."""
    window_line: int
    """First line that is shown without a gap up to the cursor."""
    anchor_line: int
    """First line of the text that grows."""
    fence: str = ""
    """The run of backticks that will close the answer which the head leaves open, if any."""


class HoleRenderer:
    """Renders holes for one model in one layout."""

    def __init__(
        self,
        *,
        templates: LayoutTemplates,
        layout: Layout,
        profile: ModelProfile,
        count: CountTokens,
        names: NamePaths,
        rules: RulesFor = no_rules,
    ) -> None:
        self._templates = templates
        self._layout = layout
        self._profile = profile
        self._count = count
        self._names = names
        self._rules = rules
        self._renderer = Renderer(neutralise=neutralise, count_tokens=count)
        self._control = control_strings(profile, layout)

    @property
    def templates(self) -> LayoutTemplates:
        """What holes are rendered with."""
        return self._templates

    def with_templates(self, templates: LayoutTemplates) -> HoleRenderer:
        """Return a renderer that differs in its templates alone."""
        return HoleRenderer(
            templates=templates,
            layout=self._layout,
            profile=self._profile,
            count=self._count,
            names=self._names,
            rules=self._rules,
        )

    @property
    def goes_on(self) -> bool:
        """Whether this model's prompts can go on behind a filled hole."""
        return self._profile.separates_holes(self._layout)

    def fixed_tokens(self, hole: Hole) -> int:
        """Return what the first template costs around the text before and after a hole."""
        return self._count(self._render(self._templates.first, hole, suffix="", prefix="").text)

    @property
    def shows_context(self) -> bool:
        """Whether new prompts have a place for other code of the workspace."""
        return "context" in self._templates.first.variables

    @property
    def appends_context(self) -> bool:
        """Whether following holes have."""
        return "context" in self._templates.following.variables

    def first(self, hole: Hole, size: HoleSize, context: Sequence[Snippet] = ()) -> HoleText:
        """Render the hole that a prompt begins with."""
        return self._hole(self._templates.first, hole, size, context)

    def following(self, hole: Hole, size: HoleSize, context: Sequence[Snippet] = ()) -> HoleText:
        """Render a hole that stands behind a filled one."""
        return self._hole(self._templates.following, hole, size, context)

    def window_line(self, hole: Hole, prefix_tokens: int) -> int:
        """Return the first line of a window before the cursor."""
        return choose_anchor_line(
            hole.snapshot, hole.cursor, target_tokens=prefix_tokens, count=self._count
        )

    def _hole(
        self, template: Template, hole: Hole, size: HoleSize, context: Sequence[Snippet]
    ) -> HoleText:
        snapshot, cursor = hole.snapshot, hole.cursor
        top = self.window_line(hole, size.prefix)
        lead = enclosing_lines(snapshot, top)
        suffix = text_after(snapshot, cursor, budget_tokens=size.suffix, count=self._count)
        anchor = top
        if self._begins_middle(template):
            anchor = max(top, cursor.line - _BEGUN_LINES)
        window = snapshot.slice(Range(Position(top, 0), Position(anchor, 0)))
        rendered = self._render(
            template,
            hole,
            suffix=with_line_feeds(suffix),
            prefix=with_line_feeds(lead + window),
            context=self._shown(context, hole),
        )
        return HoleText(
            head=rendered.text,
            window=clean(window),
            suffix=clean(suffix),
            parts=tuple(
                (it.variable or "template", it.text) for it in rendered.segments if it.text
            ),
            window_line=top,
            anchor_line=anchor,
            fence=_open_fence(rendered),
        )

    def _begins_middle(self, template: Template) -> bool:
        """Whether a control string stands between the text before the hole and what is typed.

        What grows is then the beginning of the middle, which is what such a model sees while it
        writes one; nothing ever stands behind it, so that a key costs a key and an answer that
        is taken over costs nothing.
        """
        return "fim_middle" in template.variables and bool(self._control.get("fim_middle"))

    def _render(
        self, template: Template, hole: Hole, *, suffix: str, prefix: str, context: Value = ""
    ) -> Rendered:
        names = self._names(hole.snapshot.uri)
        values = {
            **self._control,
            "repository": names.repository,
            "path": names.path,
            "language": hole.snapshot.language_id,
            "rules": self._rules_for(template, hole),
            "context": context,
            "suffix": suffix,
            "prefix": prefix,
        }
        return self._renderer.render(template, values)

    def _shown(self, context: Sequence[Snippet], hole: Hole) -> Value:
        """Lay pieces of other files out as the layout's models know them."""
        if self._layout is Layout.PREFILL:
            return fenced(context)
        if self._profile.file_marker:
            return separated(context, self._profile.file_marker)
        language = language_for(hole.snapshot.language_id, hole.snapshot.uri)
        comment = language.line_comment if language is not None else ""
        return commented(context, comment or "//")

    def _rules_for(self, template: Template, hole: Hole) -> str:
        return self._rules(hole.snapshot.uri) if "rules" in template.variables else ""


def _open_fence(rendered: Rendered) -> str:
    """Return the fence that opens right before the document's text and is left open."""
    before = ""
    for segment in rendered.segments:
        if segment.variable == "prefix":
            break
        before += segment.text
    found = _OPEN_FENCE.search(before)
    return "" if found is None else found[1]


def with_line_feeds(text: str) -> str:
    """Return `text` with the only line end that prompts know."""
    return text.replace("\r\n", "\n")


def clean(text: str) -> str:
    """Return the user's text as a prompt may hold it: LF, and no control token of any model."""
    return neutralise(with_line_feeds(text))


def control_strings(profile: ModelProfile, layout: Layout) -> dict[str, str]:
    """Return the values of a layout's control variables for a family of models."""
    strings = {
        "repo_name": profile.repository_marker,
        "file_separator": profile.file_marker,
        "think_off": "",
    }
    if layout is Layout.PSM and profile.psm is not None:
        form = profile.psm
        strings |= {"fim_prefix": form.opening, "fim_suffix": form.between}
        strings["fim_middle"] = form.closing
    if layout is Layout.SPM and profile.spm is not None:
        form = profile.spm
        strings |= {"fim_suffix": form.opening, "fim_prefix": form.between}
        strings["fim_middle"] = form.closing
    if profile.chat is not None:
        strings |= {
            "turn_system": profile.chat.system_open,
            "turn_user": profile.chat.user_open,
            "turn_assistant": profile.chat.assistant_open,
            "turn_end": profile.chat.turn_end,
        }
    return strings
