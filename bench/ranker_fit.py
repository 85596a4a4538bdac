"""Fits the ranker's network: a conditional logit with rectified units, by Adam.

Kingma and Ba 2015, with decoupled weight decay (Loshchilov and Hutter 2019) against learning the
projects by heart. The features are scaled while it is fitted; what is returned takes them as they
are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_BATCH = 128
_MOMENTUM, _SCALE, _TINY = 0.9, 0.999, 1e-8
_NOBODY = -1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long and how carefully to fit."""

    units: int = 16
    epochs: int = 14
    rate: float = 0.004
    decay: float = 0.03
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Weights for features as they are; the first feature is the constant 1."""

    linear: Array
    outputs: Array
    hidden: Array
    """One row of weights for each unit."""

    def probabilities(self, rows: Array) -> Array:
        """Return the probability of each candidate of one task."""
        inside = np.maximum(rows @ self.hidden.T, 0)
        scores = rows @ self.linear + inside @ self.outputs
        highest = max(0.0, float(scores.max()))
        masses = np.exp(scores - highest)
        return masses / (masses.sum() + np.exp(-highest))


def fit(tasks: Sequence[Array], right: Sequence[int], schedule: Schedule) -> Fitted:
    """Fit the network to tasks with one row for each candidate; -1 where none is right."""
    rows, there = _padded(tasks)
    mean, deviation = _scaling(rows, there)
    rows = (rows - mean) / deviation * there[:, :, None]
    wanted = np.asarray(right)
    chance = np.random.default_rng(schedule.seed)
    width = rows.shape[2]
    weights: list[Array] = [
        np.zeros(width, np.float32),
        chance.normal(0, 0.1, schedule.units).astype(np.float32),
        chance.normal(0, width**-0.5, (schedule.units, width)).astype(np.float32),
    ]
    means = [np.zeros_like(each) for each in weights]
    squares = [np.zeros_like(each) for each in weights]
    step = 0
    for epoch in range(schedule.epochs):
        order = chance.permutation(len(rows))
        rate = schedule.rate * (1 - epoch / schedule.epochs)
        for start in range(0, len(rows), _BATCH):
            batch = order[start : start + _BATCH]
            slopes = _slopes(weights, rows[batch], there[batch], wanted[batch])
            step += 1
            for index, slope in enumerate(slopes):
                means[index] += (1 - _MOMENTUM) * (slope - means[index])
                squares[index] += (1 - _SCALE) * (slope**2 - squares[index])
                move = means[index] / (1 - _MOMENTUM**step)
                move /= np.sqrt(squares[index] / (1 - _SCALE**step)) + _TINY
                weights[index] -= rate * (move + schedule.decay * weights[index])
    return _unscaled(weights, mean, deviation)


def _padded(tasks: Sequence[Array]) -> tuple[Array, NDArray[np.bool_]]:
    most = max(len(task) for task in tasks)
    rows = np.zeros((len(tasks), most, tasks[0].shape[1]), np.float32)
    there = np.zeros((len(tasks), most), np.bool_)
    for index, task in enumerate(tasks):
        rows[index, : len(task)] = task
        there[index, : len(task)] = True
    return rows, there


def _scaling(rows: Array, there: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return mean and deviation of each feature; the constant stays as it is."""
    real = rows[there]
    mean, deviation = real.mean(0), real.std(0) + 1e-6
    mean[0], deviation[0] = 0, 1
    return mean, deviation


def _slopes(
    weights: Sequence[Array], rows: Array, there: NDArray[np.bool_], right: NDArray[np.int_]
) -> tuple[Array, Array, Array]:
    linear, outputs, hidden = weights
    inside = np.maximum(rows @ hidden.T, 0)
    scores = np.where(there, rows @ linear + inside @ outputs, _NOBODY)
    highest = np.maximum(scores.max(1), 0)
    masses = np.exp(scores - highest[:, None]) * there
    error = masses / (masses.sum(1) + np.exp(-highest))[:, None]
    known = np.flatnonzero(right >= 0)
    error[known, right[known]] -= 1
    error = (error / len(rows)).astype(np.float32)
    back = error[:, :, None] * outputs * (inside > 0)
    return (
        np.einsum("nk,nkf->f", error, rows),
        np.einsum("nk,nkh->h", error, inside),
        np.einsum("nkh,nkf->hf", back, rows),
    )


def _unscaled(weights: Sequence[Array], mean: Array, deviation: Array) -> Fitted:
    linear, outputs, hidden = (each.copy() for each in weights)
    linear /= deviation
    hidden /= deviation
    linear[0] -= float(linear[1:] @ mean[1:])
    hidden[:, 0] -= hidden[:, 1:] @ mean[1:]
    return Fitted(linear=linear, outputs=outputs, hidden=hidden)
