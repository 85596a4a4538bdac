"""When a request that failed before its first token is worth sending again, and how soon.

Pure but for the random number that is handed in. After the first token nothing is sent again: the
text that came is on show, and an answer from its beginning would not be its continuation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from fimble.errors import EngineBusy, EngineUnavailable, FimbleError

TRIES = 3
"""Requests in all; a server that is busy three times in a row is the user's to know about."""
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 8.0
"""A server that wants a longer pause gets it: from the next key, not from this request."""
_LONGEST_HEADER = 64


def retry_after_s(header: str) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number or a date (RFC 9110, 10.2.3).

    None where there is none or it cannot be read.
    """
    said = header.strip()[:_LONGEST_HEADER]
    if said.isascii() and said.isdigit():
        return float(said)
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - only a date needs it

    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How one request waits between its tries."""

    tries: int = TRIES
    first_pause_s: float = _FIRST_PAUSE_S
    longest_pause_s: float = _LONGEST_PAUSE_S

    def pause_s(self, error: FimbleError, *, failed: int, chance: float) -> float | None:
        """Return how long to wait before the next try; None when there is to be none.

        Args:
            error: Why the last try failed.
            failed: How many tries have.
            chance: A random number from 0 to 1, which spreads clients that failed together.
        """
        if failed >= self.tries or not isinstance(error, (EngineBusy, EngineUnavailable)):
            return None
        pause_s = self.first_pause_s * 2 ** (failed - 1) * (0.5 + chance / 2)
        if isinstance(error, EngineBusy) and error.retry_after_s is not None:
            pause_s = max(pause_s, error.retry_after_s)
        return pause_s if pause_s <= self.longest_pause_s else None
