"""The code is over when the model closes its fence, turns to the reader, or ends its turn."""

from __future__ import annotations

from fimble.completion.stops.generated import Cut, Generated
from fimble.completion.wrapping import is_fence, is_prose


def stop_at_fence(seen: Generated) -> Cut | None:
    """A Markdown fence ends the code in every language but Markdown."""
    if not seen.code or not is_fence(seen.newest.text):
        return None
    return seen.cut_before(seen.newest, "the fence was closed")


def stop_at_prose(seen: Generated) -> Cut | None:
    """A sentence to the reader is not code."""
    if not seen.code or seen.is_first_line or not is_prose(seen.newest.text):
        return None
    return seen.cut_before(seen.newest, "the model turned to the reader")
