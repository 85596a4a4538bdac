"""From a place in a document to what is said there: match, vote, rank, gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.gate import Decision, decide
from fimble.engine.embedded.matching import Sources, find_matches
from fimble.engine.embedded.vocabulary import Vocabulary
from fimble.engine.embedded.voting import Candidate, Election, vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """All that could be said, each with its probability of being right."""

    election: Election
    scored: Sequence[tuple[float, Candidate]]
    """The likeliest first."""


def rank(context: CursorContext, sources: Sources, vocabulary: Vocabulary) -> Ranking:
    """Find and rank the candidates of a place."""
    found = [(reading, find_matches(reading, sources)) for reading in context.hypotheses]
    election = vote(found, context, vocabulary)
    scored = [(candidate.share, candidate) for candidate in election.candidates]
    scored.sort(key=lambda entry: -entry[0])
    return Ranking(election=election, scored=scored)


def suggest(
    context: CursorContext, sources: Sources, vocabulary: Vocabulary, *, threshold: float
) -> Decision | None:
    """Return what may be shown at a place, or None."""
    return decide(rank(context, sources, vocabulary).scored, threshold=threshold)
