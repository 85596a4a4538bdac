"""Lines as strips: style names become colours of the theme here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fimble_tui.markdown.lines import Line

STYLE_NAMES: Final = (
    *("you", "you-bar", "quiet", "faint", "thinking", "running", "stopped", "failed"),
    *("strong", "emphasis", "struck", "code", "link", "place", "html"),
    *("heading-1", "heading-2", "heading-3", "bullet", "quote-bar"),
    *("fence", "fence-head", "fence-action", "c-comment", "c-keyword", "c-type", "c-name"),
    *("c-string", "c-number", "c-added", "c-removed", "letter", "letter-chosen", "mark", "below"),
)
"""Every style that a line may ask for; the style sheet has a rule for each."""

COMPONENT_PREFIX: Final = "line--"

StyleOf = Callable[[str], Style]
"""Gives the colours of a style's names."""


def strip_of(line: Line, width: int, style_of: StyleOf) -> Strip:
    """Return a line as a strip of exactly `width` cells."""
    segments = [Segment(span.text, style_of(span.style)) for span in line.spans]
    return Strip(segments).adjust_cell_length(width, style_of(line.fill))


def with_selection(strip: Strip, start: int, end: int, style: Style) -> Strip:
    """Return the strip with its characters from `start` to `end` (-1: all) as selected."""
    segments: list[Segment] = []
    offset = 0
    last = sum(len(segment.text) for segment in strip) if end < 0 else end
    for text, own, control in strip:
        begin, offset = offset, offset + len(text)
        first, stop = max(start - begin, 0), max(min(last - begin, len(text)), 0)
        if first >= stop or control:
            segments.append(Segment(text, own, control))
            continue
        parts = (
            (text[:first], own),
            (text[first:stop], (own or Style()) + style),
            (text[stop:], own),
        )
        segments += [Segment(part, colours) for part, colours in parts if part]
    return Strip(segments, strip.cell_length)
