"""Blocks of a document as lines: one pass over markdown-it's tokens.

The space between the blocks of a list is what the source has, so that the lines of an item depend
on nothing that comes after it: that is what lets a long list stream without being laid out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from fimble.chat.fences import Fence, fences
from fimble_tui.markdown.code import fence_lines
from fimble_tui.markdown.inline import inline_runs
from fimble_tui.markdown.lines import BLANK, Line, Span, indented
from fimble_tui.markdown.tables import table_lines
from fimble_tui.markdown.wrapping import wrap_runs

READING_WIDTH: Final = 96
"""Cells; prose wider than that is hard to read (Bringhurst: 45 to 75 characters, 100 at most)."""
_BULLETS: Final = ("•", "◦", "▪")
_TASKS: Final = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_QUOTE_BAR: Final = (Span("▎ ", "quote-bar"),)


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the one parser: CommonMark 0.31 with the tables and strike-through of GFM."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is laid out: a document, or the part of one that begins at a block."""

    rows: Sequence[str]
    """Its lines."""
    fences: dict[int, Fence]
    """Its code blocks, by the line on which they begin."""
    coloured: bool = True

    def gap_before(self, token: Token) -> bool:
        """Whether a blank line stands before the block that `token` opens."""
        start = token.map[0] if token.map else 0
        return start > 0 and start <= len(self.rows) and not self.rows[start - 1].strip("> \t")


def render_markdown(markdown: str, width: int) -> list[Line]:
    """Return all lines of a finished document at `width` cells."""
    markdown = with_line_feeds(markdown)
    return lay_blocks(parser().parse(markdown), source_of(markdown), max(width, 10))


def with_line_feeds(markdown: str) -> str:
    """Return `markdown` with the line ends that its parser counts: a carriage return is one.

    CommonMark 0.31, "Characters and lines". Rows of tokens would not be rows of the source else.
    """
    return markdown.replace("\r\n", "\n").replace("\r", "\n") if "\r" in markdown else markdown


def source_of(markdown: str, *, coloured: bool = True) -> Source:
    """Return what the layout needs to know of the source beside its tokens."""
    return Source(
        rows=markdown.split("\n"),
        fences={fence.start: fence for fence in fences(markdown)},
        coloured=coloured,
    )


def lay_blocks(
    tokens: Sequence[Token], source: Source, width: int, *, depth: int = 0, tight: bool = False
) -> list[Line]:
    """Return the lines of sibling blocks; with `tight`, spaced as in the source."""
    lines: list[Line] = []
    for block in blocks(tokens):
        laid = _lay_block(block, source, width, depth)
        if laid and lines and (not tight or source.gap_before(block[0])):
            lines.append(BLANK)
        lines += laid
    return lines


def blocks(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the tokens of each block at the top of `tokens`."""
    start = level = 0
    for position, token in enumerate(tokens):
        level += token.nesting
        if level == 0:
            yield tokens[start : position + 1]
            start = position + 1


def _lay_block(block: Sequence[Token], source: Source, width: int, depth: int) -> list[Line]:
    opening = block[0]
    prose = min(width, READING_WIDTH)
    lines: list[Line] = []
    match opening.type:
        case "paragraph_open":
            lines = wrap_runs(inline_runs(block[1]), prose)
        case "heading_open":
            level = min(int(opening.tag[1:]), 3)
            lines = wrap_runs(inline_runs(block[1], f"heading-{level}"), prose)
        case "bullet_list_open" | "ordered_list_open":
            lines = _lay_list(block, source, width, depth)
        case "blockquote_open":
            inner = lay_blocks(block[1:-1], source, prose - 2, depth=depth)
            lines = indented(inner, _QUOTE_BAR, _QUOTE_BAR)
        case "fence" | "code_block":
            lines = fence_lines(_fence(opening, source), width, coloured=source.coloured)
        case "table_open":
            lines = table_lines(block, width)
        case "hr":
            lines = [Line(spans=(Span("─" * prose, "faint"),), lead=prose)]
        case "html_block":
            fence = Fence(text=opening.content, language="html")
            lines = fence_lines(fence, width, coloured=source.coloured)
        case _:
            pass
    return lines


def _lay_list(block: Sequence[Token], source: Source, width: int, depth: int) -> list[Line]:
    opening = block[0]
    ordered = opening.type == "ordered_list_open"
    lines: list[Line] = []
    for item in blocks(block[1:-1]):
        number = item[0].info if ordered else ""
        bullet = f"{number:>2}. " if ordered else f"{_BULLETS[min(depth, 2)]} "
        inner = lay_blocks(item[1:-1], source, width - len(bullet), depth=depth + 1, tight=True)
        bullet, inner = _task(bullet, inner)
        if lines and source.gap_before(item[0]):
            lines.append(BLANK)
        lines += indented(inner or [BLANK], (Span(bullet, "bullet"),), (Span(" " * len(bullet)),))
    return lines


def _task(bullet: str, lines: list[Line]) -> tuple[str, list[Line]]:
    """Draw `[x]` at the beginning of an item as its bullet."""
    if not lines or not lines[0].spans:
        return bullet, lines
    first, *rest = lines[0].spans
    box = _TASKS.get(first.text[:4])
    if box is None:
        return bullet, lines
    spans = (Span(first.text[4:], first.style), *rest)
    return box, [Line(spans=spans, marks=(), glue=lines[0].glue), *lines[1:]]


def _fence(token: Token, source: Source) -> Fence:
    start = token.map[0] if token.map else 0
    found = source.fences.get(start) if token.type == "fence" else None
    if found is not None:
        return found
    language = token.info.split()[0].lower() if token.info.split() else ""
    return Fence(text=token.content, language=language[:30], start=start, end=start)
