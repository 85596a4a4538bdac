"""Code blocks: a head that says what it is, and the code, coloured once the block is closed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from rich.cells import cell_len

from fimble.chat.fences import Fence
from fimble.policy.printable import printable, printable_line
from fimble_tui.markdown.lines import FenceTarget, Line, Mark, Span
from fimble_tui.markdown.wrapping import break_offsets

_LARGEST_COLOURED: Final = 200_000
"""Characters; a longer block is shown without colours rather than holding up a key."""
_TAB: Final = 4
_CONTINUED: Final = Span("↪ ", "fence-head")
_MARGIN: Final = Span(" ", "fence")
_STYLES: Final = {
    "Comment": "c-comment",
    "Keyword": "c-keyword",
    "Operator.Word": "c-keyword",
    "Keyword.Type": "c-type",
    "Name.Class": "c-type",
    "Name.Builtin": "c-type",
    "Name.Exception": "c-type",
    "Name.Function": "c-name",
    "Name.Decorator": "c-name",
    "Name.Tag": "c-keyword",
    "Name.Attribute": "c-name",
    "Literal.String": "c-string",
    "Literal.Number": "c-number",
    "Generic.Inserted": "c-added",
    "Generic.Deleted": "c-removed",
    "Generic.Heading": "c-name",
    "Generic.Subheading": "c-comment",
}
"""By Pygments' token type; the longest prefix counts."""


def fence_lines(fence: Fence, width: int, *, coloured: bool) -> list[Line]:
    """Return the block at `width` cells; long lines are folded, never cut."""
    rows = coloured_rows(fence.text, fence.language) if coloured else plain_rows(fence.text)
    lines = [fence_head(fence)]
    for row in rows:
        lines += code_line(row, width)
    return lines


def fence_head(fence: Fence) -> Line:
    """Return the line above the code: language and file, where the letter is drawn."""
    place = fence.path and (
        fence.path if fence.first_line is None else f"{fence.path}:{fence.first_line}"
    )
    words = " · ".join(printable_line(word) for word in (fence.language or "text", place) if word)
    return Line(
        spans=(Span(f" {words}", "fence-head"),),
        fill="fence-head",
        marks=(Mark(1, FenceTarget(fence=fence)),),
        lead=len(words) + 1,
    )


def plain_rows(text: str) -> list[tuple[Span, ...]]:
    """Return code without colours, one row for each of its lines."""
    shown = printable(text).expandtabs(_TAB)
    rows = shown.split("\n")
    if rows and not rows[-1]:
        rows.pop()
    return [(Span(row, "fence"),) for row in rows]


def code_line(row: Sequence[Span], width: int) -> Iterator[Line]:
    """Yield one line of code as as many lines as it needs."""
    room = max(width - 2, 8)
    text = "".join(span.text for span in row)
    if len(text) <= room and (text.isascii() or cell_len(text) <= room):
        yield Line(spans=(_MARGIN, *row), fill="fence", lead=1)
        return
    glue, lead = "\n", (_MARGIN,)
    for start, end in _folded(text, room):
        yield Line(
            spans=(*lead, *_slice(row, start, end)),
            fill="fence",
            glue=glue,
            lead=sum(len(span.text) for span in lead),
        )
        glue, lead = "", (_CONTINUED,)


def _folded(text: str, room: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a long line; breaks at spaces where it can, and keeps them."""
    stretches = list(break_offsets(text, room - 1))
    for (start, _), (end, _) in zip(stretches, [*stretches[1:], (len(text), 0)], strict=True):
        yield start, end


def _slice(row: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    offset = 0
    for span in row:
        begin, offset = offset, offset + len(span.text)
        piece = span.text[max(start - begin, 0) : max(end - begin, 0)]
        if piece:
            yield Span(piece, span.style)


@lru_cache(maxsize=128)
def coloured_rows(text: str, language: str) -> list[tuple[Span, ...]]:
    """Return code in the colours of its language, one row for each of its lines."""
    # 20 ms that only code pays.
    from pygments.lexers import (  # noqa: PLC0415
        get_lexer_by_name,  # pyright: ignore[reportUnknownVariableType]
    )
    from pygments.util import ClassNotFound  # noqa: PLC0415

    if not language or len(text) > _LARGEST_COLOURED:
        return plain_rows(text)
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return plain_rows(text)
    rows: list[list[Span]] = [[]]
    for kind, piece in lexer.get_tokens(printable(text).expandtabs(_TAB)):
        style = f"fence {_style_of(str(kind)[6:])}".rstrip()
        for number, part in enumerate(piece.split("\n")):
            if number:
                rows.append([])
            if part:
                rows[-1].append(Span(part, style))
    if not rows[-1]:
        rows.pop()
    return [tuple(row) for row in rows]


@lru_cache(maxsize=256)
def _style_of(kind: str) -> str:
    while kind:
        if kind in _STYLES:
            return _STYLES[kind]
        kind = kind.rpartition(".")[0]
    return ""
