"""A run of whole lines with its UTF-8 form: the unit that successive documents share.

A chunk never changes. What is derived from its lines is computed on first use and kept, so that
after an edit only the touched chunk is encoded and measured again. Chunks are cut at lines, thus
never between CR and LF.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

MAX_LINES = 256
"""More lines than this are cut in two. An edit touches every line of its chunk and copies a
reference to every other chunk: near 50,000 lines the two are about equal."""
MAX_CHARACTERS = 65_536
"""More characters than this are cut in two as well, so that a line typed into beside minified
ones does not pay for them."""
FEW_LINES = 64
"""Fewer lines than this are joined to a neighbour, so that deletions do not leave crumbs."""


class Endings(NamedTuple):
    """How many lines end in which way."""

    lf: int
    crlf: int
    cr: int


class Chunk:
    """Some whole lines, each with its ending; immutable, at least one line."""

    __slots__ = ("_byte_starts", "_endings", "_utf8", "lines")

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.lines = lines
        self._utf8: bytes | None = None
        self._byte_starts: tuple[int, ...] | None = None
        self._endings: Endings | None = None

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def utf8(self) -> bytes:
        """The lines in UTF-8; a lone surrogate becomes its three bytes, as in WTF-8."""
        if self._utf8 is None:
            self._utf8 = "".join(self.lines).encode("utf-8", "surrogatepass")
        return self._utf8

    @property
    def byte_starts(self) -> tuple[int, ...]:
        """Where each line begins in `utf8`, and after the last line the length of `utf8`."""
        if self._byte_starts is None:
            if self.utf8.isascii():
                widths = map(len, self.lines)
            else:
                widths = (len(line.encode("utf-8", "surrogatepass")) for line in self.lines)
            self._byte_starts = tuple(accumulate(widths, initial=0))
        return self._byte_starts

    def byte_start(self, index: int) -> int:
        """Say where line `index` begins in `utf8`.

        Does not measure each line for that: a chunk just edited is asked once and replaced by
        the next edit.
        """
        if self._byte_starts is not None:
            return self._byte_starts[index]
        return len("".join(self.lines[:index]).encode("utf-8", "surrogatepass"))

    @property
    def endings(self) -> Endings:
        """How the lines end."""
        if self._endings is None:
            # Most documents hold no CR; a search that fails at once is cheaper than two counts.
            if b"\r" not in self.utf8:
                self._endings = Endings(lf=self.utf8.count(b"\n"), crlf=0, cr=0)
                return self._endings
            crlf = self.utf8.count(b"\r\n")
            self._endings = Endings(
                lf=self.utf8.count(b"\n") - crlf, crlf=crlf, cr=self.utf8.count(b"\r") - crlf
            )
        return self._endings


def cut_into_chunks(lines: Sequence[str]) -> list[Chunk]:
    """Distribute `lines` evenly over chunks that keep within the limits; one line always fits."""
    chunks: list[Chunk] = []
    todo = [(0, len(lines))]
    while todo:
        first, end = todo.pop()
        if end - first > MAX_LINES:
            middle = (first + end) // 2
            todo += ((middle, end), (first, middle))
            continue
        run = tuple(lines[first:end])
        if len(run) > 1 and _characters(run) > MAX_CHARACTERS:
            middle = (first + end) // 2
            todo += ((middle, end), (first, middle))
        else:
            chunks.append(Chunk(run))
    return chunks


def fit_together(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the lines of both make one chunk that stays well below the limits."""
    return (
        len(first) + len(second) <= MAX_LINES // 2 + FEW_LINES
        and _characters(first) + _characters(second) <= MAX_CHARACTERS // 2
    )


def total_endings(chunks: Sequence[Chunk]) -> Endings:
    """Count how the lines of several chunks end."""
    lf = crlf = cr = 0
    for chunk in chunks:
        endings = chunk.endings
        lf += endings.lf
        crlf += endings.crlf
        cr += endings.cr
    return Endings(lf=lf, crlf=crlf, cr=cr)


def _characters(lines: Sequence[str]) -> int:
    return sum(map(len, lines))
