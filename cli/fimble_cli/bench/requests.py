"""What reached the model server: one value for each request that asked for text.

Filled from the journal of a stub or from the recording proxy in front of a real server.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRequest:
    """One request; times are seconds of the monotonic clock."""

    received_at: float
    prompt: str
    max_tokens: int
    """`num_predict`; 1 is a warm-up, sent for what it leaves in the server's cache."""
    prompt_tokens: int
    evaluated_tokens: float
    """Prompt tokens that were really computed; an estimate where the server does not say."""
    generated_tokens: int
    generated_text: str
    cancelled: bool
    """The client closed the connection before the end."""
    first_token_at: float | None = None
    closed_at: float | None = None
    """When the client closed the connection of a cancelled request."""
    freed_at: float | None = None
    """When the slot was free again; None where the server does not say."""

    @property
    def is_warm_up(self) -> bool:
        """Whether it was sent for its effect on the cache only."""
        return self.max_tokens == 1
