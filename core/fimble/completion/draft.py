"""A suggestion on its way through the post-processing rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fimble.completion.surroundings import Extent, Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What would be inserted, with LF line ends, and how much it stands in for."""

    text: str
    replaced_characters: int = 0
    """Characters of the cursor's line after the cursor that the text replaces."""


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
