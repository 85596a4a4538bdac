"""Which words of changed lines differ, so that a preview can mark them inside the lines.

Removed and added lines are paired in order so that the pairs are as alike as possible; a line
without a partner is new or gone as a whole, and needs no marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, TypeAlias

Marks: TypeAlias = tuple[tuple[int, int], ...]
"""Stretches of a line, from and to, in characters."""

_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")
_ALIKE: Final = 0.5
"""Lines with fewer words in common are other lines; marks all over them would only confuse."""
_PAIRED_AT_MOST: Final = 600
"""Pairs of lines that are compared; beyond that lines are paired one by one."""
_LONGEST_LINE: Final = 2_000
"""Characters; word by word, a longer line would cost more than its marks tell."""


def word_marks(
    old_lines: Sequence[str], new_lines: Sequence[str]
) -> tuple[tuple[Marks, ...], tuple[Marks, ...]]:
    """Return what differs in each of the old lines, and in each of the new ones."""
    old_marks: list[Marks] = [()] * len(old_lines)
    new_marks: list[Marks] = [()] * len(new_lines)
    for old, new in _pairs(old_lines, new_lines):
        old_marks[old], new_marks[new] = _differences(old_lines[old], new_lines[new])
    return tuple(old_marks), tuple(new_marks)


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pair lines in order; the sum of the pairs' likeness is the greatest there is."""
    if len(old) * len(new) > _PAIRED_AT_MOST or len(old) == len(new):
        return [(at, at) for at in range(min(len(old), len(new))) if _alike(old[at], new[at])]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a in range(len(old) - 1, -1, -1):
        for b in range(len(new) - 1, -1, -1):
            taken = _alike(old[a], new[b]) + best[a + 1][b + 1]
            best[a][b] = max(taken, best[a + 1][b], best[a][b + 1])
    pairs: list[tuple[int, int]] = []
    a = b = 0
    while a < len(old) and b < len(new):
        if best[a][b] == best[a + 1][b]:
            a += 1
        elif best[a][b] == best[a][b + 1]:
            b += 1
        else:
            pairs.append((a, b))
            a, b = a + 1, b + 1
    return pairs


@lru_cache(maxsize=2048)
def _alike(old: str, new: str) -> float:
    """Return how much of two lines is common, 0 when they are too different to be one line."""
    if len(old) > _LONGEST_LINE or len(new) > _LONGEST_LINE:
        return 0.0
    share = SequenceMatcher(None, _words(old), _words(new), autojunk=False).ratio()
    return share if share >= _ALIKE else 0.0


def _differences(old: str, new: str) -> tuple[Marks, Marks]:
    old_words, new_words = _words(old), _words(new)
    old_at, new_at = _offsets(old_words), _offsets(new_words)
    old_marks: list[tuple[int, int]] = []
    new_marks: list[tuple[int, int]] = []
    matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        if a < b:
            old_marks.append((old_at[a], old_at[b]))
        if c < d:
            new_marks.append((new_at[c], new_at[d]))
    return tuple(old_marks), tuple(new_marks)


def _words(line: str) -> list[str]:
    return _WORD.findall(line)


def _offsets(words: Sequence[str]) -> list[int]:
    offsets = [0]
    for word in words:
        offsets.append(offsets[-1] + len(word))
    return offsets
