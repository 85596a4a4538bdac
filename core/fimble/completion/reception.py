"""How suggestions are received where the user is writing: what the next one is worth.

A model that was contradicted usually says the same again at the next key: it does not know what
is meant here. Each request that led to nothing makes the next pause longer; two characters typed
as foreseen, or a suggestion taken over, end that.
"""

from __future__ import annotations

_ENOUGH_CHARACTERS = 2
"""One character may agree by chance."""

_FREE = 2
"""Requests in vain that change nothing: the first contradictions tell the model most."""

_STEP = 0.5
_MOST = 3.0
"""With a usual interval of 180 ms between keys: a pause of three quarters of a second."""


class Reception:
    """Counts the requests since the last suggestion that was right."""

    def __init__(self) -> None:
        self._in_vain = 0
        self._place: tuple[str, int] | None = None

    def asked(self, uri: str, line: int) -> None:
        """Note a request to a model; another line is a new chance, another place forgets all."""
        if self._place is not None and self._place != (uri, line):
            former_uri, former_line = self._place
            near = uri == former_uri and line == former_line + 1
            self._in_vain = self._in_vain // 2 if near else 0
        self._place = (uri, line)
        self._in_vain += 1

    def agreed(self, characters: int) -> None:
        """Note that so many characters stand there as a suggestion had them."""
        if characters >= _ENOUGH_CHARACTERS:
            self._in_vain = 0

    @property
    def patience(self) -> float:
        """By how much the next pause is to be longer than usual; 1 while suggestions are right."""
        return min(_MOST, 1.0 + _STEP * max(0, self._in_vain - _FREE))
