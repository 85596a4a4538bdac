"""What the next question would cost: tokens by segment, what is reused, seconds to the answer.

On a hybrid model only the prompt's end is cheap: everything from the first changed token on is
read again. The meter therefore walks the segments in order and counts as reused only what comes
before the first difference from the prompt that the server holds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSegment:
    """A stretch of the next prompt."""

    name: str
    """For people: "rules", "conversation", "src/shop.py", "question"."""
    tokens: int
    reused: bool
    """Whether the server still holds its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextMeter:
    """The whole next prompt."""

    segments: tuple[MeterSegment, ...]
    window_tokens: int
    """The effective context window."""
    reserved_tokens: int
    """Kept free for the answer."""
    exact: bool
    """Whether the model's own tokenizer counted, or an upper bound."""
    counted_by: str = ""
    """Which counter, for people."""
    tokens_per_s: float | None = None
    """Measured speed of reading a prompt; None while it is unknown."""

    @property
    def tokens(self) -> int:
        """All tokens of the prompt."""
        return sum(segment.tokens for segment in self.segments)

    @property
    def to_be_read(self) -> int:
        """Tokens that the server must evaluate."""
        return sum(segment.tokens for segment in self.segments if not segment.reused)

    @property
    def over(self) -> int:
        """Tokens that must go before the question can be asked; 0 when it fits."""
        return max(0, self.tokens + self.reserved_tokens - self.window_tokens)

    @property
    def first_token_s(self) -> float | None:
        """Expected seconds until the answer begins; None while the speed is unknown."""
        return None if self.tokens_per_s is None else self.to_be_read / self.tokens_per_s
