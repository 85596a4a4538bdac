"""Tables: columns as wide as their cells need, narrowed fairly, or one block a row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from markdown_it.token import Token
from rich.cells import cell_len

from fimble_tui.markdown.inline import inline_runs
from fimble_tui.markdown.lines import Line, Mark, Span
from fimble_tui.markdown.wrapping import Run, wrap_runs

_NARROWEST: Final = 6
"""Cells; below that a column is not readable and the rows become blocks."""
_BAR: Final = Span(" │ ", "faint")
_CROSSING: Final = "─┼─"


def table_lines(tokens: Sequence[Token], width: int) -> list[Line]:
    """Return the table between "table_open" and "table_close"."""
    rows, alignments = _cells(tokens)
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        return []
    widths = _fitted(_natural_widths(rows, columns), width - len(_CROSSING) * (columns - 1))
    if widths is None:
        return _as_blocks(rows, width)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        lines += _row_lines(row, widths, alignments)
        if number == 0:
            rule = _CROSSING.join("─" * one for one in widths)
            lines.append(Line(spans=(Span(rule, "faint"),), lead=len(rule)))
    return lines


def _cells(tokens: Sequence[Token]) -> tuple[list[list[list[Run]]], list[str]]:
    rows: list[list[list[Run]]] = []
    alignments: list[str] = []
    header = False
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            header = token.type == "th_open"
            if header:
                alignments.append(str(token.attrs.get("style", "")).rpartition(":")[2])
        elif token.type == "inline":
            rows[-1].append(inline_runs(token, "strong" if header else ""))
    return rows, alignments


def _natural_widths(rows: Sequence[Sequence[Sequence[Run]]], columns: int) -> list[int]:
    widths = [1] * columns
    for row in rows:
        for number, cell in enumerate(row):
            widths[number] = max(widths[number], cell_len("".join(run.text for run in cell)))
    return widths


def _fitted(natural: Sequence[int], room: int) -> list[int] | None:
    """Narrow the widest columns until all fit; None when some would not be readable."""
    if sum(natural) <= room:
        return list(natural)
    if room < _NARROWEST * len(natural):
        return None
    left, open_columns = room, len(natural)
    widths = [0] * len(natural)
    for number in sorted(range(len(natural)), key=lambda one: natural[one]):
        widths[number] = min(natural[number], left // open_columns)
        left -= widths[number]
        open_columns -= 1
    return widths


def _row_lines(
    row: Sequence[Sequence[Run]], widths: Sequence[int], alignments: Sequence[str]
) -> list[Line]:
    cells = [wrap_runs(cell, width) for cell, width in zip(row, widths, strict=False)]
    lines: list[Line] = []
    for parts in zip_longest(*cells):
        spans: list[Span] = []
        marks: list[Mark] = []
        column = 0
        for number, width in enumerate(widths):
            part = parts[number] if number < len(parts) else None
            if number:
                spans.append(_BAR)
                column += len(_BAR.text)
            padded, before = _padded(part, width, alignments[number : number + 1])
            if part is not None:
                marks += [Mark(column + before + mark.column, mark.target) for mark in part.marks]
            spans += padded
            column += width
        lines.append(Line(spans=tuple(spans), marks=tuple(marks)))
    return lines


def _padded(part: Line | None, width: int, alignment: Sequence[str]) -> tuple[list[Span], int]:
    """Return a cell's spans at exactly `width`, and how much space stands before its text."""
    if part is None:
        return [Span(" " * width)], 0
    space = max(width - cell_len(part.text), 0)
    before = {"right": space, "center": space // 2}.get("".join(alignment), 0)
    padded = [Span(" " * before), *part.spans, Span(" " * (space - before))]
    return [span for span in padded if span.text], before


def _as_blocks(rows: Sequence[Sequence[Sequence[Run]]], width: int) -> list[Line]:
    if not rows:
        return []
    header, *body = rows
    lines: list[Line] = []
    for row in body or [header]:
        if lines:
            lines.append(Line())
        for name, cell in zip_longest(header, row, fillvalue=()):
            lines += wrap_runs([*name, Run(": ", "strong"), *cell], width)
    return lines
