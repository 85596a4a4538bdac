"""The tokens of one open document, kept up to date by reading only the lines that changed.

The line that the cursor is on stays out of it: it is half-typed, so it is no source, and its
unfinished words must not become vocabulary. Reading is resumable: `advance` takes a bounded step
and what it did stays done when the request that asked for it is cancelled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from fimble.engine.embedded.lexer import FIRST_STATE, LexedLine, LineLexer, LineState
from fimble.engine.embedded.vocabulary import ANY_NAME, NEWLINE_SAME, NEWLINES, Vocabulary

_BLOCK = 1024
_WORD_AT_END = re.compile(r"\w+\Z")
_PENDING: LineState | None = None


class TokenRun:
    """A run of whole lines as one searchable string of tokens."""

    def __init__(
        self, lines: Sequence[str], blanks: Sequence[bytes], shapes: Sequence[str], first_line: int
    ) -> None:
        self._lines = lines
        self._blanks = blanks
        self._shapes = shapes
        self._first_line = first_line
        self.tokens: str = "".join(lines)

    @cached_property
    def blanks(self) -> bytes:
        """For each token 1 if there are blanks before it."""
        return b"".join(self._blanks)

    @cached_property
    def shapes(self) -> str:
        """The tokens with every name as `ANY_NAME` and every newline as `NEWLINE_SAME`."""
        return "".join(self._shapes)

    def line_of(self, offset: int) -> int:
        """Return the zero-based document line of a token."""
        seen = 0
        for index, line in enumerate(self._lines):
            seen += len(line)
            if seen > offset:
                return self._first_line + index
        return self._first_line + len(self._lines)


class Hole(NamedTuple):
    """A document around the cursor's line."""

    before: TokenRun
    after: TokenRun
    current: LexedLine
    """The cursor's line up to the cursor; the word at the cursor is not learned."""
    state: LineState
    """What the cursor's line begins with."""


