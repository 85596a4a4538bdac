"""Lines of styled text: what a Markdown document becomes at one width.

A style is one or more names ("strong", "code link"); the style sheet gives them colours, so that
a change of theme lays nothing out again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len

from fimble.chat.fences import Fence


class Span(NamedTuple):
    """Text in one style; printable, without line feeds and tabs."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTarget:
    """A link; never opened."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTarget:
    """A file, and perhaps a line of it, that the answer speaks of: untrusted."""

    path: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceTarget:
    """A code block."""

    fence: Fence


Target: TypeAlias = LinkTarget | PlaceTarget | FenceTarget


class Mark(NamedTuple):
    """Where on a line a target can be reached: a jump letter is drawn there."""

    column: int
    """In cells."""
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line on the screen."""

    spans: tuple[Span, ...] = ()
    fill: str = ""
    """Style of the rest of the line."""
    glue: str = "\n"
    """What stands between the line before and this one when both are copied."""
    lead: int = 0
    """How many characters at the beginning are decoration and not copied."""
    marks: tuple[Mark, ...] = ()

    @property
    def text(self) -> str:
        """The characters as they are shown."""
        return "".join(span.text for span in self.spans)


BLANK = Line()


def indented(
    lines: Iterable[Line], first: Sequence[Span], rest: Sequence[Span], *, fill: str = ""
) -> list[Line]:
    """Return `lines` behind a prefix: `first` before the first, `rest` before all others."""
    result: list[Line] = []
    for line in lines:
        prefix = tuple(rest if result else first)
        width = sum(cell_len(span.text) for span in prefix)
        result.append(
            replace(
                line,
                spans=prefix + line.spans,
                fill=line.fill or fill,
                lead=line.lead + sum(len(span.text) for span in prefix),
                marks=tuple(Mark(mark.column + width, mark.target) for mark in line.marks),
            )
        )
    return result
