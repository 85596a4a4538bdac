"""Read a piece of text token by token where no tree can help: only strings and comments count."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from fimble.syntax.language import Language


class Region(StrEnum):
    """What surrounds a place between two characters."""

    CODE = "code"
    COMMENT = "comment"
    STRING = "string"


def region_after(language: Language, text: str) -> Region:
    """Read text that begins as code, and say what its end is in.

    The plain quotes end with their line at the latest, longer ones and backticks go on.
    """
    return _read(language, text)[0]


def without_comment(language: Language, line: str) -> str:
    """Return a line that begins as code up to its comment, without white space at the end."""
    block, mark = language.block_comment, language.line_comment
    if (mark is None or mark not in line) and (block is None or block[0] not in line):
        return line.rstrip()
    region, start = _read(language, line)
    return (line[:start] if region is Region.COMMENT else line).rstrip()


def _read(language: Language, text: str) -> tuple[Region, int]:
    """Return what the end of a text is in, and where that began (zero for code)."""
    opening, closing = language.block_comment or (None, "")
    place = 0
    while match := _marks(language).search(text, place):
        mark = match.group()
        place = match.end()
        if mark == opening:
            end, region, width = text.find(closing, place), Region.COMMENT, len(closing)
        elif mark == language.line_comment:
            if mark == "#" and match.start() and not text[match.start() - 1].isspace():
                continue  # `$#` and `${a#b}` of shells.
            end, region, width = text.find("\n", place), Region.COMMENT, 1
        elif mark in language.quotes:
            end, region, width = _string_end(text, place, mark), Region.STRING, len(mark)
        else:
            continue
        if end == -1:
            return region, match.start()
        place = end + width
    return Region.CODE, 0


@cache
def _marks(language: Language) -> re.Pattern[str]:
    """Match whatever opens a comment or a string, or is escaped; compiled once per language."""
    marks = [*language.quotes]
    if language.block_comment:
        marks.append(language.block_comment[0])
    if language.line_comment:
        marks.append(language.line_comment)
    marks.sort(key=len, reverse=True)
    return re.compile("|".join((r"\\.", *map(re.escape, marks))), re.DOTALL)


def _string_end(text: str, place: int, quote: str) -> int:
    """Find where a string ends: its mark, or the end of the line for the plain quotes."""
    end = _closing_quote(text, place, quote)
    if quote not in {'"', "'"}:
        return end
    line_end = text.find("\n", place)
    return end if line_end == -1 or 0 <= end < line_end else line_end


def _closing_quote(text: str, place: int, quote: str) -> int:
    """Find a closing mark that is not escaped; -1 if there is none."""
    while (found := text.find(quote, place)) != -1:
        backslashes = found - len(text[place:found].rstrip("\\")) - place
        if backslashes % 2 == 0:
            return found
        place = found + 1
    return -1
