"""What counts tokens, and says how well it does.

Two counts are needed, since a model server reads control strings only where it is told to:

* a *text* is data: what looks like a control token in it is ordinary characters (the renderer has
  broken it up before it gets there);
* a *prompt* is what the server receives: its control strings are one token each, and it may get a
  token for its beginning.
"""

from __future__ import annotations

from typing import Protocol


class TokenCounter(Protocol):
    """Counts tokens for one model."""

    @property
    def name(self) -> str:
        """Who counts, as the end of "counted by": for people, and the same at every call."""
        ...

    @property
    def exact(self) -> bool:
        """Whether the counts are the server's own; otherwise they are estimated from above."""
        ...

    def count(self, text: str) -> int:
        """Return the tokens of a text that holds no control strings, or holds them as data."""
        ...

    def count_prompt(self, prompt: str) -> int:
        """Return the tokens of a whole raw prompt, control strings and beginning included."""
        ...
