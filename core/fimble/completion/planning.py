"""Whether to ask the model at all, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fimble.completion.surroundings import Extent, Surroundings
from fimble.syntax.blocks import expects_block, rules_out_block
from fimble.syntax.cursor import Region, cursor_region

_BRACKET_CLOSERS = frozenset(")]}")


class Trigger(StrEnum):
    """Why the editor asks."""

    AUTOMATIC = "automatic"
    """The user types or moves."""
    INVOKED = "invoked"
    """The user pressed a key for it: always asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLimits:
    """Generation budgets, in tokens."""

    line: int
    block: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to ask for."""

    extent: Extent
    max_tokens: int
    stop: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Why nothing is asked."""

    reason: str


def plan_request(around: Surroundings, trigger: Trigger, limits: TokenLimits) -> Plan | Skip:
    """Decide by syntax what a completion at this place should be.

    A block is asked for where one is expected (an empty body, a header just typed, a blank line
    inside a block); otherwise the rest of the line. Places where suggestions are mostly noise
    are skipped unless the user asked by key.
    """
    if trigger is Trigger.AUTOMATIC:
        reason = silence(around)
        if reason is not None:
            return Skip(reason=reason)
    if _wants_block(around):
        return Plan(extent=Extent.BLOCK, max_tokens=limits.block, stop=())
    return Plan(extent=Extent.LINE, max_tokens=limits.line, stop=("\n",))


def silence(around: Surroundings) -> str | None:
    """Return why nothing is asked here while the user types; None where it is."""
    if around.rest[:1].isalnum() or around.rest[:1] == "_":
        return "the cursor is inside a word"
    stripped = around.before.strip()
    if stripped and all(c in _BRACKET_CLOSERS for c in stripped) and not around.rest.strip():
        return "the line is only closing brackets"
    if around.mid_line and around.tree is not None:
        region = cursor_region(around.tree, around.cursor)
        if region is not Region.CODE:
            return f"the cursor is inside a {region.value} with text after it"
    return None


def _wants_block(around: Surroundings) -> bool:
    """Whether whole lines are asked for; closing marks behind the cursor are no hindrance."""
    if around.mid_line:
        return False
    language = around.language
    if language is not None and rules_out_block(language, around.before, around.rest):
        return False
    if around.tree is not None:
        return expects_block(around.tree, around.cursor)
    return around.line_is_blank and bool(around.indentation) and not around.rest.strip()
