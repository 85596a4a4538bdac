"""A line of the workspace's own words, on show while the model has not answered yet.

A draft answers an editor's request at once, and that request alone: the editor asks again for the
same place, and that second request is the ordinary one, with the ordinary pause, which the editor
takes back as it does any other. So a draft asks no model, is in no prompt and outlives no key: what
goes to the server is what would go without it. Only for editors that say they ask again.
"""

from __future__ import annotations

from collections.abc import Callable

from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.postprocess import RULES, apply_rules
from fimble.completion.reuse import StoredSuggestion, SuggestionCache, surroundings
from fimble.completion.surroundings import Extent, Surroundings
from fimble.completion.trail import DecisionTrail
from fimble.engine.embedded.suggestion import Explanation
from fimble.engine.protocol import Hole
from fimble.pipeline.result import CompletionResult, Suggestion
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

_ENGINE = "embedded"
_REMEMBERED = 8
"""Drafts that may be typed through; all but the last few are of other places."""

Propose = Callable[[Hole], Explanation | None]
"""Says at once how a line goes on, or nothing."""

_LocateHole = Callable[[], Surroundings | None]


class FirstDrafts:
    """Drafts for one editor, each shown once for each state of a document."""

    def __init__(self, propose: Propose) -> None:
        self._propose = propose
        self._typed = SuggestionCache(capacity=_REMEMBERED)
        self._sources: dict[str, str] = {}
        self._last: tuple[Snapshot, Position] | None = None

    def at(self, hole: Hole, unanswered: _LocateHole) -> CompletionResult | None:
        """Return a draft for the first request of a place; None for the request after it.

        Args:
            hole: The place.
            unanswered: Returns the surroundings of a place where a model would have to be asked
                for the rest of the line, else None. It is called for first requests only.
        """
        place = (hole.snapshot, hole.cursor)
        if self._last is not None and self._last[0] is place[0] and self._last[1] == place[1]:
            return None
        self._last = None
        around = unanswered()
        if around is None:
            return None
        result = self._begun(hole) or self._new(hole, around)
        if result is not None:
            self._last = place
        return result

    def forget(self, uri: str) -> None:
        """Drop what was shown in a document that was closed."""
        self._typed.forget(uri)

    def _begun(self, hole: Hole) -> CompletionResult | None:
        """Go on showing a draft whose beginning has been typed."""
        hit = self._typed.find(hole.snapshot, hole.cursor)
        if hit is None or not hit.text or hit.typed_characters < 0:
            return None
        return _shown(hole, hit.text, len(hit.replaced), hit.nothing)

    def _new(self, hole: Hole, around: Surroundings) -> CompletionResult | None:
        explanation = self._propose(hole)
        if explanation is None:
            return None
        place = Place(around=around, extent=Extent.LINE)
        outcome, _ = apply_rules(Draft(text=explanation.text), place, RULES)
        if isinstance(outcome, Dropped) or "\n" in outcome.text:
            return None
        source = explanation.sentence()
        before, after = surroundings(hole.snapshot, hole.cursor)
        self._typed.store(
            StoredSuggestion(
                uri=hole.snapshot.uri,
                before=before,
                after=after,
                text=outcome.text,
                replaced=around.rest[: outcome.replaced_characters],
                complete=True,
                engine=_ENGINE,
                nothing=source,
            )
        )
        return _shown(hole, outcome.text, outcome.replaced_characters, source)


def _shown(hole: Hole, text: str, replaced: int, source: str) -> CompletionResult:
    line, character = hole.cursor
    where = Range(hole.cursor, Position(line, character + replaced))
    trail = DecisionTrail(
        decision="shown as a draft, until the model has answered", engine=_ENGINE, source=source
    )
    item = Suggestion(text=text, replace=where, engine=_ENGINE, is_draft=True)
    return CompletionResult(items=(item,), why=trail)
