"""Whether an edit is a suggestion being accepted, and how much of it is still there later.

LSP has no word for acceptance that every editor sends, so it is read off the text: accepting
inserts several characters of the suggestion at once, at the place where it was shown; typing
inserts one. Nothing here is ever sent anywhere; it feeds `fimble stats`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fimble.text.edit import ByteEdit
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

_LEAST_ACCEPTED = 2
"""Characters inserted at once that count as accepting; a single one is typing."""

_LINES_AROUND = 40
"""How far an accepted text may have moved when it is looked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSuggestion:
    """A suggestion as it stands on the screen."""

    uri: str
    at: Position
    text: str
    engine: str

    def without(self, beginning: str, *, at: Position) -> ShownSuggestion:
        """Return what is left on show at `at` when the beginning stands in the document."""
        return replace(self, at=at, text=self.text[len(beginning) :])


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A suggestion, or its beginning, that was taken over."""

    shown: ShownSuggestion
    text: str
    whole: bool
    """Whether all of it was taken, not only a word or a line."""


def accepted_by(
    shown: ShownSuggestion, snapshot: Snapshot, edit: ByteEdit | None
) -> Accepted | None:
    """Return what `edit`, which led to `snapshot`, took over of `shown`; None when it did not."""
    inserted = _inserted(shown, snapshot, edit)
    if len(inserted) < _LEAST_ACCEPTED:
        return None
    return Accepted(shown=shown, text=inserted, whole=inserted == shown.text)


def left_on_show(
    shown: ShownSuggestion, snapshot: Snapshot, edit: ByteEdit | None
) -> ShownSuggestion:
    """Return what editors still show after an edit that typed or took the beginning of `shown`.

    Any other edit leaves it as it was; what comes of that is the next request's affair.
    """
    inserted = _inserted(shown, snapshot, edit)
    if edit is None or not inserted:
        return shown
    return shown.without(inserted, at=snapshot.position_at_byte(edit.new_end_byte))


def _inserted(shown: ShownSuggestion, snapshot: Snapshot, edit: ByteEdit | None) -> str:
    """Return the beginning of `shown` that `edit` put into the document; empty for none."""
    if edit is None or snapshot.uri != shown.uri:
        return ""
    start = snapshot.position_at_byte(edit.start_byte)
    end = snapshot.position_at_byte(edit.new_end_byte)
    if start > shown.at or end <= shown.at:
        return ""
    inserted = snapshot.slice(Range(max(start, shown.at), end))
    return inserted if shown.text.startswith(inserted) else ""


def kept_characters(accepted: Accepted, snapshot: Snapshot) -> int:
    """Count the characters of an accepted text that still stand near its place, line by line."""
    first = max(0, accepted.shown.at.line - _LINES_AROUND)
    last = min(snapshot.line_count, accepted.shown.at.line + _LINES_AROUND)
    around = [snapshot.line(line) for line in range(first, last)]
    kept = 0
    for piece in accepted.text.splitlines():
        wanted = piece.strip()
        if wanted and any(wanted in line for line in around):
            kept += len(wanted)
    return kept


def countable(text: str) -> int:
    """Count the characters of a text as `kept_characters` does, if all of it is kept."""
    return sum(len(line.strip()) for line in text.splitlines())
