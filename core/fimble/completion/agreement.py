"""Whether what the user types is what a running stream says."""

from __future__ import annotations

from dataclasses import dataclass

from fimble.completion.surroundings import Surroundings
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

_CLOSED_BY = {"(": ")", "[": "]", "{": "}", "<": ">", '"': '"', "'": "'", "`": "`"}

_MAX_AUTO_CLOSED = 3
"""Closing characters that an editor may have added behind the typed ones."""

_MOST_AHEAD = 24
"""Characters that may be typed ahead of a stream: some five words' worth of tokens.

What was typed while the prompt is read makes that reading no less useful, since the next prompt
goes on from it; but that a model says exactly this much by itself has become unlikely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamStart:
    """Where a stream's text begins in its document."""

    uri: str
    start: Position
    before: str
    """The line's text before the start: as long as it stands, the start has not moved."""
    lead: str = ""
    """Text that counts as said already: the suggestion that a prefetch continues."""
    said: str = ""
    """The end of the prompt that counts as the beginning of what this stream says."""
    left_out: str = ""
    """The end of the document's text that the prompt leaves to the model to write again."""

    @classmethod
    def at(
        cls, around: Surroundings, lead: str = "", *, said: str = "", left_out: str = ""
    ) -> StreamStart:
        """Begin at the cursor of `around`."""
        return cls(
            uri=around.snapshot.uri,
            start=around.cursor,
            before=around.before,
            lead=lead,
            said=said,
            left_out=left_out,
        )

    def typed_until(self, snapshot: Snapshot, cursor: Position) -> str | None:
        """Return what was typed at the start, with LF line ends; None when the place is gone."""
        if (
            snapshot.uri != self.uri
            or cursor < self.start
            or self.start.line >= snapshot.line_count
        ):
            return None
        if snapshot.line(self.start.line)[: self.start.character] != self.before:
            return None
        return snapshot.slice(Range(self.start, cursor)).replace("\r\n", "\n")


def can_catch_up(said: str, typed: str, *, one_line: bool) -> bool:
    """Whether a stream is worth waiting for that has said only the beginning of `typed`.

    Args:
        said: What has come, often nothing yet.
        typed: What stands at the stream's start; it agrees with `said`.
        one_line: Whether the stream ends with its line.
    """
    ahead = typed[len(said) :]
    return len(ahead) <= _MOST_AHEAD and not (one_line and "\n" in ahead)


def agrees(said: str, typed: str) -> bool:
    """Whether the shorter of both texts begins the longer one.

    An editor that closes brackets and quotes by itself puts the closing one behind what was
    typed; such a pair at the end of `typed` is allowed for, a closing character alone is not.
    """
    if said.startswith(typed) or typed.startswith(said):
        return True
    for extra in range(1, min(_MAX_AUTO_CLOSED, len(typed) // 2) + 1):
        opened, closed = typed[-2 * extra : -extra], typed[-extra:]
        if "".join(_CLOSED_BY.get(c, "") for c in reversed(opened)) != closed:
            continue
        if said.startswith(typed[:-extra]):
            return True
    return False
