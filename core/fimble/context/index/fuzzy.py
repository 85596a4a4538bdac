"""Which of many names a few typed letters mean: pure, and quick for a hundred thousand names.

All names stand in one folded text, a line each, so that C code finds the lines worth a look: first
those whose last part begins as typed, then those that hold it in one piece, then those that hold
its letters in order. Only these are scored. The patterns are made of escaped letters and
possessive runs, and linear (security T17).
"""

from __future__ import annotations

import heapq
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_MAX_TYPED: Final = 64
"""Letters that are looked at; who typed more has found what he wants."""
_MOST_SCORED: Final = 1_500
"""Lines of each kind that are scored: some 10 ms."""
_EXACT: Final = 1_000
_STEM: Final = 980
_TAIL_START: Final = 880
_TAIL_WORD: Final = 780
_TAIL_INSIDE: Final = 700
_WORD: Final = 600
_INSIDE: Final = 520
_SCATTERED: Final = 120
_LETTER_AT_WORD: Final = 30
_LETTER_IN_RUN: Final = 22
_IN_TAIL: Final = 80
_SCATTERED_MOST: Final = 500
_LENGTH_COUNTS: Final = 60
"""Longer names lose at most this, so that no length changes the kind of a fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """One name and how well it fits."""

    score: float
    """Higher is better; comparable between lists of different kinds."""
    name: str
    place: int
    """Its number in the list."""


class FuzzyNames:
    """A list of names that can be searched; immutable, so any thread may ask it."""

    __slots__ = ("_folded", "_folded_starts", "_names", "_separator", "_starts")

    def __init__(self, names: Iterable[str], *, separator: str) -> None:
        """Take the names.

        Args:
            names: Paths, a folder's with a "/" at its end, or dotted names.
            separator: What parts of a name are divided by; the last part counts most.
        """
        # One string for all of them: as objects they would take three times the memory.
        lines = [name.replace("\n", " ") for name in names]
        folded = [line.lower() for line in lines]
        # Line ends on both sides let a pattern begin or end with one.
        self._names = "\n" + "".join(f"{line}\n" for line in lines)
        self._folded = "\n" + "".join(f"{line}\n" for line in folded)
        self._starts = _starts(lines)
        self._folded_starts = _starts(folded)
        self._separator = separator

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, place: int) -> str:
        return _line(self._names, self._starts, place)

    def best(
        self, typed: str, limit: int, *, bonus: Callable[[str], float] | None = None
    ) -> list[Fit]:
        """Return at most `limit` names that fit, the best first.

        Args:
            typed: What was typed; blanks and case do not matter. Empty fits nothing.
            limit: How many.
            bonus: Points for a name beside its fit; 50 move it past names of equal kind.
        """
        wanted = "".join(typed.lower().split())[:_MAX_TYPED]
        if not wanted or limit < 1:
            return []
        found: dict[int, Fit] = {}
        for lines in (self._beginning, self._holding, self._in_last_part, self._scattered):
            for place in lines(wanted):
                if place not in found:
                    name = self[place]
                    score = self._score(wanted, place, name)
                    more = bonus(name) if bonus else 0.0
                    found[place] = Fit(score=score + more, name=name, place=place)
            if len(found) >= limit:
                break  # What comes later fits less by its kind.
        return heapq.nsmallest(limit, found.values(), key=lambda fit: (-fit.score, fit.place))

    def _beginning(self, wanted: str) -> Iterator[int]:
        """Yield the lines whose last part begins as wanted."""
        yield from self._places(self._last_parts(f"\n{wanted}"))
        yield from self._places(self._last_parts(f"{self._separator}{wanted}"))

    def _last_parts(self, beginning: str) -> Iterator[int]:
        """Yield where a last part begins so, with the mark before it."""
        text, separator = self._folded, self._separator
        for at in self._found(beginning, one_a_line=False):
            behind = at + len(beginning)
            end = text.find("\n", behind)
            mark = text.find(separator, behind, end)
            if mark < 0 or mark == end - 1:
                yield at + 1

    def _holding(self, wanted: str) -> Iterator[int]:
        """Yield the lines that hold what is wanted in one piece."""
        return self._places(self._found(wanted, one_a_line=True))

    def _found(self, wanted: str, *, one_a_line: bool) -> Iterator[int]:
        text = self._folded
        at = text.find(wanted)
        while at >= 0:
            yield at
            at = text.find(wanted, text.find("\n", at + 1) if one_a_line else at + 1)

    def _in_last_part(self, wanted: str) -> Iterator[int]:
        """Yield the lines whose last part begins with the first letter and holds the others."""
        mark = re.escape(self._separator)
        steps = "".join(rf"[^{it}{mark}\n]*+{it}" for it in map(re.escape, wanted[1:]))
        pattern = rf"[\n{mark}]{re.escape(wanted[0])}{steps}[^{mark}\n]*+{mark}?(?=\n)"
        return self._places(match.start() + 1 for match in re.finditer(pattern, self._folded))

    def _scattered(self, wanted: str) -> Iterator[int]:
        """Yield the lines that hold the letters in order."""
        pattern = "\n" + "".join(rf"[^{it}\n]*+{it}" for it in map(re.escape, wanted))
        return self._places(match.start() + 1 for match in re.finditer(pattern, self._folded))

    def _places(self, offsets: Iterable[int]) -> Iterator[int]:
        """Turn offsets into the folded text into numbers of lines, each once, not too many."""
        last = -1
        count = 0
        starts = self._folded_starts
        for offset in offsets:
            place = bisect_right(starts, offset) - 1
            if place != last:
                last = place
                yield place
                count += 1
                if count >= _MOST_SCORED:
                    return

    def _score(self, wanted: str, place: int, name: str) -> float:
        folded = _line(self._folded, self._folded_starts, place)
        if len(name) != len(folded):
            name = folded
        separator = self._separator
        length = len(folded.rstrip(separator))
        tail = folded.rfind(separator, 0, length) + 1
        shorter = -min(_LENGTH_COUNTS, len(folded) * 0.5)
        at = folded.find(wanted, tail)
        if at == tail:
            rest = folded[at + len(wanted) : length]
            if not rest:
                return _EXACT + shorter
            return (_STEM if rest.startswith(".") else _TAIL_START) + shorter
        if at > tail:
            return (_TAIL_WORD if _is_word_start(name, at) else _TAIL_INSIDE) + shorter
        at = folded.find(wanted)
        if at >= 0:
            return (_WORD if _is_word_start(name, at) else _INSIDE) + shorter
        in_tail = _scattered_score(wanted, folded, name, tail)
        if in_tail is not None:
            return min(_SCATTERED_MOST, in_tail + _IN_TAIL) + shorter
        return min(_SCATTERED_MOST, _scattered_score(wanted, folded, name, 0) or 0) + shorter


def _scattered_score(wanted: str, folded: str, name: str, start: int) -> float | None:
    """Score letters in order from `start` on, at beginnings of words where they can be."""
    score = float(_SCATTERED)
    at = start - 1
    for place, letter in enumerate(wanted):
        following = at + 1
        if place and folded.startswith(letter, following):
            at = following
            score += _LETTER_IN_RUN
            continue
        plain = folded.find(letter, following)
        if plain < 0:
            return None
        word = plain
        while word >= 0 and not _is_word_start(name, word):
            word = folded.find(letter, word + 1)
        # Going on at a word must leave the rest of the letters behind it.
        if word >= 0 and _holds(folded, word + 1, wanted[place + 1 :]):
            at = word
            score += _LETTER_AT_WORD
        else:
            at = plain
    return score * len(wanted) / (len(wanted) + 1)


def _holds(text: str, start: int, letters: str) -> bool:
    at = start - 1
    for letter in letters:
        at = text.find(letter, at + 1)
        if at < 0:
            return False
    return True


def _is_word_start(name: str, at: int) -> bool:
    if at == 0:
        return True
    before, letter = name[at - 1], name[at]
    return not before.isalnum() or (letter.isupper() and not before.isupper())


def _starts(lines: list[str]) -> array[int]:
    starts = array("L")
    at = 1
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def _line(text: str, starts: array[int], place: int) -> str:
    end = starts[place + 1] if place + 1 < len(starts) else len(text)
    return text[starts[place] : end - 1]
