"""How likely the beginning of a candidate is right, which is more often than all of it.

A target that nobody proposed may still begin like a candidate does ("sure of the call, unsure of
its last argument"), so the candidates' probabilities alone say too little about beginnings. A
small logistic model on top of them says it; its weights are fitted together with the ranker's.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log1p
from operator import mul

from fimble.engine.embedded.lexer import split_pieces
from fimble.engine.embedded.voting import Candidate, Election

MIN_CHARACTERS = 3
BEGINNING_FEATURES = (
    "bias",
    "logit_mass",
    "logit_share",
    "log_characters",
    "tokens",
    "whole",
    "whole_times_mass",
    "part_of_candidate",
    "nothing_mass",
    "log_escape",
    "match_length",
    "opens_bracket",
    "ends_in_word",
    "unfinished_word",
)

_LIMIT = 1e-3
_LONG = 20.0


def beginnings(
    scored: Sequence[tuple[float, Candidate]], election: Election
) -> list[tuple[str, list[float]]]:
    """Return the beginnings of the likeliest candidate with their figures, the longest first.

    Args:
        scored: Probability and candidate, the likeliest first.
        election: The vote that the candidates come from.
    """
    if not scored:
        return []
    best = scored[0][1]
    nothing = 1 - sum(likelihood for likelihood, _ in scored)
    length = max((match.length for match in best.supporters), default=0)
    found: list[tuple[str, list[float]]] = []
    ends = _ends(best.text)
    for count, end in reversed(list(enumerate(ends, 1))):
        text = best.text[:end]
        whole = end == len(best.text)
        if len(text.strip()) < MIN_CHARACTERS:
            break
        if not whole and _opens_string(text):
            continue
        agreeing = [entry for entry in scored if begins_with(entry[1].text, text)]
        mass = sum(likelihood for likelihood, _ in agreeing)
        share = sum(candidate.share for _, candidate in agreeing)
        row = [
            1.0,
            _logit(mass),
            _logit(share),
            log1p(len(text)),
            count / 10,
            float(whole),
            mass if whole else 0.0,
            count / len(ends),
            nothing,
            log(election.escape_share + 1e-4),
            length / _LONG,
            float(text[-1] in "([{"),
            float(_is_word(text[-1])),
            float(bool(best.hypothesis.typed)),
        ]
        found.append((text, row))
    return found


def likelihood_of(row: Sequence[float], weights: Sequence[float]) -> float:
    """Return the probability that a beginning is right."""
    score = sum(map(mul, row, weights))
    return 1 / (1 + exp(-score)) if score > -_EXTREME else 0.0


_EXTREME = 500.0
"""Below minus this a score's exponential would overflow."""


def begins_with(text: str, beginning: str) -> bool:
    """Whether `text` begins with whole tokens that are `beginning`."""
    if not text.startswith(beginning):
        return False
    follows = text[len(beginning) : len(beginning) + 1]
    return not (_is_word(beginning[-1:]) and _is_word(follows))


def _ends(text: str) -> list[int]:
    """Return the offsets behind each token of `text`."""
    ends: list[int] = []
    at = 0
    for piece in split_pieces(text):
        at = text.index(piece, at) + len(piece)
        ends.append(at)
    return ends


def _logit(part: float) -> float:
    inside = min(max(part, _LIMIT), 1 - _LIMIT)
    return log(inside / (1 - inside))


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()


def _opens_string(text: str) -> bool:
    """Whether a text that was cut ends within quotes that it opened."""
    return any(text.count(quote) % 2 for quote in "\"'`")
