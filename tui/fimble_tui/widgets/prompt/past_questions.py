"""Going back and forth through what was asked before, with the draft at its end."""

from __future__ import annotations

from collections.abc import Iterable


class PastQuestions:
    """A place in the past; the newest end is what is being written."""

    def __init__(self) -> None:
        self._past: list[str] = []
        self._draft = ""
        self._steps = 0

    @property
    def newest_first(self) -> list[str]:
        """Everything that was asked."""
        return list(self._past)

    def remember(self, newest_first: Iterable[str]) -> None:
        """Take what was asked in all sessions."""
        self._past = list(dict.fromkeys([*self._past, *newest_first]))

    def add(self, text: str) -> None:
        """Note what was asked just now, and come back to the present."""
        self._past = [text, *(each for each in self._past if each != text)]
        self.leave()

    def leave(self) -> None:
        """Come back to the present: something was written."""
        self._steps = 0

    def older(self, now: str) -> str | None:
        """Return the question before the one that is shown; None at the oldest.

        Args:
            now: What stands in the prompt.
        """
        if self._steps >= len(self._past):
            return None
        if self._steps == 0:
            self._draft = now
        self._steps += 1
        return self._past[self._steps - 1]

    def newer(self) -> str | None:
        """Return the question after the one that is shown, at last the draft; None at that."""
        if self._steps == 0:
            return None
        self._steps -= 1
        return self._past[self._steps - 1] if self._steps else self._draft
