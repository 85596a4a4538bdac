"""When to ask: the pause after a key that is worth a request.

The debounce follows the user's own rhythm (after TabbyML/tabby:clients/tabby-agent/src/
codeCompletion/debouncer.ts, which bounds the mean key interval and weighs the context) and the
predicted time to first token: where an answer takes long anyway, waiting for a real pause costs
little and saves the GPU a prompt. Cached hits never come here, so they are never delayed.
"""

from __future__ import annotations

from collections import deque
from statistics import median

_FIRST_INTERVAL_S = 0.18
"""Median time between keys of practised typists, until we know this one's."""

_LONGEST_INTERVAL_S = 1.0
"""A longer gap is a pause for thought and says nothing about rhythm."""

_REMEMBERED = 40
_MIN_DELAY_S = 0.04
_MAX_DELAY_S = 0.45
_PAUSE_FACTOR = 1.35
"""A gap this much longer than usual is a pause."""

_SLOW_ANSWER_SHARE = 0.15
"""Part of the predicted time to first token that is added to the delay."""

_PATIENCE_S = 2.0
"""An answer that takes longer comes after the thought it was for; it needs a real pause."""

_REAL_PAUSE_S = 1.0
"""A pause in which such an answer is still welcome, and in which a GPU may get warm."""


class TypingRhythm:
    """Learns the intervals between keys; times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=_REMEMBERED)
        self._last_key: float | None = None

    def key(self, now: float) -> None:
        """Note one change of the text."""
        if self._last_key is not None:
            interval = now - self._last_key
            if 0 < interval <= _LONGEST_INTERVAL_S:
                self._intervals.append(interval)
        self._last_key = now

    @property
    def usual_interval_s(self) -> float:
        """The median interval between two keys."""
        return median(self._intervals) if self._intervals else _FIRST_INTERVAL_S

    def delay_s(self, now: float, *, first_token_s: float = 0.0, patience: float = 1.0) -> float:
        """Return how long to wait from `now` on, counted from the last key.

        Args:
            now: The time of the request, which may come a while after the key.
            first_token_s: Predicted time to first token of the request.
            patience: By how much to wait longer than usual, 1 or more.
        """
        wanted = self.usual_interval_s * _PAUSE_FACTOR + first_token_s * _SLOW_ANSWER_SHARE
        bounded = min(max(wanted, _MIN_DELAY_S), _MAX_DELAY_S) * patience
        bounded = min(bounded, max(_REAL_PAUSE_S, _MAX_DELAY_S))
        if first_token_s > _PATIENCE_S:
            bounded = _REAL_PAUSE_S
        passed = 0.0 if self._last_key is None else now - self._last_key
        return max(0.0, bounded - max(0.0, passed))
