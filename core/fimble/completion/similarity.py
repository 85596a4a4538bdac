"""When two lines say the same: exactly, but for punctuation, or but for a few characters."""

from __future__ import annotations

import re
from collections import Counter

from fimble.completion.indentation import width

_NEAR = 0.9
"""Share of equal characters from which on a text is a near-copy (10 % edit distance, as in
continuedev/continue:core/autocomplete/filtering/streamTransforms/lineStream.ts)."""

_NEAR_MIN_CHARACTERS = 40
"""Shorter texts differ by less than a tenth too easily."""

_SUBSTANTIAL_CHARACTERS = 10
_SUBSTANTIAL_LETTERS = 6
_NO_MATTER = re.compile(r"[\s,;]+")
_WORD = re.compile(r"\w+")


def is_substantial(line: str) -> bool:
    """Whether a line says enough to be recognised by: `}` and `return x` do not."""
    text = line.strip()
    letters = sum(map(str.isalpha, text))
    return len(text) >= _SUBSTANTIAL_CHARACTERS and letters >= _SUBSTANTIAL_LETTERS


def same_line(first: str, second: str) -> bool:
    """Whether two lines are equal, at the same depth, but for spacing, quotes and commas."""
    return width(first) == width(second) and same_words(first, second)


def same_words(first: str, second: str) -> bool:
    """Whether two lines are equal but for indentation, spacing, quotes and commas."""
    return _plain(first) == _plain(second) != ""


def is_near_copy(first: str, second: str) -> bool:
    """Whether two longer texts differ in a tenth of their characters, and one only adds words.

    Texts that differ in what they name are no copies: rows of a table, cases of a test.
    """
    if not (_adds_words(first, second) or _adds_words(second, first)):
        return False
    first, second = _plain(first), _plain(second)
    longer = max(len(first), len(second))
    if longer < _NEAR_MIN_CHARACTERS:
        return False
    return edit_distance_within(first, second, int(longer * (1 - _NEAR)))


def _adds_words(longer: str, shorter: str) -> bool:
    """Whether the words of `shorter` stand in `longer`, in the same order."""
    words = iter(_WORD.findall(longer))
    return all(word in words for word in _WORD.findall(shorter))


def edit_distance_within(first: str, second: str, limit: int) -> bool:
    """Whether at most `limit` insertions, deletions and replacements lead from one to the other.

    Only the diagonal band that can stay below the limit is computed (Ukkonen, 1985).
    """
    if abs(len(first) - len(second)) > limit:
        return False
    if first == second:
        return True
    letters = Counter(first)
    letters.subtract(second)
    if sum(map(abs, letters.values())) > 2 * limit:
        return False
    beyond = limit + 1
    row = {column: column for column in range(min(limit, len(second)) + 1)}
    for line, character in enumerate(first, start=1):
        previous = row
        row = dict[int, int]()
        for column in range(max(0, line - limit), min(len(second), line + limit) + 1):
            if column == 0:
                row[0] = line
                continue
            replaced = previous.get(column - 1, beyond) + (character != second[column - 1])
            row[column] = min(
                replaced, previous.get(column, beyond) + 1, row.get(column - 1, beyond) + 1
            )
        if min(row.values()) > limit:
            return False
    return row.get(len(second), beyond) <= limit


def _plain(line: str) -> str:
    return _NO_MATTER.sub("", line.replace("'", '"'))
