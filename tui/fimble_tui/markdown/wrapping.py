"""Breaking styled text into lines by the width of its cells.

Words are kept whole where they fit; a word of wide characters (Chinese, Japanese) may be broken
anywhere, and so may one that is longer than a line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from rich.cells import cell_len, get_character_cell_size

from fimble_tui.markdown.lines import Line, Mark, Span, Target

_WORD: Final = re.compile(r"\S+\s*|\s+")


class Run(NamedTuple):
    """Text in one style that may lead somewhere; a line feed is a hard line break."""

    text: str
    style: str = ""
    target: Target | None = None


def wrap_runs(runs: Sequence[Run], width: int) -> list[Line]:
    """Return `runs` as lines of at most `width` cells; at least one line."""
    lines: list[Line] = []
    plain = "".join(run.text for run in runs)
    begins = list(accumulate((len(run.text) for run in runs), initial=0))
    start = 0
    for paragraph in plain.split("\n"):
        glue = "\n"
        for first, last in break_offsets(paragraph, max(width, 1)):
            lines.append(_cut(runs, begins, start + first, start + last, glue))
            glue = " "
        start += len(paragraph) + 1
    return lines


def break_offsets(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where each line of `text` begins and ends, without the space at its end."""
    if text.isascii() and len(text) <= width:
        yield 0, len(text.rstrip())
        return
    start = used = 0
    for found in _WORD.finditer(text):
        word = found[0]
        bare = word.rstrip()
        cells = len(bare) if bare.isascii() else cell_len(bare)
        if used + cells > width:
            foldable = cells > width or (cells > len(bare) and used < width)
            if used and not foldable:
                yield start, start + len(text[start : found.start()].rstrip())
                start, used = found.start(), 0
            if foldable:
                if used and cells <= len(bare):
                    yield start, start + len(text[start : found.start()].rstrip())
                    start, used = found.start(), 0
                for cut in _folds(text, found.start(), found.start() + len(bare), used, width):
                    yield start, cut
                    start, used = cut, 0
                cells = cell_len(text[start : found.start() + len(bare)])
                used = 0
        used += cells + len(word) - len(bare)
    yield start, max(start, len(text.rstrip()))


def _folds(text: str, begin: int, end: int, used: int, width: int) -> Iterator[int]:
    """Yield the offsets in `text[begin:end]` before which a line must end."""
    for offset in range(begin, end):
        cells = get_character_cell_size(text[offset])
        if used + cells > width and used:
            yield offset
            used = 0
        used += cells


def _cut(runs: Sequence[Run], begins: Sequence[int], start: int, end: int, glue: str) -> Line:
    """Return what of `runs` lies between two offsets; `begins` says where each run begins."""
    spans: list[Span] = []
    marks: list[Mark] = []
    column = 0
    for number in range(max(bisect_right(begins, start) - 1, 0), len(runs)):
        run, begin = runs[number], begins[number]
        if begin >= end:
            break
        piece = run.text[max(start - begin, 0) : end - begin]
        if not piece:
            continue
        if run.target is not None and begin >= start:
            marks.append(Mark(column, run.target))
        spans.append(Span(piece, run.style))
        column += cell_len(piece)
    return Line(spans=tuple(spans), glue=glue, marks=tuple(marks))
