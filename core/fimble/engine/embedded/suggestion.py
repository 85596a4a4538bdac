"""A suggestion together with its reason: what `fimble complete --why` prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why the engine said what it said."""

    text: str
    """What was suggested."""
    confidence: float
    """The estimated probability that it is right."""
    scope: str
    """Where the match was found, in words."""
    source: str
    """The file or document that the match is in."""
    line: int
    """Its line, counted from 1."""
    matched: str
    """The text that agrees with the text before the cursor."""
    supporters: int
    """How many places go on in the same way."""
    way: str
    """"copied", or "adapted" when names of a similar line were replaced."""

    def sentence(self) -> str:
        """Say it in one line."""
        places = "one place" if self.supporters == 1 else f"{self.supporters} places"
        found = (
            f"after {self.matched!r}, as in {places}"
            if self.way == "copied"
            else f"like {self.matched!r}, with its names replaced"
        )
        return (
            f"{self.way} from {self.source}:{self.line} ({self.scope}), {found}; "
            f"confidence {self.confidence:.2f}"
        )
