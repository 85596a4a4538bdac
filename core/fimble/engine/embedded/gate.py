"""What may be shown of the best candidate: only what is likely, useful and visible.

The candidates' probabilities are added up over what they have in common: the longest beginning
that reaches the threshold is shown, so that "sure of the call, unsure of its last argument" shows
the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fimble.engine.embedded.lexer import split_pieces
from fimble.engine.embedded.voting import Candidate
from fimble.policy.hidden import hidden_characters

MIN_CHARACTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A text that passed the gate."""

    text: str
    confidence: float
    """The estimated probability that the text is the beginning of what comes."""
    candidate: Candidate
    whole: bool
    """Whether it is all of the candidate."""


def decide(scored: Sequence[tuple[float, Candidate]], *, threshold: float) -> Decision | None:
    """Choose what to show of candidates that come with their probabilities; None for nothing.

    Args:
        scored: Probability and candidate, in any order; the probabilities sum to at most 1.
        threshold: The confidence that the shown text must reach.
    """
    if not scored:
        return None
    _, best = max(scored, key=lambda entry: entry[0])
    ends = _ends(best.text)
    for end in reversed(ends):
        text = best.text[:end].rstrip(" ")
        if len(text.strip()) < MIN_CHARACTERS:
            return None
        mass = sum(p for p, candidate in scored if _begins(candidate.text, text))
        if mass >= threshold:
            if next(hidden_characters(text), None) is not None or not text.isprintable():
                return None
            whole = len(text) == len(best.text)
            return Decision(text=text, confidence=min(mass, 1.0), candidate=best, whole=whole)
    return None


def _ends(text: str) -> list[int]:
    """Return the offsets behind each token of `text`."""
    ends: list[int] = []
    at = 0
    for piece in split_pieces(text):
        at = text.index(piece, at) + len(piece)
        ends.append(at)
    return ends


def _begins(text: str, beginning: str) -> bool:
    """Whether `text` begins with whole tokens that are `beginning`."""
    if not text.startswith(beginning):
        return False
    follows = text[len(beginning) : len(beginning) + 1]
    return not (_is_word(beginning[-1:]) and _is_word(follows))


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()
