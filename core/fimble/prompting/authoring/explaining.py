"""Hovers and previews as text; foreign text stays what it is, whatever Markdown it holds.

A value stands in a fence that outgrows it, a foreign sentence has its punctuation escaped. So
neither can become a link, an image, a command or a heading of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fimble.prompting.authoring.hovering import Hovered
from fimble.prompting.guards import CountTokens
from fimble.prompting.rendered import Rendered
from fimble.prompting.snippets import in_fence
from fimble.prompting.template import Template

SHOWN_LINES = 12
SHOWN_COLUMNS = 160

_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
_SPACES = re.compile(r"\s+")
_OWN_WORDS = "the template's own words"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveValue:
    """What a variable stands for at the moment."""

    text: str
    """Printable."""
    tokens: int
    counted: str
    """Which tokenizer counted, in a few words."""
    place: str
    """Where it comes from, as `path:line:column` or a few words."""


def hover_text(hovered: Hovered, live: LiveValue | None, *, missing: str, markdown: bool) -> str:
    """Return the text of a hover.

    Args:
        hovered: What the cursor is on.
        live: The variable's present value, if there is one.
        missing: A sentence that says why there is none.
        markdown: Whether the client shows Markdown; else the same as plain text.
    """
    escape = _escaped if markdown else _one_line
    title = f"**`{hovered.title}`**" if markdown else hovered.title
    parts = [f"{title} · {escape(hovered.facts)}" if hovered.facts else title]
    if hovered.meaning:
        parts.append(escape(hovered.meaning))
    if (hovered.variable or hovered.partial) and live is None:
        parts.append(escape(missing))
    if live is not None:
        parts.append(escape(f"{live.tokens} tokens ({live.counted}), from {live.place}:"))
        shown = excerpt(live.text)
        parts.append(in_fence(shown, "text") if markdown else shown)
    return "\n\n".join(parts)


def excerpt(text: str) -> str:
    """Return the first lines of a text, and how many there are more."""
    lines = text.splitlines()
    shown = [
        line if len(line) <= SHOWN_COLUMNS else f"{line[:SHOWN_COLUMNS]} …"
        for line in lines[:SHOWN_LINES]
    ]
    if len(lines) > SHOWN_LINES:
        shown.append(f"… {len(lines) - SHOWN_LINES} more lines")
    return "\n".join(shown) or "(empty)"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", _one_line(text))


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A rendered template for a person to read."""

    template: Template
    rendered: Rendered
    place: str
    """Whose values they are."""
    counted: str
    stand_ins: Sequence[str]
    """Variables that have no value here and stand in the prompt by their names."""

    def text(self, count: CountTokens) -> str:
        """Return what the prompt costs and leaves out, then the prompt, under its roles' lines."""
        front = self.template.front
        total = count(self.rendered.text)
        head = [f"{front.kind.value}/{front.name} at {self.place}: {total} tokens ({self.counted})"]
        head += self._notes()
        return "\n".join([*head, *self._messages(count)]) + "\n"

    def _notes(self) -> Iterator[str]:
        for cut in self.rendered.cuts:
            what = f"cut to {cut.kept_tokens} tokens" if cut.kept_tokens else "left out"
            yield f"`{cut.variable}` was {what}: all of it would be {cut.tokens}"
        for name in self.dropped:
            yield f"`{name}` is not in the prompt: it is empty here"
        if self.stand_ins:
            names = ", ".join(f"`{name}`" for name in self.stand_ins)
            yield f"by name only, for they have no value here: {names}"

    def _messages(self, count: CountTokens) -> Iterator[str]:
        for message in self.rendered.messages:
            costs: dict[str, int] = {}
            for segment in message.segments:
                name = segment.variable or _OWN_WORDS
                costs[name] = costs.get(name, 0) + count(segment.text)
            parts = ", ".join(f"{name} {tokens}" for name, tokens in costs.items())
            yield f"\n[[{message.role.value}]] {count(message.text)} tokens: {parts}\n"
            yield message.text

    @property
    def dropped(self) -> tuple[str, ...]:
        """The template's variables of which nothing is in the prompt, by name."""
        present = {segment.variable for segment in self.rendered.segments if segment.text}
        cut = {each.variable for each in self.rendered.cuts}
        return tuple(sorted(self.template.variables - present - cut))
