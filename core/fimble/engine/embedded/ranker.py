"""From candidates to probabilities: a linear score for each, and "none of them" beside them.

The model is a conditional logit: the probabilities of the candidates and of "none" (whose score
is 0) sum to 1. Its weights are data, fitted by `bench/embedded_fit.py` on permissively licensed
projects that `ranker_weights.json` names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from math import exp
from operator import mul

import msgspec

from fimble.engine.embedded.beginnings import BEGINNING_FEATURES
from fimble.engine.embedded.features import FEATURES

WEIGHTS_FILE = "ranker_weights.json"


class RankerWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of the weights file."""

    provenance: str
    """What the weights were fitted on and how, for people."""
    projects: tuple[str, ...]
    """The projects with their versions and licences."""
    seed: str
    tasks: int
    weights: dict[str, float]
    """Of the features of candidates."""
    beginning_weights: dict[str, float]
    """Of the features of beginnings."""


@cache
def shipped_weights() -> tuple[float, ...]:
    """Return the weights of candidates that come with the package, in the order of `FEATURES`."""
    weights = _shipped().weights
    return tuple(weights[name] for name in FEATURES)


@cache
def shipped_beginning_weights() -> tuple[float, ...]:
    """Return the weights of beginnings, in the order of `BEGINNING_FEATURES`."""
    weights = _shipped().beginning_weights
    return tuple(weights[name] for name in BEGINNING_FEATURES)


@cache
def _shipped() -> RankerWeights:
    data = files("fimble.engine.embedded").joinpath(WEIGHTS_FILE).read_bytes()
    return msgspec.json.decode(data, type=RankerWeights)


def probabilities(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> list[float]:
    """Return the probability that each candidate is the one; what is missing to 1 is "none"."""
    if not rows:
        return []
    scores = [sum(map(mul, row, weights)) for row in rows]
    highest = max(0.0, *scores)
    masses = [exp(score - highest) for score in scores]
    total = sum(masses) + exp(-highest)
    return [mass / total for mass in masses]
