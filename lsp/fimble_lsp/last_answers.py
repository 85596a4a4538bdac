"""How the last completion came about, kept in memory for whoever asks why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fimble.completion.trail import DecisionTrail
    from fimble.engine.protocol import Hole


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer to an editor's request."""

    uri: str
    line: int
    """Of the cursor, counted from 1."""
    column: int
    """Of the cursor in code points, counted from 1."""
    why: DecisionTrail


class LastAnswers:
    """Keeps two: the last answer, and the last for which a prompt went out."""

    def __init__(self) -> None:
        self.last: Answered | None = None
        """The last answer, shown or not."""
        self.asked: Answered | None = None
        """The last one for which an engine was sent a prompt; may be the same."""

    def keep(self, hole: Hole, why: DecisionTrail) -> None:
        """Take an answer; one that was given up for a later key says nothing of interest."""
        if why.decision.startswith("superseded"):
            return
        place = Answered(
            uri=hole.snapshot.uri,
            line=hole.cursor.line + 1,
            column=hole.cursor.character + 1,
            why=why,
        )
        self.last = place
        if why.prompt:
            self.asked = place
