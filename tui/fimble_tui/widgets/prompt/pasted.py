"""Large pastes as one chip in the prompt, sent whole.

A megabyte in an editor widget costs a wrap of every line; a chip costs nothing, and the prompt
stays readable. The chip is ordinary text: it can be moved, deleted and undone.
"""

from __future__ import annotations

from typing import Final

MOST_LINES: Final = 20
MOST_CHARACTERS: Final = 4_000
"""What is larger becomes a chip."""


class PastedTexts:
    """The texts behind the chips of one prompt."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def collapse(self, text: str) -> str:
        """Return what stands in the prompt for a pasted `text`: itself, or a chip."""
        lines = text.count("\n") + (not text.endswith("\n"))
        if lines <= MOST_LINES and len(text) <= MOST_CHARACTERS:
            return text
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        chip, number = f"[Pasted {size}]", 1
        while self._texts.get(chip, text) != text:
            number += 1
            chip = f"[Pasted {size}, {number}]"
        self._texts[chip] = text
        return chip

    def expand(self, text: str) -> str:
        """Return `text` with what its chips stand for; nothing inside of that is a chip."""
        found = sorted((text.find(chip), chip) for chip in self._texts if chip in text)
        if not found:
            return text
        at, chip = found[0]
        return text[:at] + self._texts[chip] + self.expand(text[at + len(chip) :])

    def without(self, text: str) -> str:
        """Return only what was typed, with a blank in each chip's place."""
        for chip in self._texts:
            text = text.replace(chip, " ")
        return text

    def ending_at(self, row: str, column: int) -> int:
        """Return the length of the chip that ends at `column` of a row; 0 when none does."""
        return max((len(chip) for chip in self._texts if row[:column].endswith(chip)), default=0)

    def clear(self) -> None:
        """Forget all of them: the prompt was sent."""
        self._texts.clear()
