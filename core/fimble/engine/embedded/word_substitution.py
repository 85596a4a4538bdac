"""Carries a change of one name over to names built from it.

From `_headers` becoming `_timeout` it follows that `headers` becomes `timeout`, `parse_headers`
becomes `parse_timeout` and `HEADERS_LIMIT` becomes `TIMEOUT_LIMIT`: what changed are the words
that differ, and every name that holds them can follow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = re.compile(r"_+|[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+|\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordChange:
    """Some neighbouring words of a name that became others; all in lower case."""

    old: tuple[str, ...]
    new: tuple[str, ...]


def words_of(name: str) -> list[str]:
    """Cut a name into its words and underscores."""
    return _WORDS.findall(name)


def change_between(old: str, new: str) -> WordChange | None:
    """Say which words differ between two names; None when one only adds words to the other."""
    one = [word for word in words_of(old) if word[0] != "_"]
    two = [word for word in words_of(new) if word[0] != "_"]
    while one and two and one[0].lower() == two[0].lower():
        del one[0], two[0]
    while one and two and one[-1].lower() == two[-1].lower():
        del one[-1], two[-1]
    if not one or not two:
        return None
    return WordChange(
        old=tuple(word.lower() for word in one), new=tuple(word.lower() for word in two)
    )


def apply_change(name: str, change: WordChange) -> str | None:
    """Make the change in a name, in that name's style; None where it does not apply."""
    parts = words_of(name)
    places = [index for index, part in enumerate(parts) if part[0] != "_"]
    words = [parts[index].lower() for index in places]
    width = len(change.old)
    for first in range(len(words) - width + 1):
        if tuple(words[first : first + width]) == change.old:
            start, end = places[first], places[first + width - 1] + 1
            style = _Style.of(parts, start, end)
            return "".join((*parts[:start], style.write(change.new), *parts[end:]))
    return None


@dataclass(frozen=True, slots=True)
class _Style:
    """How a name writes its words."""

    first: str
    separator: str
    starts_name: bool

    @classmethod
    def of(cls, parts: list[str], start: int, end: int) -> _Style:
        within = [part for part in parts[start:end] if part[0] == "_"]
        around = [part for part in parts[1:-1] if part == "_"]
        camel = any(part[0].isupper() and not part.isupper() for part in parts)
        separator = within[0] if within else "_" if around or not camel else ""
        return cls(parts[start], separator, start == 0)

    def write(self, words: tuple[str, ...]) -> str:
        if self.first.isupper() and (len(self.first) > 1 or self.separator):
            return self.separator.join(words).upper()
        if self.separator:
            joined = self.separator.join(words)
            return joined.capitalize() if self.first[0].isupper() else joined
        capitals = "".join(word.capitalize() for word in words)
        if self.first[0].isupper():
            return capitals
        return words[0] + capitals[len(words[0]) :]
