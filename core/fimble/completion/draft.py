"""A suggestion on its way through the post-processing rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fimble.completion.surroundings import Extent, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What would be inserted, with LF line ends, and how much it stands in for."""

    text: str
    replaced_characters: int = 0
    """Characters of the cursor's line after the cursor that the text replaces."""

    def with_text(self, text: str) -> Draft:
        """Return the draft with another text; the same draft if it is the same text."""
        return self if text == self.text else replace(self, text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Show nothing, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Everything a rule may look at besides the draft."""

    around: Surroundings
    extent: Extent
    partial: bool = False
    """True for the first unit of a block that is still being generated."""
    truncated: bool = False
    """Whether the model was stopped by its token budget, in the middle of something."""
    logprobs: tuple[float, ...] = ()
    """Natural logarithms of the probabilities of the tokens, where the server sends them."""
    min_mean_logprob: float | None = None
    """Below which mean a suggestion is not shown; None shows all."""


Rule = Callable[[Draft, Place], Draft | Dropped]
"""Returns the draft unchanged, changed, or dropped; never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleEffect:
    """One line of the decision trail: a rule that changed or dropped the text."""

    rule: str
    before: str
    after: str | None
    """None where the rule dropped the suggestion."""
    reason: str = ""
