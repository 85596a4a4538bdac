"""The lines of a unified view: colours of the language, and marks on the words that differ.

Made in a thread, since a large file takes a while to colour; nothing here knows a widget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from fimble.chat.hunks import Hunk, lines_of
from fimble.chat.staging import Preview
from fimble.chat.word_marks import Marks, word_marks
from fimble.syntax.languages import language_for
from fimble_tui.markdown.code import coloured_rows
from fimble_tui.markdown.lines import Span

Row = tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One line of the old or of the new text."""

    sign: str
    """" ", "-" or "+"."""
    number: int
    """In the text that it stands in, from 1."""
    spans: Row
    """Its text with style names; printable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeBlock:
    """One hunk with the unchanged lines around it; no line is shown in two blocks."""

    hunk: Hunk
    rows: tuple[ChangeRow, ...]


def change_blocks(preview: Preview) -> tuple[ChangeBlock, ...]:
    """Return what there is to see of a change."""
    language = _lexer(preview.path)
    old = _rows(preview.current or "", language)
    new = _rows(preview.proposal.text, language)
    blocks: list[ChangeBlock] = []
    shown_until = 0
    hunks = preview.hunks
    for hunk, following in zip(hunks, [*hunks[1:], None], strict=True):
        first = max(hunk.old_start - len(hunk.before), shown_until)
        end = hunk.old_start + len(hunk.old_lines)
        last = min(end + len(hunk.after), following.old_start if following else len(old))
        shown_until = max(last, end)
        rows = (
            *_context(old, first, hunk.old_start),
            *_changed(old, new, hunk),
            *_context(old, end, last),
        )
        blocks.append(ChangeBlock(hunk=hunk, rows=rows))
    return tuple(blocks)


def _context(rows: Sequence[Row], first: int, last: int) -> Iterator[ChangeRow]:
    for at in range(first, last):
        yield ChangeRow(sign=" ", number=at + 1, spans=rows[at])


def _changed(old: Sequence[Row], new: Sequence[Row], hunk: Hunk) -> Iterator[ChangeRow]:
    gone = old[hunk.old_start : hunk.old_start + len(hunk.old_lines)]
    come = new[hunk.new_start : hunk.new_start + len(hunk.new_lines)]
    gone_marks, come_marks = word_marks([_text(row) for row in gone], [_text(row) for row in come])
    for sign, start, rows, marks, style in (
        ("-", hunk.old_start, gone, gone_marks, "gone"),
        ("+", hunk.new_start, come, come_marks, "come"),
    ):
        for at, (row, stretches) in enumerate(zip(rows, marks, strict=True)):
            spans = tuple(_marked(row, stretches, style))
            yield ChangeRow(sign=sign, number=start + at + 1, spans=spans)


def _marked(row: Row, marks: Marks, style: str) -> Iterator[Span]:
    """Yield a line's spans in the colour of its side, stronger where words differ."""
    at = 0
    for text, own in row:
        end = at + len(text)
        cuts = sorted({at, end, *(cut for mark in marks for cut in mark if at < cut < end)})
        for first, last in pairwise(cuts):
            inside = any(start <= first and last <= stop for start, stop in marks)
            piece = text[first - at : last - at]
            yield Span(piece, f"{own} {style}-word" if inside else f"{own} {style}")
        at = end


def _text(row: Row) -> str:
    return "".join(span.text for span in row)


def _rows(text: str, language: str) -> list[Row]:
    """Return a text's lines in colours, as many as `lines_of` says there are."""
    plain = text.replace("\r\n", "\n")
    rows = list(coloured_rows(plain, language))
    missing = len(lines_of(text)) - len(rows)
    return rows + [()] * missing if missing >= 0 else rows[:missing]


def _lexer(path: str) -> str:
    language = language_for("", path)
    return language.name if language is not None else ""
