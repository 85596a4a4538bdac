"""How much of a document a prompt shows: budgets, the cache they are for, and windows for holes.

The sizes were chosen with `python -m bench.completion`: what a jump costs is what its hole shows.
"""

from __future__ import annotations

from dataclasses import dataclass

from fimble.completion.cache_forecast import FIRST_TOKENS_PER_S, CacheKind
from fimble.engine.profiles import ModelProfile

RESERVE_TOKENS = 64
"""Kept free for what an estimate cannot see, such as a beginning-of-text token."""

_COLD_PROMPT_S = 0.4
"""A prompt for a new place is to be read within this, or the thought it is for has passed."""

_SMALLEST_WINDOW = 200
_SUFFIX_SHARE = 0.25
"""Part of a new prompt's tokens that the text after the cursor may take."""

_SHRINK = 0.6
"""Budgets are multiplied by this when the server calls a prompt too long."""

_LONGEST_SHARE = 0.5
"""Of the context window: a longer prompt shows more of the past than of the present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleSize:
    """Tokens around one hole."""

    prefix: int
    suffix: int


UNSEEN_REGION = HoleSize(prefix=80, suffix=32)
"""Behind a jump, to lines that the prompt does not show yet."""

SEEN_REGION = HoleSize(prefix=48, suffix=24)
"""Behind a jump, to lines that stand in the prompt as they are now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptBudgets:
    """Upper bounds in tokens."""

    context_window: int
    """`num_ctx`: prompt and answer together; a prompt beyond it would be cut silently."""
    answer: int
    prefix: int
    suffix: int

    def shrunk(self) -> PromptBudgets:
        """Return smaller budgets for a model whose tokens we underestimated."""
        return PromptBudgets(
            context_window=int(self.context_window * _SHRINK),
            answer=self.answer,
            prefix=int(self.prefix * _SHRINK),
            suffix=int(self.suffix * _SHRINK),
        )

    @property
    def prompt(self) -> int:
        """The longest prompt that leaves room for an answer."""
        return max(1, self.context_window - self.answer - RESERVE_TOKENS)

    @property
    def long_prompt(self) -> int:
        """Beyond this a prompt is not gone on with but begun anew."""
        return min(self.prompt, int(self.context_window * _LONGEST_SHARE))


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTraits:
    """What forecasts of a server's work start from."""

    kind: CacheKind
    batch_tokens: int = 512
    """How far before a prompt's end the older of its two checkpoints lies."""
    tokens_per_s: float = FIRST_TOKENS_PER_S
    """How fast prompts are evaluated."""

    @classmethod
    def presumed(cls, profile: ModelProfile) -> CacheTraits:
        """What a family's cache does unless it was measured to do something else."""
        return cls(kind=CacheKind.HYBRID if profile.hybrid else CacheKind.DENSE)


def cold_tokens(tokens_per_s: float, *, scale: float = 1.0) -> int:
    """Return how many tokens the server reads in the time that a new place may take."""
    return int(max(2 * _SMALLEST_WINDOW, tokens_per_s * _COLD_PROMPT_S) * scale)


def cold_suffix_tokens(cold: int, budgets: PromptBudgets) -> int:
    """Return how much of a new prompt may be the text after the cursor."""
    return min(budgets.suffix, int(cold * _SUFFIX_SHARE), budgets.context_window // 4)
