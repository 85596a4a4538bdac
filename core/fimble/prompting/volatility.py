"""How often a part of a prompt changes, from never to on every key.

A hybrid model (Qwen3.5/3.6) cannot roll its state back: what follows the first changed token is
read again. A prompt is therefore cheap only when its parts stand in this order.
"""

from __future__ import annotations

from enum import IntEnum


class Volatility(IntEnum):
    """The shortest span of time over which a text stays the same; ordered from stable up."""

    STATIC = 0
    """The template's own words and the model's control strings."""
    REPO = 1
    """The same everywhere in one repository."""
    SESSION = 2
    """Only appended to while the editor or the chat is open."""
    FILE = 3
    """Changes with the file."""
    CURSOR = 4
    """Changes with the place in the file."""
    KEYSTROKE = 5
    """Changes with every key."""

    @property
    def label(self) -> str:
        """The word that messages and documents use."""
        return self.name.lower()
