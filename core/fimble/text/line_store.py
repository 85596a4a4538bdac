"""The lines of one document as a persistent sequence: an edit shares all it does not touch.

Two levels suffice: a tuple of chunks of a few hundred lines. At 50,000 lines that is some 200
chunks, so an edit copies one chunk and one short tuple, a line or a byte offset is found by
bisection, and joining the chunks' UTF-8 is one copy of memory. A flat list would copy 50,000
references for each character typed; a tree would walk Python objects to save what C does anyway.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import overload

from fimble.text.chunk import (
    FEW_LINES,
    Chunk,
    Endings,
    cut_into_chunks,
    fit_together,
    total_endings,
)


class LineStore(Sequence[str]):
    """An immutable sequence of lines, each with its ending; at least one line."""

    __slots__ = ("_byte_counts", "_chunks", "_endings", "_line_starts")

    def __init__(self, chunks: tuple[Chunk, ...], line_starts: tuple[int, ...]) -> None:
        """Take chunks, and where each begins, ending with the number of lines."""
        self._chunks = chunks
        self._line_starts = line_starts
        # Both are counted on first use, and from then on carried along by `replaced`, which
        # looks at the chunks it changes and at no other.
        self._byte_counts: tuple[int, ...] | None = None
        self._endings: Endings | None = None

    @classmethod
    def from_lines(cls, lines: Sequence[str]) -> LineStore:
        """Store `lines`, which must not be empty."""
        chunks = tuple(cut_into_chunks(lines))
        return cls(chunks, _line_starts(chunks))

    def __len__(self) -> int:
        return self._line_starts[-1]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(chunk.lines for chunk in self._chunks)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            first, end, step = index.indices(len(self))
            if step == 1:
                return self._between(first, end)
            return tuple(self[line] for line in range(first, end, step))
        line = index + len(self) if index < 0 else index
        if not 0 <= line < len(self):
            raise IndexError(f"Line {index} of a document with {len(self)} lines.")
        number = bisect_right(self._line_starts, line) - 1
        return self._chunks[number].lines[line - self._line_starts[number]]

    def replaced(self, first: int, end: int, lines: Sequence[str]) -> LineStore:
        """Return a store with the lines from `first` up to `end` (at least one) replaced.

        `lines` must not be empty: a document always has a line.
        """
        low = bisect_right(self._line_starts, first) - 1
        high = bisect_right(self._line_starts, end - 1) - 1
        before = self._chunks[low].lines[: first - self._line_starts[low]]
        after = self._chunks[high].lines[end - self._line_starts[high] :]
        touched = (*before, *lines, *after)
        high += 1
        if len(touched) < FEW_LINES:
            if high < len(self._chunks) and fit_together(touched, self._chunks[high].lines):
                touched += self._chunks[high].lines
                high += 1
            elif low > 0 and fit_together(self._chunks[low - 1].lines, touched):
                low -= 1
                touched = self._chunks[low].lines + touched
        return self._with_chunks(low, high, cut_into_chunks(touched))

    def utf8(self) -> bytes:
        """Join the whole document in UTF-8; one copy of memory once its chunks are encoded."""
        return b"".join([chunk.utf8 for chunk in self._chunks])

    def byte_length(self) -> int:
        """Count the bytes of the whole document in UTF-8."""
        return sum(self._counted_bytes())

    def byte_start(self, line: int) -> int:
        """Count the bytes before `line`, which must exist."""
        number = bisect_right(self._line_starts, line) - 1
        in_chunk = self._chunks[number].byte_start(line - self._line_starts[number])
        return sum(self._counted_bytes()[:number]) + in_chunk

    def line_at_byte(self, offset: int) -> int:
        """Find the line that holds the byte at `offset`; outside the document the nearest one."""
        starts = tuple(accumulate(self._counted_bytes(), initial=0))
        inside = max(0, min(offset, starts[-1]))
        number = bisect_right(starts, inside, hi=len(self._chunks)) - 1
        chunk = self._chunks[number]
        in_chunk = bisect_right(chunk.byte_starts, inside - starts[number], hi=len(chunk)) - 1
        return self._line_starts[number] + in_chunk

    def endings(self) -> Endings:
        """Count how the lines end."""
        if self._endings is None:
            self._endings = total_endings(self._chunks)
        return self._endings

    def bare_cr_before(self, line: int) -> int:
        """Count the lines before `line`, which must exist, that end in CR alone."""
        if not self.endings().cr:
            return 0
        number = bisect_right(self._line_starts, line) - 1
        before = self._chunks[number].lines[: line - self._line_starts[number]]
        in_chunk = sum(text.endswith("\r") for text in before)
        return total_endings(self._chunks[:number]).cr + in_chunk

    def _counted_bytes(self) -> tuple[int, ...]:
        """Give the bytes of each chunk."""
        if self._byte_counts is None:
            self._byte_counts = tuple(len(chunk.utf8) for chunk in self._chunks)
        return self._byte_counts

    def _with_chunks(self, low: int, high: int, fresh: Sequence[Chunk]) -> LineStore:
        """Put `fresh` in place of the chunks from `low` up to `high`."""
        chunks = (*self._chunks[:low], *fresh, *self._chunks[high:])
        same_lines = list(map(len, fresh)) == list(map(len, self._chunks[low:high]))
        store = LineStore(chunks, self._line_starts if same_lines else _line_starts(chunks))
        if self._byte_counts is not None:
            counts = (len(chunk.utf8) for chunk in fresh)
            store._byte_counts = (*self._byte_counts[:low], *counts, *self._byte_counts[high:])
        if self._endings is not None:
            lost, gained = total_endings(self._chunks[low:high]), total_endings(fresh)
            store._endings = Endings(
                lf=self._endings.lf - lost.lf + gained.lf,
                crlf=self._endings.crlf - lost.crlf + gained.crlf,
                cr=self._endings.cr - lost.cr + gained.cr,
            )
        return store

    def _between(self, first: int, end: int) -> tuple[str, ...]:
        if first >= end:
            return ()
        low = bisect_right(self._line_starts, first) - 1
        high = bisect_right(self._line_starts, end - 1)
        lines = chain.from_iterable(chunk.lines for chunk in self._chunks[low:high])
        skipped = first - self._line_starts[low]
        return tuple(islice(lines, skipped, skipped + end - first))


def _line_starts(chunks: Sequence[Chunk]) -> tuple[int, ...]:
    return tuple(accumulate(map(len, chunks), initial=0))
