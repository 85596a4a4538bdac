"""The smallest changes that turn one text of a document into another: hunks, not the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fimble.chat.hunks import hunks, lines_of
from fimble.text.position import ByteOffset, Range
from fimble.text.snapshot import Snapshot

_FEWEST_ALIKE = 2
"""Lines that stay between two changes; with fewer, both read better as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """One replacement; its range is in the document as it is before all of them."""

    range: Range
    text: str


def minimal_changes(snapshot: Snapshot, span: Range, text: str) -> tuple[TextChange, ...]:
    """Return what makes `text` of the part `span` of a document; empty when it is that already."""
    old = snapshot.slice(span)
    base = snapshot.byte_offset(span.start)
    return tuple(
        TextChange(
            range=Range(
                snapshot.position_at_byte(ByteOffset(base + _width(old[:start]))),
                snapshot.position_at_byte(ByteOffset(base + _width(old[:end]))),
            ),
            text=new,
        )
        for start, end, new in _joined(old, _pieces(old, text))
    )


def _pieces(old: str, new: str) -> Iterator[tuple[int, int, str]]:
    """Yield where `old` changes, in code points, and what comes there."""
    head, tail = _alike(old, new)
    middle, replacement = old[head : len(old) - tail], new[head : len(new) - tail]
    starts = [head]
    for line in lines_of(middle):
        starts.append(starts[-1] + len(line))
    for hunk in hunks(middle, replacement, context=0):
        first, last = hunk.old_start, hunk.old_start + len(hunk.old_lines)
        yield _trimmed(
            starts[first], "".join(hunk.old_lines), "".join(hunk.new_lines), starts[last]
        )


def _alike(old: str, new: str) -> tuple[int, int]:
    """Return how many characters of whole lines both texts begin and end with."""
    before, after = lines_of(old), lines_of(new)
    most = min(len(before), len(after))
    head = next((n for n in range(most) if before[n] != after[n]), most)
    tail = next((n for n in range(most - head) if before[-1 - n] != after[-1 - n]), most - head)
    ends = before[len(before) - tail :]
    return sum(map(len, before[:head])), sum(map(len, ends))


def _trimmed(start: int, old: str, new: str, end: int) -> tuple[int, int, str]:
    """Make a replacement that only adds text an insertion."""
    if old and new.startswith(old):
        return end, end, new[len(old) :]
    if old and new.endswith(old):
        return start, start, new[: len(new) - len(old)]
    return start, end, new


def _joined(old: str, pieces: Iterator[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Join changes between which next to nothing stays."""
    joined: list[tuple[int, int, str]] = []
    for start, end, new in pieces:
        if joined:
            first, last, before = joined[-1]
            between = old[last:start]
            if between.count("\n") < _FEWEST_ALIKE and not between.strip():
                joined[-1] = first, end, before + between + new
                continue
        joined.append((start, end, new))
    return joined


def _width(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
