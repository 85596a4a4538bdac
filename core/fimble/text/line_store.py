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

from fimble.text.chunk import FEW_LINES, Chunk, Endings, cut_into_chunks, fit_together


class LineStore(Sequence[str]):
    """An immutable sequence of lines, each with its ending; at least one line."""

    __slots__ = ("_byte_starts", "_chunks", "_line_starts")

    def __init__(self, chunks: tuple[Chunk, ...]) -> None:
        self._chunks = chunks
        self._line_starts = tuple(accumulate(map(len, chunks), initial=0))
        self._byte_starts: tuple[int, ...] | None = None

    @classmethod
    def from_lines(cls, lines: Sequence[str]) -> LineStore:
        """Store `lines`, which must not be empty."""
        return cls(tuple(cut_into_chunks(lines)))

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
        return LineStore((*self._chunks[:low], *cut_into_chunks(touched), *self._chunks[high:]))

    def utf8(self) -> bytes:
        """Join the whole document in UTF-8; one copy of memory once its chunks are encoded."""
        return b"".join(chunk.utf8 for chunk in self._chunks)

    def byte_length(self) -> int:
        """Count the bytes of the whole document in UTF-8."""
        return self._chunk_byte_starts()[-1]

    def byte_start(self, line: int) -> int:
        """Count the bytes before `line`, which must exist."""
        number = bisect_right(self._line_starts, line) - 1
        in_chunk = self._chunks[number].byte_starts[line - self._line_starts[number]]
        return self._chunk_byte_starts()[number] + in_chunk

    def line_at_byte(self, offset: int) -> int:
        """Find the line that holds the byte at `offset`; outside the document the nearest one."""
        inside = max(0, min(offset, self.byte_length()))
        starts = self._chunk_byte_starts()
        number = bisect_right(starts, inside, hi=len(self._chunks)) - 1
        chunk = self._chunks[number]
        in_chunk = bisect_right(chunk.byte_starts, inside - starts[number], hi=len(chunk)) - 1
        return self._line_starts[number] + in_chunk

    def endings(self) -> Endings:
        """Count how the lines end."""
        each = [chunk.endings for chunk in self._chunks]
        return Endings(
            lf=sum(endings.lf for endings in each),
            crlf=sum(endings.crlf for endings in each),
            cr=sum(endings.cr for endings in each),
        )

    def bare_cr_before(self, line: int) -> int:
        """Count the lines before `line`, which must exist, that end in CR alone."""
        number = bisect_right(self._line_starts, line) - 1
        count = sum(chunk.endings.cr for chunk in self._chunks[:number])
        chunk = self._chunks[number]
        if chunk.endings.cr:
            before = chunk.lines[: line - self._line_starts[number]]
            count += sum(text.endswith("\r") for text in before)
        return count

    def _chunk_byte_starts(self) -> tuple[int, ...]:
        """Say where each chunk begins in the document's UTF-8, and after the last its length."""
        if self._byte_starts is None:
            self._byte_starts = tuple(
                accumulate((len(chunk.utf8) for chunk in self._chunks), initial=0)
            )
        return self._byte_starts

    def _between(self, first: int, end: int) -> tuple[str, ...]:
        if first >= end:
            return ()
        low = bisect_right(self._line_starts, first) - 1
        high = bisect_right(self._line_starts, end - 1)
        lines = chain.from_iterable(chunk.lines for chunk in self._chunks[low:high])
        skipped = first - self._line_starts[low]
        return tuple(islice(lines, skipped, skipped + end - first))
