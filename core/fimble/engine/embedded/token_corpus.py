"""The workspace's tokens, found by the two or the four tokens before a place.

Files are kept as pieces of at most 65,536 tokens. A place is one 32-bit number, its piece and
its offset; the places are spread over buckets by a hash of the tokens that end there. A bucket
is only ever appended to, so indexing needs no sorting, can stop after any number of tokens, and
a changed file is added anew while its old piece is forgotten. What a hash confuses is told apart
by looking at the tokens.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from fimble.engine.embedded.vocabulary import NEWLINES

_BUCKETS = 1 << 16
_MASK = _BUCKETS - 1
_MIX = 40503
"""2**16 over the golden ratio: Fibonacci hashing (Knuth, TAOCP 3, 6.4)."""
_PIECE_BITS = 16
_PIECE_TOKENS = 1 << _PIECE_BITS
_OFFSET_MASK = _PIECE_TOKENS - 1
_MAX_PIECES = 1 << 16
_STEP_TOKENS = 2_500
"""Tokens indexed between two chances to stop: about 1 ms."""
_REBUILD_ABOVE_TOKENS = 200_000

PAIR = 2
QUAD = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """A stretch of one file."""

    source: str
    """The file's path as its owner names it."""
    directory: str
    tokens: str
    blanks: bytes
    first_token: int
    lines: array[int]
    """The zero-based line of each newline token of the whole file."""
    newlines: array[int]
    """The token offset of each newline token in the whole file."""

    def line_of(self, offset: int) -> int:
        """Return the zero-based line of a token of this piece."""
        index = bisect_right(self.newlines, self.first_token + offset) - 1
        return self.lines[index] if index >= 0 else 0


class TokenCorpus:
    """Files by name, and their places by the tokens before them."""

    def __init__(self) -> None:
        self._pieces: list[Piece | None] = []
        self._by_source: dict[str, list[int]] = {}
        self._pairs: list[array[int] | None] = [None] * _BUCKETS
        self._quads: list[array[int] | None] = [None] * _BUCKETS
        self._dead_tokens = 0
        self.token_count = 0

    @property
    def file_count(self) -> int:
        """How many files there are."""
        return len(self._by_source)

    def __contains__(self, source: str) -> bool:
        return source in self._by_source

    def remove(self, source: str) -> None:
        """Forget a file; unknown ones are no error."""
        for number in self._by_source.pop(source, ()):
            piece = self._pieces[number]
            if piece is not None:
                self._dead_tokens += len(piece.tokens)
                self.token_count -= len(piece.tokens)
            self._pieces[number] = None

    def add_steps(
        self, source: str, directory: str, lexed: list[tuple[int, str, bytes]]
    ) -> Iterator[None]:
        """Put a file in, in place of an earlier state of it; yields every few milliseconds.

        Args:
            source: The file's name.
            directory: The name of its directory; files that share it are near each other.
            lexed: Line number, tokens and blanks of each line that has code.
        """
        self.remove(source)
        tokens = "".join([line[1] for line in lexed])
        blanks = b"".join([line[2] for line in lexed])
        lines, newlines = array("I"), array("I")
        offset = 0
        for number, line, _ in lexed:
            lines.append(number)
            newlines.append(offset)
            offset += len(line)
        numbers = self._by_source.setdefault(source, [])
        for first in range(0, len(tokens), _PIECE_TOKENS):
            if len(self._pieces) >= _MAX_PIECES:
                return
            end = first + _PIECE_TOKENS
            piece = Piece(
                source=source,
                directory=directory,
                tokens=tokens[first:end],
                blanks=blanks[first:end],
                first_token=first,
                lines=lines,
                newlines=newlines,
            )
            numbers.append(len(self._pieces))
            self._pieces.append(piece)
            self.token_count += len(piece.tokens)
            yield from self._index(len(self._pieces) - 1, piece.tokens)

    def _index(self, number: int, tokens: str) -> Iterator[None]:
        base = number << _PIECE_BITS
        for first in range(0, len(tokens), _STEP_TOKENS):
            ids = [ord(token) for token in tokens[first : first + _STEP_TOKENS + QUAD - 1]]
            pairs = [(one * _MIX + two) & _MASK for one, two in pairwise(ids)]
            quads = [(one * _MIX + two) & _MASK for one, two in zip(pairs, pairs[2:], strict=False)]
            start = base + first
            _append(self._pairs, pairs[:_STEP_TOKENS], start)
            _append(self._quads, quads[:_STEP_TOKENS], start)
            yield

    def places(self, gram: str, *, limit: int, skip: frozenset[str]) -> list[tuple[Piece, int]]:
        """Find where `gram`, of 2 or 4 tokens, occurs; the latest indexed first.

        Args:
            gram: The tokens.
            limit: How many entries are looked at, those of other grams included.
            skip: Sources that are left out.

        Returns:
            Pieces with the offset behind the gram's last token.
        """
        ids = [ord(token) for token in gram]
        pairs = [(one * _MIX + two) & _MASK for one, two in pairwise(ids)]
        if len(gram) == PAIR:
            bucket = self._pairs[pairs[0]]
        else:
            bucket = self._quads[(pairs[0] * _MIX + pairs[2]) & _MASK]
        if bucket is None:
            return []
        found: list[tuple[Piece, int]] = []
        pieces, width = self._pieces, len(gram)
        for place in reversed(bucket[-limit:]):
            piece = pieces[place >> _PIECE_BITS]
            offset = place & _OFFSET_MASK
            if (
                piece is not None
                and piece.tokens.startswith(gram, offset)
                and piece.source not in skip
            ):
                found.append((piece, offset + width))
        return found

    @property
    def wants_rebuild(self) -> bool:
        """Whether more of the index points at forgotten text than at text that is there."""
        return self._dead_tokens > max(self.token_count, _REBUILD_ABOVE_TOKENS)

    def rebuild_steps(self) -> Iterator[None]:
        """Index everything anew without what was removed; searches find less meanwhile."""
        pieces = [piece for piece in self._pieces if piece is not None]
        self._pieces = []
        self._by_source = {}
        self._pairs = [None] * _BUCKETS
        self._quads = [None] * _BUCKETS
        self._dead_tokens = 0
        for piece in pieces:
            self._by_source.setdefault(piece.source, []).append(len(self._pieces))
            self._pieces.append(piece)
            yield from self._index(len(self._pieces) - 1, piece.tokens)


def _append(buckets: list[array[int] | None], hashes: list[int], start: int) -> None:
    for place, number in enumerate(hashes, start):
        bucket = buckets[number]
        if bucket is None:
            buckets[number] = array("I", (place,))
        else:
            bucket.append(place)


def rest_of_line(tokens: str, offset: int) -> str:
    """Return the tokens from `offset` up to the next newline token."""
    end = offset
    length = len(tokens)
    while end < length and tokens[end] not in NEWLINES:
        end += 1
    return tokens[offset:end]
