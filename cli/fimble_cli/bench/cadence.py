"""How long people take between two keys when they write code.

The intervals are drawn, not recorded: from a mixture of fluent and hesitant log-normal intervals,
which is the model that fits keystroke data (Roeser, De Maeyer, Leijten, Van Waes: "Modelling
typing disfluencies as finite mixture process", Reading and Writing, 2021). Its parameters are
set so that a person writes about 52 words a minute, the mean of 168,000 people (Dhakal, Feit,
Kristensson, Oulasvirta: "Observations on Typing from 136 Million Keystrokes", CHI 2018), with
thinking pauses of two seconds and more between lines, the "micro pauses" of programmers (Shrestha,
Leinonen, Zavgorodniaia, Hellas, Edwards: "Pausing While Programming", ICSE-SEET 2022).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A log-normal distribution of seconds."""

    median_s: float
    spread: float
    """Standard deviation of the natural logarithm."""

    def draw(self, chance: random.Random) -> float:
        """Draw one interval within what is humanly possible."""
        drawn = self.median_s * math.exp(chance.gauss(0.0, self.spread))
        return min(max(drawn, _SHORTEST_S), _LONGEST_S)


_SHORTEST_S: Final = 0.04
_LONGEST_S: Final = 5.0
"""Longer pauses say nothing about completion and only make a replay longer."""

_IN_WORD: Final = Interval(median_s=0.150, spread=0.35)
_SYMBOL: Final = Interval(median_s=0.230, spread=0.40)
_HESITATION: Final = Interval(median_s=0.600, spread=0.50)
_LINE_START: Final = Interval(median_s=0.450, spread=0.40)
_THOUGHT: Final = Interval(median_s=2.0, spread=0.40)
_READING: Final = Interval(median_s=0.550, spread=0.30)
_NOTICING: Final = Interval(median_s=0.350, spread=0.35)
_DELETING: Final = Interval(median_s=0.140, spread=0.25)

_HESITATES_BETWEEN_TOKENS: Final = 0.14
_THINKS_BETWEEN_LINES: Final = 0.45


class Cadence:
    """Draws the intervals of one person from a seeded source."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def before_key(self, text_before: str, key: str) -> float:
        """Return how long after the key before it `key` is pressed, in seconds."""
        last = text_before[-1:]
        if last == "\n" or not text_before.rpartition("\n")[2].strip():
            thinks = self._chance.random() < _THINKS_BETWEEN_LINES
            return (_THOUGHT if thinks else _LINE_START).draw(self._chance)
        if _is_word(last) and _is_word(key):
            return _IN_WORD.draw(self._chance)
        if self._chance.random() < _HESITATES_BETWEEN_TOKENS:
            return _HESITATION.draw(self._chance)
        plain = _is_word(key) or key == " "
        return (_IN_WORD if plain else _SYMBOL).draw(self._chance)

    def to_read(self) -> float:
        """Return how long it takes to read a suggestion and decide about it, in seconds."""
        return _READING.draw(self._chance)

    def to_notice(self) -> float:
        """Return how long it takes to notice a slip and find the backspace key, in seconds."""
        return _NOTICING.draw(self._chance)

    def to_delete(self) -> float:
        """Return the time between two backspaces, in seconds."""
        return _DELETING.draw(self._chance)

    def to_move(self) -> float:
        """Return how long it takes to go to another place and find one's bearings, in seconds."""
        return _THOUGHT.draw(self._chance)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
