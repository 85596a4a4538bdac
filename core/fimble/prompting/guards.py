"""The two judgements about text that this room needs and does not make itself.

Which strings are control tokens and which characters are hidden is decided in `fimble.policy`;
both come in as functions, so that templates are parsed and rendered without any model at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

Neutralise: TypeAlias = Callable[[str], str]
"""Returns the text with every control token broken up; text without one comes back unchanged."""

HiddenCharacters: TypeAlias = Callable[[str], Iterable[tuple[int, str]]]
"""Yields (offset in code points, name for people) of each hidden character in a text."""

CountTokens: TypeAlias = Callable[[str], int]
"""Tokens that a text costs, never too few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGuards:
    """What a template's own text is checked with."""

    neutralise: Neutralise
    hidden_characters: HiddenCharacters
