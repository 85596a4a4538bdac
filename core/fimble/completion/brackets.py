"""Which brackets and quotes a piece of text opens, closes and leaves open.

Read token by token, without a tree: a suggestion is judged before it is part of the document, and
the place that it goes to seldom parses. Strings, comments and character literals are stepped over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from fimble.completion.indentation import width
from fimble.completion.surroundings import Surroundings
from fimble.syntax.language import Language

CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
"""Brackets, opening to closing."""

_CLOSERS = frozenset(CLOSER_OF.values())
_PLAIN_QUOTES = ('"', "'")
_LINE_BOUND = frozenset(_PLAIN_QUOTES)
"""Quotes whose string ends with the line, as far as reading brackets is concerned."""

_LINES_ABOVE = 80
"""How far up the text is read for brackets that stand open at the cursor."""

_LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A closing mark that closes nothing within the text it was read in."""

    offset: int
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a piece of text does to the brackets and quotes around it."""

    closes: tuple[Unmatched, ...]
    """Closing marks for what was open before, in the order of the text."""
    opens: tuple[str, ...]
    """Closing marks that what the text leaves open still wants, outermost first."""
    in_comment: bool
    """Whether the end is inside a comment."""


def read_marks(text: str, language: Language | None, *, quote: str = "") -> Reading:
    """Read `text`, which begins in code, or in a string that ends with `quote`."""
    reader = _Reader(text, language)
    if not quote or reader.leave_string(quote):
        reader.read()
    return Reading(
        closes=tuple(reader.closes), opens=tuple(reader.opens), in_comment=reader.in_comment
    )


class _Reader:
    """One pass over one text."""

    def __init__(self, text: str, language: Language | None) -> None:
        self.text = text
        self.closes: list[Unmatched] = []
        self.opens: list[str] = []
        self.in_comment = False
        self._place = 0
        self._language = language
        opening, closing = (language and language.block_comment) or ("", "")
        self._comment_ends = {opening: closing}
        if language is not None and language.line_comment:
            self._comment_ends[language.line_comment] = "\n"

    def leave_string(self, quote: str) -> bool:
        """Step behind the end of the string that the text begins in, if it ends."""
        end = _string_end(self.text, 0, quote)
        if end == -1:
            return False
        self.closes.append(Unmatched(offset=end, mark=quote))
        self._place = end + len(quote)
        return True

    def read(self) -> None:
        """Read to the end of the text, of a comment or of a string that do not end."""
        pattern = _marks(self._language)
        while match := pattern.search(self.text, self._place):
            mark = match.group()
            self._place = match.end()
            if mark in CLOSER_OF:
                self.opens.append(CLOSER_OF[mark])
            elif mark in _CLOSERS:
                self._close(mark, match.start())
            elif not (self._pass_comment(mark) and self._pass_string(mark, match.start())):
                return

    def _close(self, mark: str, offset: int) -> None:
        if mark in self.opens:
            del self.opens[len(self.opens) - 1 - self.opens[::-1].index(mark) :]
        else:
            self.closes.append(Unmatched(offset=offset, mark=mark))

    def _pass_comment(self, mark: str) -> bool:
        """Go behind a comment that `mark` opens; False if it does not end."""
        ending = self._comment_ends.get(mark)
        if not ending:
            return True
        end = self.text.find(ending, self._place)
        self.in_comment = end == -1
        self._place = max(self._place, end)
        return not self.in_comment

    def _pass_string(self, mark: str, start: int) -> bool:
        """Go behind a string that `mark` opens; False if it does not end.

        A plain quote that nothing closes on an earlier line is a stray mark and no string.
        """
        if mark not in _quotes(self._language) or _is_apostrophe(self.text, start, mark):
            return True
        end = _string_end(self.text, self._place, mark)
        if end != -1:
            self._place = end + len(mark)
            return True
        if mark in _LINE_BOUND and "\n" in self.text[self._place :]:
            return True
        self.opens.append(mark)
        return False


def open_at_cursor(around: Surroundings) -> Reading:
    """Read the lines above the cursor for what stands open at it.

    Reading begins at the nearest line above that is not indented and does not close anything.
    """
    line = around.cursor.line
    first = max(0, line - _LINES_ABOVE)
    start = line
    while start > first:
        start -= 1
        text = around.snapshot.line(start)
        if text.strip() and width(text) == 0 and text[0] not in ")]}":
            break
    if width(around.before) == 0 and not around.line_is_blank and around.before[0] not in ")]}":
        start = line
    lines = [around.snapshot.line(number)[:_LONGEST_LINE] for number in range(start, line)]
    return read_marks("\n".join((*lines, around.before[-_LONGEST_LINE:])), around.language)


@cache
def _marks(language: Language | None) -> re.Pattern[str]:
    marks = list(_quotes(language))
    if language is not None and language.block_comment:
        marks.append(language.block_comment[0])
    marks.sort(key=len, reverse=True)
    branches = [r"\\.", r"'(?:\\.|[^'\\\n])'", *map(re.escape, marks)]
    if language is not None and language.line_comment:
        comment = re.escape(language.line_comment)
        # `$#` and `${a#b}` of shells are no comments.
        branches.insert(1, rf"(?<!\S){comment}" if comment == r"\#" else comment)
    return re.compile("|".join((*branches, r"[()\[\]{}]")), re.DOTALL)


def _quotes(language: Language | None) -> tuple[str, ...]:
    return _PLAIN_QUOTES if language is None else language.quotes


def _is_apostrophe(text: str, place: int, mark: str) -> bool:
    """Tell whether a single quote stands behind a letter: `don't`, `1'000`, but not `f'`."""
    if mark != "'" or place == 0 or not text[place - 1].isalnum():
        return False
    word = re.search(r"\w+$", text[max(0, place - 3) : place])
    return word is None or word.group().lower() not in {"f", "r", "b", "u", "rb", "br", "fr", "rf"}


def _string_end(text: str, place: int, quote: str) -> int:
    """Find a closing quote that is not escaped, on the same line for plain quotes; else -1."""
    limit = len(text)
    if quote in _LINE_BOUND:
        newline = text.find("\n", place)
        limit = len(text) if newline == -1 else newline
    while (found := text.find(quote, place, limit)) != -1:
        backslashes = found - len(text[place:found].rstrip("\\")) - place
        if backslashes % 2 == 0:
            return found
        place = found + 1
    return -1
