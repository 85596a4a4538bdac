"""Indent the lines of a suggestion as the document is indented."""

from __future__ import annotations

import re

from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.indentation import IndentStyle, leading, width
from fimble.completion.surroundings import Surroundings

_OPENS = re.compile(r"(?:[:{]|=>|\b(?:then|do|else|begin))\s*$")
_STEPS = frozenset({2, 3, 4, 8})


def convert_indentation(draft: Draft, place: Place) -> Draft | Dropped:
    """Tabs become spaces or spaces tabs, and the width of a level that of the document.

    Only steps that follow the opening of a block are scaled, and only to what is usual in the
    document; alignment is kept as it is.
    """
    around = place.around
    style = around.indent_style
    first, *lines = draft.text.split("\n")
    if style is None or not any(line.strip() for line in lines):
        return draft
    if style.unit != "\t":
        lines = [_without_tabs(line, style) for line in lines]
    base = width(around.indentation)
    step = _step(around, [around.before + first.rstrip(), *lines])
    if step is None or (step in style.steps and style.unit != "\t") or base % style.columns:
        step = style.columns
    converted = [_convert(line, style, base, step) for line in lines]
    return draft.with_text("\n".join((first, *converted)))


def _without_tabs(line: str, style: IndentStyle) -> str:
    """Count each tab in front as one level of a document with spaces; a mixture is alignment."""
    space = leading(line)
    if not space or space.strip("\t"):
        return line
    return style.unit * len(space) + line[len(space) :]


def _convert(line: str, style: IndentStyle, base: int, step: int) -> str:
    space = leading(line)
    columns = width(line)
    if step != style.columns:
        levels, rest = divmod(columns - base, step)
        columns = max(0, base + levels * style.columns + rest)
    elif style.unit != "\t" or not space or "\t" in space:
        return line
    return style.render(columns) + line[len(space) :] if line.strip() else line


def _step(around: Surroundings, lines: list[str]) -> int | None:
    """Return the width of a level in the suggestion; None unless all its steps agree."""
    steps: set[int] = set()
    header = None if around.language is None else re.compile(around.language.block_header)
    previous = ""
    for line in lines:
        if not line.strip():
            continue
        opens = _OPENS.search(previous) or (header is not None and header.search(previous.strip()))
        # What belongs to the first key of a YAML item is indented from the key, not from its dash.
        if previous.lstrip().startswith("- "):
            opens = None
        if opens and width(line) > width(previous):
            steps.add(width(line) - width(previous))
        previous = line
    if len(steps) != 1:
        return None
    step = steps.pop()
    return step if step in _STEPS else None
