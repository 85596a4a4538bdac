"""From a place in a document to what is said there: match, vote, copy, rank, gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.features import feature_rows
from fimble.engine.embedded.gate import Decision, decide
from fimble.engine.embedded.matching import Sources, find_matches
from fimble.engine.embedded.ranker import (
    probabilities,
    shipped_beginning_weights,
    shipped_network,
)
from fimble.engine.embedded.structural_copy import StructuralCopy, find_copies
from fimble.engine.embedded.vocabulary import Vocabulary
from fimble.engine.embedded.voting import Candidate, Election, vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """All that could be said at a place."""

    candidates: Sequence[Candidate]
    election: Election


def gather(context: CursorContext, sources: Sources, vocabulary: Vocabulary) -> Pool:
    """Collect the candidates of a place: what matches vote for, and structural copies."""
    found = [(reading, find_matches(reading, sources)) for reading in context.hypotheses]
    election = vote(found, context, vocabulary)
    by_text: dict[str, Candidate] = {}
    for candidate in election.candidates:
        known = by_text.get(candidate.text)
        by_text[candidate.text] = candidate if known is None else _join(known, candidate)
    for number, copy in enumerate(find_copies(context, vocabulary), 1):
        by_text[copy.text] = _with_copy(by_text.get(copy.text), copy, number)
    return Pool(candidates=tuple(by_text.values()), election=election)


def rank(
    pool: Pool, context: CursorContext, vocabulary: Vocabulary
) -> list[tuple[float, Candidate]]:
    """Give each candidate the probability that it is exactly right, the likeliest first."""
    rows = feature_rows(pool.candidates, pool.election, context, vocabulary)
    scored = list(zip(probabilities(rows, shipped_network()), pool.candidates, strict=True))
    scored.sort(key=lambda entry: -entry[0])
    return scored


def suggest(
    context: CursorContext, sources: Sources, vocabulary: Vocabulary, *, threshold: float
) -> Decision | None:
    """Return what may be shown at a place, or None."""
    pool = gather(context, sources, vocabulary)
    scored = rank(pool, context, vocabulary)
    weights = shipped_beginning_weights()
    return decide(scored, pool.election, weights=weights, threshold=threshold)


def _join(one: Candidate, other: Candidate) -> Candidate:
    """Add up two readings that say the same text."""
    return replace(
        one,
        share=one.share + other.share,
        views=tuple(map(float.__add__, one.views, other.views)),
        supporters=(*one.supporters, *other.supporters),
    )


def _with_copy(candidate: Candidate | None, copy: StructuralCopy, number: int) -> Candidate:
    base = candidate or Candidate(text=copy.text, tokens="", hypothesis=copy.hypothesis, share=0.0)
    return replace(
        base,
        copy_rank=number,
        copy_source_offset=copy.offset,
        copy_agreement=copy.agreement,
        copy_substitutions=copy.substitutions,
    )
