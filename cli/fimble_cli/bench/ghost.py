"""A suggestion on the screen and what becomes of it while somebody types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_NEXT_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")


class Portion(StrEnum):
    """How much of a suggestion is accepted."""

    WHOLE = "whole"
    LINE = "line"
    WORD = "word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghost:
    """Text shown at the cursor."""

    text: str
    replaced: str = ""
    """The document's own text behind the cursor that accepting takes away."""

    def typed_through(self, key: str, *, closer: str = "", overtyped: bool = False) -> Ghost | None:
        """Return what is left after `key`, None when it contradicts or nothing is left.

        Args:
            key: What was typed.
            closer: What the editor put behind the cursor with it; the suggestion brings its own.
            overtyped: Whether the key went over a closer that already stood there.
        """
        if not self.text.startswith(key) or len(self.text) == len(key):
            return None
        replaced = closer + self.replaced
        if overtyped and replaced.startswith(key):
            replaced = replaced[len(key) :]
        return Ghost(text=self.text[len(key) :], replaced=replaced)

    def portion(self, portion: Portion) -> str:
        """Return what accepting `portion` inserts."""
        if portion is Portion.WHOLE:
            return self.text
        if portion is Portion.LINE:
            blank = len(self.text) - len(self.text.lstrip("\n"))
            end = self.text.find("\n", blank)
            return self.text if end < 0 else self.text[:end]
        found = _NEXT_WORD.match(self.text)
        return self.text if found is None else found[0]

    def after_accepting(self, accepted: str) -> Ghost | None:
        """Return what still stands after a part was accepted."""
        rest = self.text[len(accepted) :]
        return Ghost(text=rest, replaced=self.replaced) if rest else None
