"""From candidates to probabilities: a score for each, and "none of them" beside them.

The model is a conditional logit: the probabilities of the candidates and of "none" (whose score
is 0) sum to 1. A candidate's score is linear in its features plus a few rectified units, which
say what no feature says alone. The weights are data, fitted by `bench/embedded_fit.py` on
permissively licensed projects that `ranker_weights.json` names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp
from operator import mul

import msgspec

from fimble.engine.embedded.beginnings import BEGINNING_FEATURES
from fimble.engine.embedded.features import FEATURES

WEIGHTS_FILE = "ranker_weights.json"


class UnitWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rectified unit of the weights file."""

    output: float
    weights: tuple[float, ...]
    """In the order of the file's `features`."""


class RankerWeights(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents of the weights file."""

    provenance: str
    """What the weights were fitted on and how, for people."""
    projects: tuple[str, ...]
    """The projects with their versions and licences."""
    seed: str
    tasks: int
    features: tuple[str, ...]
    """The features of candidates, in the order of the weights."""
    linear: tuple[float, ...]
    units: tuple[UnitWeights, ...]
    beginning_weights: dict[str, float]
    """Of the features of beginnings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Weights in the order of `FEATURES`."""

    linear: Sequence[float]
    units: Sequence[tuple[float, Sequence[float]]] = ()
    """The output's weight and the inputs' weights of each unit."""

    def score(self, row: Sequence[float]) -> float:
        """Return how much speaks for a candidate, against "none"."""
        score = sum(map(mul, row, self.linear))
        for output, weights in self.units:
            inside = sum(map(mul, row, weights))
            if inside > 0:
                score += output * inside
        return score


@cache
def shipped_network() -> Network:
    """Return the weights of candidates that come with the package."""
    shipped = _shipped()
    at = [shipped.features.index(name) for name in FEATURES]
    return Network(
        linear=tuple(shipped.linear[index] for index in at),
        units=tuple(
            (unit.output, tuple(unit.weights[index] for index in at)) for unit in shipped.units
        ),
    )


@cache
def shipped_beginning_weights() -> tuple[float, ...]:
    """Return the weights of beginnings, in the order of `BEGINNING_FEATURES`."""
    weights = _shipped().beginning_weights
    return tuple(weights[name] for name in BEGINNING_FEATURES)


@cache
def _shipped() -> RankerWeights:
    data = files("fimble.engine.embedded").joinpath(WEIGHTS_FILE).read_bytes()
    return msgspec.json.decode(data, type=RankerWeights)


def probabilities(rows: Sequence[Sequence[float]], network: Network) -> list[float]:
    """Return the probability that each candidate is the one; what is missing to 1 is "none"."""
    if not rows:
        return []
    scores = [network.score(row) for row in rows]
    highest = max(0.0, *scores)
    masses = [exp(score - highest) for score in scores]
    total = sum(masses) + exp(-highest)
    return [mass / total for mass in masses]
