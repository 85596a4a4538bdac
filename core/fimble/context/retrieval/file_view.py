"""One file as retrieval sees it: its lines, its definitions, and what both are found by. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fimble.context.index.records import IndexedSymbol
from fimble.context.retrieval.postings import Postings
from fimble.text.splitting import split_lines, without_ending

CHUNK_LINES = 16
"""Measured: 16, 64 and whole functions differ by a point; small ones waste less of a budget."""

_CHUNK_WORDS: Final = 40
_SIGNATURE_WORDS: Final = 9
"""Identifiers of a usual chunk and of a usual signature."""


class FileView:
    """What is kept of a file between two questions; some 5 bytes for each of the text's."""

    __slots__ = ("by_name", "chunks", "lines", "members", "path", "signatures", "symbols")

    def __init__(self, path: str, text: str, symbols: Sequence[IndexedSymbol]) -> None:
        self.path = path
        self.lines = [without_ending(line) for line in split_lines(text)]
        self.symbols = tuple(symbols)
        starts = range(0, len(self.lines), CHUNK_LINES)
        self.chunks = Postings(
            ("\n".join(self.lines[start : start + CHUNK_LINES]) for start in starts), _CHUNK_WORDS
        )
        self.signatures = Postings(
            (f"{it.signature} {it.doc}" for it in self.symbols), _SIGNATURE_WORDS
        )
        self.by_name: dict[str, list[int]] = {}
        """Numbers of the definitions with a name."""
        self.members: dict[str, list[int]] = {}
        """Numbers of the definitions inside of one with a name."""
        for number, symbol in enumerate(self.symbols):
            self.by_name.setdefault(symbol.name, []).append(number)
            holder = symbol.container.rpartition(".")[2]
            if holder:
                self.members.setdefault(holder, []).append(number)

    def chunk_lines(self, number: int) -> tuple[int, int]:
        """Return the lines of a chunk from 0, the end excluded."""
        start = number * CHUNK_LINES
        return start, min(len(self.lines), start + CHUNK_LINES)

    def head_of(self, container: str) -> str:
        """Return the first line of a definition by its qualified name; the name where none is."""
        outer, _, name = container.rpartition(".")
        for number in self.by_name.get(name, ()):
            if self.symbols[number].container == outer:
                return self.symbols[number].signature
        return container
