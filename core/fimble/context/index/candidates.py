"""What a mention may mean, as a popup lists it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that can be mentioned."""

    kind: str
    """"file", "dir", the kind of a symbol ("class", "method", …), or the word of a special one."""
    label: str
    """A path, or a symbol with its container: `Cart.total`."""
    detail: str
    """Where it is or what it is, in a few words; a symbol's signature."""
    mention_text: str
    """What stands in the question for it."""
    tokens: int | None
    """What it would cost; None when that is not known without reading it."""
    place: tuple[str, int, int] = ("", 0, 0)
    """The path from the root, and the lines from 1 with the last included; 0 and 0 mean all."""
