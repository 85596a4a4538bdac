"""What may be shown of the best candidate: only what is likely, long enough and visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fimble.engine.embedded.beginnings import beginnings, likelihood_of
from fimble.engine.embedded.voting import Candidate, Election
from fimble.policy.hidden import hidden_characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A text that passed the gate."""

    text: str
    confidence: float
    """The estimated probability that the line goes on with the text."""
    candidate: Candidate


def decide(
    scored: Sequence[tuple[float, Candidate]],
    election: Election,
    *,
    weights: Sequence[float],
    threshold: float,
) -> Decision | None:
    """Choose the longest beginning of the best candidate that is likely enough.

    Args:
        scored: Probability and candidate, the likeliest first.
        election: The vote that the candidates come from.
        weights: The model of beginnings.
        threshold: The confidence that the shown text must reach.

    Returns:
        What to show, or None for nothing.
    """
    for text, row in beginnings(scored, election):
        likelihood = likelihood_of(row, weights)
        if likelihood >= threshold:
            if next(hidden_characters(text), None) is not None or not text.isprintable():
                return None
            return Decision(text=text, confidence=likelihood, candidate=scored[0][1])
    return None
