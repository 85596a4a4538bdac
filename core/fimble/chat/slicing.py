"""How long the next segment of a chat answer may be, so that ghost text gets the slot in between.

A 27B model has one slot, served first come first served. An answer generated in one piece holds
it for half a minute; generated in segments, each the continuation of the same growing prompt, it
lets whoever waits through at each seam, also from another process. A seam costs about five
tokens to read and one round trip, so segments are long while nobody waits and short while
somebody does: the time that a segment spent in the server's queue tells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SHORTEST_S = 0.6
"""A segment's length while somebody else uses the slot: what a completion has to wait at most."""
LONGEST_S = 3.0
"""A segment's length when nobody does; the first completion after a quiet time waits so long."""
GROWTH = 1.5
WAITED_S = 0.05
"""A longer stay in the queue than this means that somebody else was served."""
FIRST_TOKENS = 24
_FEWEST_TOKENS = 8
_MOST_TOKENS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPace:
    """What is known of the server's speed and of its other users."""

    target_s: float = SHORTEST_S
    tokens_per_s: float | None = None
    """Measured; None before the first segment."""

    def tokens(self) -> int:
        """Return how many tokens the next segment may have."""
        if self.tokens_per_s is None:
            return FIRST_TOKENS
        return max(_FEWEST_TOKENS, min(_MOST_TOKENS, round(self.target_s * self.tokens_per_s)))

    def after(self, *, generated: int, eval_s: float, waited_s: float) -> SegmentPace:
        """Return the pace after a segment of `generated` tokens that waited for the slot."""
        speed = generated / eval_s if generated > 1 and eval_s > 0 else self.tokens_per_s
        if waited_s > WAITED_S:
            return replace(self, target_s=SHORTEST_S, tokens_per_s=speed)
        grown = min(LONGEST_S, self.target_s * GROWTH)
        return replace(self, target_s=grown, tokens_per_s=speed)