class DocumentTokens:
    """Tokens of a document by line."""

    def __init__(self, lexer: LineLexer, vocabulary: Vocabulary) -> None:
        self._lexer = lexer
        self._vocabulary = vocabulary
        self._texts: list[str] = []
        self._tokens: list[str] = []
        self._blanks: list[bytes] = []
        self._shapes: list[str] = []
        self._states: list[LineState | None] = [FIRST_STATE]
        """What each line begins with, and one more for the end; None where not yet read."""
        self.source: Sequence[str] | None = None
        """The lines last taken."""
        self.open_line: int | None = None
        """The line being typed, which is no source."""
        self._dirty_from = 0
        self._dirty_to = 0
        self._whole: TokenRun | None = None
        self._cut: tuple[int, TokenRun, TokenRun] | None = None
        """A line and what stands above and below it, while only that line changes."""

    def set_lines(self, lines: Sequence[str], open_line: int | None) -> None:
        """Take the document's lines (with endings); `open_line` is the one being typed."""
        if lines is self.source and open_line == self.open_line:
            return
        self.source = lines
        new = list(lines)
        first = _common_prefix(self._texts, new)
        last = _common_suffix(self._texts, new, min(len(self._texts), len(new)) - first)
        old_end, new_end = len(self._texts) - last, len(new) - last
        if first == old_end == new_end and open_line == self.open_line:
            return
        old_open, self.open_line = self.open_line, open_line
        if first < old_end or first < new_end:
            self._splice(new, first, old_end, new_end)
        # Where the line that was open is now, if it is still there: a line put in above moves it.
        shifted = old_open
        if old_open is not None and old_open >= first:
            shifted = old_open + new_end - old_end if old_open >= old_end else None
        if shifted != open_line:
            for line in (shifted, open_line):
                if line is not None:
                    self._mark(line)

    def _splice(self, new: list[str], first: int, old_end: int, new_end: int) -> None:
        count = new_end - first
        if not (count == old_end - first == 1 and first == self.open_line):
            self._cut = None
        self._texts = new
        self._tokens[first:old_end] = [""] * count
        self._blanks[first:old_end] = [b""] * count
        self._shapes[first:old_end] = [""] * count
        # The state that line `first` begins with stays: nothing before it changed.
        self._states[first + 1 : old_end + 1] = [_PENDING] * count
        if not self._states:
            self._states.append(FIRST_STATE)
        shift = new_end - old_end
        if self._dirty_from < self._dirty_to:
            if self._dirty_to > old_end:
                self._dirty_to += shift
            if self._dirty_from > old_end:
                self._dirty_from += shift
            self._dirty_from = min(self._dirty_from, first)
            self._dirty_to = max(self._dirty_to, new_end)
        else:
            self._dirty_from, self._dirty_to = first, new_end
        # A deletion leaves no new line, but the next line's indentation has a new neighbour.
        self._dirty_to = min(max(self._dirty_to, first + 1), len(new))
        self._whole = None

    def _mark(self, line: int) -> None:
        """Have one line read again."""
        if not 0 <= line < len(self._texts):
            return
        if self._dirty_from < self._dirty_to:
            self._dirty_from = min(self._dirty_from, line)
            self._dirty_to = max(self._dirty_to, line + 1)
        else:
            self._dirty_from, self._dirty_to = line, line + 1
        self._whole = None

    @property
    def ready(self) -> bool:
        """Whether every line has been read."""
        return self._dirty_from >= self._dirty_to

    def advance(self, max_lines: int) -> bool:
        """Read at most `max_lines` lines; True when nothing is left."""
        line = self._dirty_from
        if line >= self._dirty_to:
            return True
        self._whole = None
        stop = line + max_lines
        state = self._states[line] or FIRST_STATE
        total = len(self._texts)
        while line < self._dirty_to and line < stop:
            self._states[line] = state
            state = self._read(line, state)
            line += 1
            if line == self._dirty_to and line < total and self._states[line] != state:
                # The state has not settled: the line below reads differently now.
                self._dirty_to += 1
        self._states[line] = state
        self._dirty_from = line
        return line >= self._dirty_to

    def _read(self, line: int, state: LineState) -> LineState:
        is_open = line == self.open_line
        lexed = self._lexer.lex(self._texts[line], state, learn=not is_open)
        if is_open:
            self._tokens[line], self._blanks[line], self._shapes[line] = "", b"", ""
        elif lexed.tokens != self._tokens[line] or lexed.blanks != self._blanks[line]:
            self._cut = None
            self._tokens[line] = lexed.tokens
            self._blanks[line] = lexed.blanks
            self._shapes[line] = shape_of(lexed.tokens, self._vocabulary)
        return lexed.after

    def lexed(self) -> list[tuple[int, str, bytes]]:
        """Return number, tokens and blanks of each line that has code, the open one included.

        Every line must have been read.
        """
        found: list[tuple[int, str, bytes]] = []
        for number, text in enumerate(self._texts):
            tokens, blanks = self._tokens[number], self._blanks[number]
            if number == self.open_line:
                line = self._lexer.lex(text, self._states[number] or FIRST_STATE)
                tokens, blanks = line.tokens, line.blanks
            if tokens:
                found.append((number, tokens, blanks))
        return found

    def whole(self) -> TokenRun:
        """Return all lines as one run; built once for each state of the document."""
        if self._whole is None:
            self._whole = TokenRun(self._tokens[:], self._blanks[:], self._shapes[:], 0)
        return self._whole

    def _run(self, first: int, end: int) -> TokenRun:
        kept = slice(first, end)
        return TokenRun(self._tokens[kept], self._blanks[kept], self._shapes[kept], first)

    def around(self, line: int, character: int) -> Hole:
        """Cut the document at the cursor; every line must have been read."""
        state = self._states[line] or FIRST_STATE
        text = self._texts[line][:character]
        # Finished words become vocabulary, so that names new to the workspace can be carried on
        # by a structural copy; the word at the cursor may still change.
        finished = _WORD_AT_END.sub("", text)
        self._lexer.lex(finished, state)
        if self._cut is None or self._cut[0] != line:
            self._cut = (line, self._run(0, line), self._run(line + 1, len(self._texts)))
        _, before, after = self._cut
        return Hole(
            before=before,
            after=after,
            current=self._lexer.lex(text, state, learn=False),
            state=state,
        )


def shape_of(tokens: str, vocabulary: Vocabulary) -> str:
    """Return tokens with names and newlines each made alike, one for one."""
    is_name = vocabulary.is_name
    return "".join(
        [
            NEWLINE_SAME if token in NEWLINES else ANY_NAME if is_name[ord(token)] else token
            for token in tokens
        ]
    )


def _common_prefix(old: list[str], new: list[str]) -> int:
    """Count equal lines at the start; whole blocks are compared by identity, in C."""
    length = min(len(old), len(new))
    at = 0
    while at < length and old[at : at + _BLOCK] == new[at : at + _BLOCK]:
        at += _BLOCK
    at = min(at, length)
    while at < length and old[at] == new[at]:
        at += 1
    return at


def _common_suffix(old: list[str], new: list[str], limit: int) -> int:
    """Count equal lines at the end, at most `limit`."""
    count = 0
    while count + _BLOCK <= limit and (
        old[len(old) - count - _BLOCK : len(old) - count]
        == new[len(new) - count - _BLOCK : len(new) - count]
    ):
        count += _BLOCK
    while count < limit and old[-1 - count] == new[-1 - count]:
        count += 1
    return count
