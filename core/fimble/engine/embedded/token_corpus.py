"""The workspace's tokens: which files hold a pair of tokens, and where in them it stands.

Files are kept as pieces of at most 8,192 tokens, each a string. The index says for a hash of two
tokens which pieces hold them; where, the interpreter's own string search finds in microseconds.
So indexing costs a set of each piece's pairs and no more, needs no sorting, can stop between two
pieces, and a changed file is added anew while its old pieces are forgotten.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from fimble.engine.embedded.vocabulary import NEWLINES

_BUCKETS = 1 << 16
_MASK = _BUCKETS - 1
_PIECE_TOKENS = 1 << 13
"""Small enough that searching one takes some microseconds."""
_MAX_PIECES = 1 << 16
"""As many as an entry of the index can number."""
_STEP_TOKENS = _PIECE_TOKENS
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
        self._holders: list[array[int] | None] = [None] * _BUCKETS
        """The numbers of the pieces that hold a pair of tokens, by a hash of the pair."""
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
        for first in range(0, len(tokens), _STEP_TOKENS):
            step = tokens[first : first + _STEP_TOKENS + 1]
            pairs = set(map(str.__add__, step, step[1:]))
            holders = self._holders
            for bucket in {hash(pair) & _MASK for pair in pairs}:
                held = holders[bucket]
                if held is None:
                    holders[bucket] = array("H", (number,))
                elif held[-1] != number:
                    held.append(number)
            yield

    def places(
        self, gram: str, *, limit: int, skip: frozenset[str], near: str = ""
    ) -> list[tuple[Piece, int]]:
        """Find where `gram`, of 2 tokens or more, occurs.

        Args:
            gram: The tokens.
            limit: How many places are returned at most.
            skip: Sources that are left out.
            near: The directory whose files come first; then the latest indexed first.

        Returns:
            Pieces with the offset behind the gram's last token.
        """
        found: list[tuple[Piece, int]] = []
        width = len(gram)
        for piece in self._pieces_with(gram, skip, near):
            tokens = piece.tokens
            at = tokens.rfind(gram)
            while at >= 0:
                found.append((piece, at + width))
                if len(found) >= limit:
                    return found
                at = tokens.rfind(gram, 0, at + width - 1)
        return found

    def _pieces_with(self, gram: str, skip: frozenset[str], near: str) -> Iterator[Piece]:
        """Yield the pieces that hold every pair of a gram, though perhaps not in a row."""
        numbers: set[int] | None = None
        for start in range(len(gram) - 1):
            held = self._holders[hash(gram[start : start + PAIR]) & _MASK]
            if held is None:
                return
            numbers = set(held) if numbers is None else numbers.intersection(held)
        if not numbers:
            return
        far: list[Piece] = []
        for number in sorted(numbers, reverse=True):
            piece = self._pieces[number]
            if piece is None or piece.source in skip:
                continue
            if near and piece.directory == near:
                yield piece
            else:
                far.append(piece)
        yield from far

    @property
    def wants_rebuild(self) -> bool:
        """Whether more of the index points at forgotten text than at text that is there."""
        return self._dead_tokens > max(self.token_count, _REBUILD_ABOVE_TOKENS)

    def rebuild_steps(self) -> Iterator[None]:
        """Index everything anew without what was removed; searches find less meanwhile."""
        pieces = [piece for piece in self._pieces if piece is not None]
        self._pieces = []
        self._by_source = {}
        self._holders = [None] * _BUCKETS
        self._dead_tokens = 0
        for piece in pieces:
            self._by_source.setdefault(piece.source, []).append(len(self._pieces))
            self._pieces.append(piece)
            yield from self._index(len(self._pieces) - 1, piece.tokens)


def rest_of_line(tokens: str, offset: int) -> str:
    """Return the tokens from `offset` up to the next newline token."""
    end = offset
    length = len(tokens)
    while end < length and tokens[end] not in NEWLINES:
        end += 1
    return tokens[offset:end]
