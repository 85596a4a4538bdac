"""What the pipeline hands to an editor or a terminal."""

from __future__ import annotations

from dataclasses import dataclass

from fimble.completion.trail import DecisionTrail
from fimble.text.position import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """Text for one place of one version of one document."""

    text: str
    """What to insert, with the document's own line endings."""
    replace: Range
    """What it stands in for; empty at the cursor unless auto-closed brackets follow."""
    engine: str
    is_draft: bool = False
    """Whether it only stands in until the model has answered; the editor asks again at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionResult:
    """The answer to one request, shown or not, and why."""

    items: tuple[Suggestion, ...]
    why: DecisionTrail
