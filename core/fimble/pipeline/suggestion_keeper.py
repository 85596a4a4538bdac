"""From what a stream said to what can be shown, now and at every later key."""

from __future__ import annotations

from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.postprocess import RULES, apply_rules
from fimble.completion.reuse import End, ReuseHit, StoredSuggestion, SuggestionCache, surroundings
from fimble.completion.stopping import SAID_ALL
from fimble.completion.surroundings import Extent
from fimble.completion.trail import DecisionTrail
from fimble.engine.protocol import Hole
from fimble.pipeline.generation import Generation
from fimble.pipeline.result import CompletionResult, Suggestion
from fimble.text.position import Position, Range


class SuggestionKeeper:
    """Runs the post-processing rules over a stream's text and keeps the outcome for reuse."""

    def __init__(self, *, min_mean_logprob: float | None = None) -> None:
        self._cache = SuggestionCache()
        self._min_mean_logprob = min_mean_logprob

    def keep(self, generation: Generation) -> None:
        """Store what a generation that has ended has to show, or that it has nothing."""
        outcome = self._process(generation, generation.kept, partial=False)
        if isinstance(outcome, Draft):
            self._store(generation, outcome)
        else:
            generation.trail.decision = f"dropped: {outcome.reason}"
            self._store(generation, Draft(text=""), nothing=generation.trail.decision)

    def keep_unit(self, generation: Generation, end: int) -> bool:
        """Store the units of a running generation up to an offset; False if a rule drops them."""
        outcome = self._process(generation, generation.text[:end], partial=True)
        if isinstance(outcome, Dropped):
            return False
        self._store(generation, outcome, complete=False)
        return True

    def _process(self, generation: Generation, text: str, *, partial: bool) -> Draft | Dropped:
        statistics = generation.statistics
        place = Place(
            around=generation.around,
            extent=generation.plan.extent,
            partial=partial,
            truncated=generation.cut is None
            and statistics is not None
            and statistics.finish == "length",
            logprobs=generation.logprobs_until(len(text)),
            min_mean_logprob=self._min_mean_logprob,
        )
        outcome, effects = apply_rules(Draft(text=text), place, RULES)
        _note(generation, generation.trail)
        generation.trail.rules = list(effects)
        return outcome

    def _store(
        self, generation: Generation, draft: Draft, *, complete: bool = True, nothing: str = ""
    ) -> None:
        around = generation.around
        before, after = surroundings(around.snapshot, around.cursor)
        end = _end(generation, draft) if complete else "open"
        self._cache.store(
            StoredSuggestion(
                uri=around.snapshot.uri,
                before=before,
                after=after,
                text=draft.text.replace("\n", around.line_ending),
                replaced=around.rest[: draft.replaced_characters],
                complete=complete,
                engine=generation.engine_name,
                nothing=nothing,
                end=end,
                beyond=_beyond(generation, draft, end),
            )
        )

    def find(self, hole: Hole) -> ReuseHit | None:
        """Return what is already known for a place."""
        return self._cache.find(hole.snapshot, hole.cursor)

    def used_up(self, hole: Hole) -> StoredSuggestion | None:
        """Return the suggestion that has been typed or taken over to its end here, if one has."""
        return self._cache.used_up(hole.snapshot, hole.cursor)

    def is_partial(self, hole: Hole) -> bool:
        """Whether more of the suggestion for a place is still to come."""
        hit = self._cache.find(hole.snapshot, hole.cursor)
        return hit is not None and not hit.complete

    def forget(self, uri: str) -> None:
        """Drop what was kept for a closed document."""
        self._cache.forget(uri)

    def clear(self) -> None:
        """Drop everything: another model or engine answers from now on."""
        self._cache.clear()


def _end(generation: Generation, draft: Draft) -> End:
    """Return how the model came to the end of what is shown of its answer."""
    is_line, cut, statistics = (
        generation.plan.extent is Extent.LINE,
        generation.cut,
        generation.statistics,
    )
    if cut is not None and cut.rule in SAID_ALL:
        return "answer"
    ended = statistics is not None and statistics.finish == "stop" if cut is None else is_line
    if not generation.prompt or not ended or draft.text.strip() != generation.kept.strip():
        return "open"
    return "line" if is_line else "answer"


def _beyond(generation: Generation, draft: Draft, end: End) -> str:
    """Return what the model has said behind what is shown of its answer."""
    if end == "line":
        return "\n"
    said_all = draft.text and generation.text.startswith(draft.text) and end == "open"
    return generation.text[len(draft.text) :] if said_all else ""


def shown(hole: Hole, hit: ReuseHit, trail: DecisionTrail) -> CompletionResult:
    """Make the answer to a request out of a hit; an empty one is an empty answer."""
    if not hit.text:
        trail.decision = trail.decision or hit.nothing
        return CompletionResult(items=(), why=trail)
    trail.decision = "shown"
    line, character = hole.cursor
    end = Position(line, character + len(hit.replaced))
    item = Suggestion(text=hit.text, replace=Range(hole.cursor, end), engine=hit.engine)
    return CompletionResult(items=(item,), why=trail)


def without_item(generation: Generation, trail: DecisionTrail) -> CompletionResult:
    """Say why a stream that has ended gives nothing for a place."""
    if generation.error is not None:
        trail.decision = f"failed: {generation.error}"
    elif generation.cancelled:
        trail.decision = "superseded: the text went another way"
    else:
        generation.raise_defect()
        trail.decision = trail.decision or "nothing to show"
    return CompletionResult(items=(), why=trail)


def nothing(decision: str, *, waited_s: float = 0.0) -> CompletionResult:
    """Answer with nothing, and say why."""
    return CompletionResult(items=(), why=DecisionTrail(decision=decision, waited_s=waited_s))


def _note(generation: Generation, trail: DecisionTrail) -> None:
    trail.stop = generation.cut.reason if generation.cut is not None else ""
    if generation.first_token_at is not None:
        trail.first_token_s = generation.first_token_at - generation.started_at
    trail.generated_tokens = generation.generated_tokens
    if generation.statistics is not None:
        trail.prompt_tokens = generation.statistics.prompt_tokens
        trail.evaluated_seconds = generation.statistics.prompt_eval_s
