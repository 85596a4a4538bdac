"""All matches vote for how the line goes on: long, near ones count most.

Weights as measured for this engine: `exp(0.9 (k - kmax)) * exp(scope)` for a match of k tokens,
in this file above the cursor also `1 + 0.7 exp(-distance / 400 tokens)`; an escape mass
`exp(0.9 (1.5 - kmax))` stands for what was never written before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from fimble.engine.embedded.cursor_context import CursorContext, Hypothesis
from fimble.engine.embedded.matching import Match, Scope
from fimble.engine.embedded.rendering import render, speakable
from fimble.engine.embedded.vocabulary import Vocabulary

_LENGTH_RATE = 0.9
_NEARNESS = 0.7
_NEARNESS_TOKENS = 400.0
_ESCAPE_LENGTH = 1.5
_SCOPE_WEIGHT = {
    Scope.BEFORE: exp(0.5),
    Scope.AFTER: exp(0.4),
    Scope.OPEN: exp(0.3),
    Scope.DIRECTORY: exp(0.2),
    Scope.WORKSPACE: 1.0,
}
_MAX_CANDIDATES = 14
_NO_VOTE = 1e-3
"""In place of no votes at all."""


VIEWS = ("any_length", "by_length", "this_file", "recent")
"""Other weights for the votes: all lengths nearly alike; length before all; this file alone; this
file above the cursor, the nearest first. Where they disagree, one weight for all would be wrong
somewhere."""

_ANY_LENGTH_RATE = 0.3
_BY_LENGTH_RATE = 2.0
_RECENT_TOKENS = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One way the line may go on."""

    text: str
    """What would be inserted."""
    tokens: str
    hypothesis: Hypothesis
    share: float
    """The part of all votes, escape included; 0 for a structural copy that nobody voted for."""
    views: Sequence[float] = (0.0,) * len(VIEWS)
    """Its part of the votes when they are weighed otherwise, in the order of `VIEWS`."""
    supporters: Sequence[Match] = ()
    """The matches that voted for it, the heaviest first."""
    copy_rank: int = 0
    """1 to 3 for the best structural copies, else 0."""
    copy_source_offset: int = -1
    copy_agreement: float = 0.0
    """Of the tokens of the copied line's beginning, the part that is equal."""
    copy_substitutions: int = 0
    """How many names were replaced in the copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """The outcome of a vote."""

    candidates: tuple[Candidate, ...]
    """The strongest first."""
    longest: int
    """kmax: the length of the longest match of all."""
    longest_count: int
    """How many matches are that long."""
    escape_share: float


def vote(
    found: Sequence[tuple[Hypothesis, Sequence[Match]]],
    context: CursorContext,
    vocabulary: Vocabulary,
) -> Election:
    """Count the votes of the matches of each hypothesis."""
    longest = max((m.length for _, matches in found for m in matches), default=0)
    total = exp(_LENGTH_RATE * (_ESCAPE_LENGTH - longest))
    escape = total
    ballots: dict[tuple[str, str], list[tuple[float, Match]]] = {}
    readings: dict[str, Hypothesis] = {}
    for hypothesis, matches in found:
        readings[hypothesis.typed] = hypothesis
        for match in matches:
            weight = _weight(match, longest)
            total += weight
            ballots.setdefault((hypothesis.typed, match.rest), []).append((weight, match))
    ranked = sorted(
        ((sum(weight for weight, _ in votes), key) for key, votes in ballots.items()),
        key=lambda entry: -entry[0],
    )
    views = _views(ballots, longest)
    candidates = [
        _candidate(readings[key[0]], ballots[key], weight / total, views[key], context, vocabulary)
        for weight, key in ranked[:_MAX_CANDIDATES]
        if speakable(key[1])
    ]
    return Election(
        candidates=tuple(candidates),
        longest=longest,
        longest_count=sum(m.length == longest for _, ms in found for m in ms),
        escape_share=escape / total,
    )


def _weight(match: Match, longest: int) -> float:
    weight = exp(_LENGTH_RATE * (match.length - longest)) * _SCOPE_WEIGHT[match.scope]
    if match.scope is Scope.BEFORE:
        weight *= 1 + _NEARNESS * exp(-match.distance / _NEARNESS_TOKENS)
    return weight


def _views(
    ballots: Mapping[tuple[str, str], Sequence[tuple[float, Match]]], longest: int
) -> dict[tuple[str, str], tuple[float, ...]]:
    """Count the votes once for each of `VIEWS`."""
    counted: dict[tuple[str, str], tuple[float, float, float, float]] = {}
    for key, votes in ballots.items():
        flat = sharp = own = recent = 0.0
        for weight, match in votes:
            behind = match.length - longest
            flat += exp(_ANY_LENGTH_RATE * behind)
            sharp += exp(_BY_LENGTH_RATE * behind)
            if match.scope is Scope.BEFORE:
                own += weight
                recent += weight * exp(-match.distance / _RECENT_TOKENS)
            elif match.scope is Scope.AFTER:
                own += weight
        counted[key] = (flat, sharp, own, recent)
    totals = [sum(column) + _NO_VOTE for column in zip(*counted.values(), strict=True)]
    return {
        key: tuple(part / total for part, total in zip(parts, totals, strict=True))
        for key, parts in counted.items()
    }


def _candidate(  # noqa: PLR0917 - one private call
    hypothesis: Hypothesis,
    votes: list[tuple[float, Match]],
    share: float,
    views: Sequence[float],
    context: CursorContext,
    vocabulary: Vocabulary,
) -> Candidate:
    votes.sort(key=lambda entry: -entry[0])
    best = votes[0][1]
    blanks = best.text.blanks[best.offset : best.offset + len(best.rest)]
    text = render(
        best.rest,
        blanks,
        vocabulary,
        typed=hypothesis.typed,
        text_before=context.text_before,
    )
    return Candidate(
        text=text,
        tokens=best.rest,
        hypothesis=hypothesis,
        share=share,
        views=views,
        supporters=tuple(match for _, match in votes),
    )
