"""Lines to tokens, one line at a time: identifiers, numbers, operators, words inside strings.

A line's tokens begin with a newline token that tells how its indentation compares with the last
line that had code; comments and blank lines give no tokens at all. A line depends on what came
before only through a small `LineState`, so after an edit only the changed lines are read again,
and those below until the state is again what it was.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from fimble.engine.embedded.lexical_rules import LexicalRules, delimiters_of, markers_of
from fimble.engine.embedded.vocabulary import (
    DOCSTRING,
    NEWLINE_DEEPER,
    NEWLINE_SAME,
    NEWLINE_SHALLOWER,
    Vocabulary,
)

_OPERATORS = (
    r">>>=|===|!==|\*\*=|//=|<<=|>>=|\.\.\.|&&=|\|\|=|\?\?=|<=>|=>|->|<-|::|:=|==|!=|<=|>=|&&|\|\|"
    r"|\?\?|\?\.|\+\+|--|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|//|\"\"\"|'''"
)
_PIECES = re.compile(rf"[ \t]*(?:[^\W\d]\w*|\d\w*(?:\.\d\w*)?|{_OPERATORS}|\S)")
"""A token with the blanks before it."""

_STRING_PREFIXES = frozenset({"", "r", "u", "b", "f", "t", "rb", "br", "fr", "rf", "tr", "rt"})
_TAB_WIDTH = 8
_MAX_LINE = 2_000
"""Longer lines are generated or data: they are read up to here only."""


class Inside(IntEnum):
    """What a line begins inside of."""

    CODE = 0
    COMMENT = 1
    DOCSTRING = 2
    STRING = 3


_UNREAD = frozenset({Inside.COMMENT, Inside.DOCSTRING})
_FIRST_INK = "!"
"""The first character behind the blanks: what is less begins with one."""


class LineState(NamedTuple):
    """What a line must know of those before it."""

    indent: int
    """Columns before the last line that had code."""
    inside: Inside
    closing: str
    """What ends the comment or string that the line begins in; empty in code."""


class LexedLine(NamedTuple):
    """The tokens of one line."""

    tokens: str
    """A newline token and the line's own; empty for a line without code."""
    blanks: bytes
    """For each token 1 if there are blanks before it."""
    after: LineState
    in_comment: bool
    """Whether the line ends inside a comment or documentation."""


FIRST_STATE = LineState(0, Inside.CODE, "")


class LineLexer:
    """Reads the lines of one language into the tokens of one vocabulary."""

    def __init__(self, rules: LexicalRules, vocabulary: Vocabulary) -> None:
        self._rules = rules
        self._vocabulary = vocabulary
        self._token_of = vocabulary.by_piece.__getitem__
        self._delimiters = delimiters_of(rules)
        self._find_marker = markers_of(rules).search

    def lex(self, line: str, state: LineState, *, learn: bool = True) -> LexedLine:
        """Read one line; with `learn` off a new word becomes `UNKNOWN` and is not kept."""
        if len(line) > _MAX_LINE:
            line = line[:_MAX_LINE]
        before, inside, closing = state
        if inside in _UNREAD and closing not in line:
            return LexedLine("", b"", state, in_comment=True)
        if not line or line.isspace():
            return LexedLine("", b"", state, in_comment=False)
        in_comment = documents = False
        after: tuple[Inside, str] = (Inside.CODE, "")
        code = line
        if inside or self._find_marker(line):
            code, after, documents, in_comment = self._without_comments(line, state)
        bare = code.lstrip(" \t")
        pieces: list[str] = _PIECES.findall(bare)
        if not pieces and not documents:
            return LexedLine("", b"", LineState(before, *after), in_comment)
        # What follows the end of a comment on its line tells nothing about indentation.
        indent = before if inside in _UNREAD else _columns(code if pieces else line)
        newline = NEWLINE_SAME if indent == before else _newline(indent, before)
        if documents:
            newline += DOCSTRING
        token_of = self._token_of if learn else self._vocabulary.known
        tokens = newline + "".join(map(token_of, pieces))
        blanks = bytes(len(newline)) + bytes([piece < _FIRST_INK for piece in pieces])
        return LexedLine(tokens, blanks, LineState(indent, *after), in_comment)

    def _without_comments(
        self, line: str, state: LineState
    ) -> tuple[str, tuple[Inside, str], bool, bool]:
        """Cut comments and documentation out of a line.

        Returns:
            The code, what the next line begins inside of, whether documentation begins on this
            line, and whether the line's end lies in a comment or documentation.
        """
        kept: list[str] = []
        start = 0
        documents = False
        if state.inside:
            end = line.find(state.closing)
            still = end < 0
            end = len(line) if still else end + len(state.closing)
            if state.inside is Inside.STRING:
                kept.append(line[:end])
            if still:
                inside = (state.inside, state.closing)
                return "".join(kept), inside, False, state.inside is not Inside.STRING
            start = end
        while (found := self._delimiters.search(line, start)) is not None:
            kind = found.lastgroup
            if kind == "string":
                kept.append(line[start : found.end()])
                start = found.end()
                continue
            before = line[start : found.start()]
            if kind == "line":
                kept.append(before)
                return "".join(kept), (Inside.CODE, ""), documents, True
            closing = self._rules.closing(found.group())
            end = line.find(closing, found.end())
            inside = self._kind_inside(kind, "".join(kept) + before)
            if inside is Inside.DOCSTRING:
                documents = True
            elif inside is Inside.COMMENT:
                kept.append(before)
            else:
                kept.append(line[start:] if end < 0 else line[start : end + len(closing)])
            if end < 0:
                return "".join(kept), (inside, closing), documents, inside is not Inside.STRING
            start = end + len(closing)
        kept.append(line[start:])
        return "".join(kept), (Inside.CODE, ""), documents, False

    def _kind_inside(self, kind: str | None, before: str) -> Inside:
        if kind == "block":
            return Inside.COMMENT
        if self._rules.docstrings and before.strip().lower() in _STRING_PREFIXES:
            return Inside.DOCSTRING
        return Inside.STRING


def _columns(line: str) -> int:
    columns = len(line) - len(line.lstrip(" \t"))
    if "\t" in line:
        return len(line[:columns].expandtabs(_TAB_WIDTH))
    return columns


def _newline(indent: int, before: int) -> str:
    if indent == before:
        return NEWLINE_SAME
    return NEWLINE_DEEPER if indent > before else NEWLINE_SHALLOWER


def split_pieces(text: str) -> list[str]:
    """Cut text into tokens, each with the blanks before it."""
    return _PIECES.findall(text)


def newline_at(blanks: str, state: LineState) -> str:
    """Return the newline token of a line that so far holds only `blanks`."""
    return _newline(len(blanks.expandtabs(_TAB_WIDTH)), state.indent)
