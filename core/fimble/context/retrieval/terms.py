"""Words of code as a search sees them: identifiers, and the words that these are made of. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from math import exp
from typing import Final

_WORD: Final = re.compile(r"[^\W\d]\w{2,60}")
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_SHORTEST_PART: Final = 3
_PART_MARK: Final = "~"
"""Begins a term that is a part of an identifier, so that it never equals a whole one."""
PART_WEIGHT: Final = 0.3
"""Of a part beside the identifier itself: parts find `timeout_s` from `read_timeout`."""
LEAST_WEIGHT: Final = 0.03
"""What weighs less is not searched for: half of all terms, and they decide nothing."""
_REACH_CHARACTERS: Final = 300.0
"""How fast a word counts less with its distance from the cursor; half of the gain over BM25."""
_AFTER: Final = 0.7
"""Words behind the cursor were written before, but not for what comes next."""
_BEFORE_CHARACTERS: Final = 2_000
_AFTER_CHARACTERS: Final = 500

_COMMON: Final = frozenset(
    re.findall(
        r"\w+",
        """
        and any are args arguments assert async await bool boolean break case catch class
        cls const continue def default del dict elif else enum except export extends extern
        false final finally float for from func function global goto has impl implements
        import include inherit int interface lambda len let list long match mut namespace
        new nil none nonlocal not null number object package pass private property protected
        pub public raise return self set short static str string struct super switch
        template the this throw true try tuple type typedef typeof undefined union unsigned
        use using var virtual void volatile while with yield isinstance print range True
        False None
        """,
    )
)
"""Words that stand everywhere and tell nothing."""


def identifiers(text: str) -> list[str]:
    """Return the identifiers of a text in their order, keywords and the like left out."""
    return [word for word in _WORD.findall(text) if word not in _COMMON]


@lru_cache(maxsize=20_000)
def terms_of(word: str) -> tuple[str, ...]:
    """Return what an identifier is found by: itself, and its parts where it has several."""
    parts = {part.lower() for part in _PART.findall(word) if len(part) >= _SHORTEST_PART}
    if not parts or parts == {word}:
        return (word, f"{_PART_MARK}{word}")
    return (word, *sorted(f"{_PART_MARK}{part}" for part in parts - _COMMON))


def is_part(term: str) -> bool:
    """Whether a term is only a part of an identifier."""
    return term.startswith(_PART_MARK)


def weighted_words(before: str, after: str) -> dict[str, float]:
    """Return the identifiers around a cursor, each with the weight of its nearest occurrence."""
    found: dict[str, float] = {}
    before = before[-_BEFORE_CHARACTERS:]
    for match in _WORD.finditer(before):
        word = match[0]
        if word not in _COMMON:
            # Later is nearer, so that the last one found is the one that counts.
            found[word] = exp((match.end() - len(before)) / _REACH_CHARACTERS)
    for match in _WORD.finditer(after[:_AFTER_CHARACTERS]):
        word = match[0]
        weight = _AFTER * exp(-match.start() / _REACH_CHARACTERS)
        if word not in _COMMON and weight > found.get(word, 0.0):
            found[word] = weight
    return found


def weighted_terms(words: dict[str, float]) -> dict[str, float]:
    """Return what to search for: the words, and with less weight their parts."""
    found: dict[str, float] = {}
    for word, weight in words.items():
        for term in terms_of(word):
            value = weight * PART_WEIGHT if is_part(term) else weight
            if value > max(LEAST_WEIGHT, found.get(term, 0.0)):
                found[term] = value
    return found
