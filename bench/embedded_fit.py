"""Fit the embedded engine's ranker: `python bench/embedded_fit.py` does all of it.

It fetches released sources (`embedded_projects.FITTED_ON`), draws hole tasks from them, collects
the engine's candidates, and fits a conditional logit by mini-batches (Adam; Kingma and Ba 2015).
The projects that `embedded.py` reports on are none of these. The result is written into the
package as data; the same seed on the same sources gives the same weights.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log, sqrt
from operator import mul
from pathlib import Path
from typing import NamedTuple

import fimble.engine.embedded as package
from embedded_projects import FITTED_ON
from embedded_trial import indexed, trials
from fimble.engine.embedded.beginnings import (
    BEGINNING_FEATURES,
    beginnings,
    begins_with,
    likelihood_of,
)
from fimble.engine.embedded.document_tokens import TokenRun
from fimble.engine.embedded.features import FEATURES, feature_rows
from fimble.engine.embedded.ranker import WEIGHTS_FILE, probabilities
from fimble.engine.embedded.voting import Candidate, Election
from hole_tasks import Kind, draw_tasks
from source_trees import fetch

_LEARNING_RATE = 0.02
_DECAY = 1e-4
_BATCH = 64
_BEGINNING_EPOCHS = 6
_NO_TEXT = TokenRun([], [], [], 0)
_MOMENTUM, _SCALE, _TINY = 0.9, 0.999, 1e-8


class Descent:
    """Adam's moving averages over one set of weights."""

    def __init__(self, size: int) -> None:
        self.weights = [0.0] * size
        self._mean = [0.0] * size
        self._square = [0.0] * size
        self._steps = 0

    def step(self, slope: Sequence[float], rate: float) -> None:
        """Go one step down."""
        self._steps += 1
        correction = sqrt(1 - _SCALE**self._steps) / (1 - _MOMENTUM**self._steps)
        for index, value in enumerate(slope):
            self._mean[index] += (1 - _MOMENTUM) * (value - self._mean[index])
            self._square[index] += (1 - _SCALE) * (value * value - self._square[index])
            move = self._mean[index] / (sqrt(self._square[index]) + _TINY)
            self.weights[index] -= rate * (correction * move + _DECAY * self.weights[index])


class Example(NamedTuple):
    """The candidates of a task, and which of them is right."""

    rows: list[list[float]]
    right: int
    """-1 when none is."""
    candidates: Sequence[Candidate]
    election: Election
    target: str


def examples(root: Path, *, seed: str, tasks: int) -> Iterator[Example]:
    """Collect examples from one tree; a third of them without the text below the cursor."""
    engine, _ = indexed(root)
    counts = {
        Kind.LINE: tasks * 7 // 10,
        Kind.MIDDLE: tasks * 2 // 10,
        Kind.END: tasks // 10,
    }
    drawn = draw_tasks(root, seed=seed, counts=counts)
    chance = random.Random(seed)
    append_only = [task for task in drawn if chance.random() < 1 / 3]
    full = [task for task in drawn if task not in append_only]
    for group, is_append in ((full, False), (append_only, True)):
        for trial in trials(engine, group, append_only=is_append):
            if trial.pool is None or trial.context is None or not trial.pool.candidates:
                continue
            candidates = trial.pool.candidates
            rows = feature_rows(candidates, trial.pool.election, trial.context, engine.vocabulary)
            texts = [candidate.text.strip() for candidate in candidates]
            target = trial.task.target.strip()
            right = texts.index(target) if target in texts else -1
            lean = [_lean(candidate) for candidate in candidates]
            yield Example(rows, right, lean, trial.pool.election, target)


def _lean(candidate: Candidate) -> Candidate:
    """Let go of the documents that a candidate's matches hold."""
    longest = sorted(candidate.supporters, key=lambda match: -match.length)[:1]
    kept = [match._replace(text=_NO_TEXT) for match in longest]
    return replace(candidate, supporters=kept)


def loss(data: Sequence[Example], weights: Sequence[float]) -> float:
    """Return the mean negative log-likelihood."""
    total = 0.0
    for example in data:
        found = probabilities(example.rows, weights)
        right = found[example.right] if example.right >= 0 else 1 - sum(found)
        total -= log(max(right, 1e-9))
    return total / len(data)


def fit(data: list[Example], *, seed: str, epochs: int) -> list[float]:
    """Return the weights that make the right candidates likely."""
    chance = random.Random(seed)
    descent = Descent(len(FEATURES))
    for epoch in range(epochs):
        chance.shuffle(data)
        for start in range(0, len(data), _BATCH):
            slope = _gradient(data[start : start + _BATCH], descent.weights)
            descent.step(slope, _LEARNING_RATE * (1 - epoch / epochs))
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {loss(data, descent.weights):.4f}", flush=True)
    return descent.weights


def beginning_examples(
    data: Sequence[Example], weights: Sequence[float]
) -> Iterator[tuple[list[float], bool]]:
    """Return the figures of every beginning of the best candidates, and whether it is right."""
    for example in data:
        found = zip(probabilities(example.rows, weights), example.candidates, strict=True)
        scored = sorted(found, key=lambda entry: -entry[0])
        for text, row in beginnings(scored, example.election):
            yield row, begins_with(example.target, text.strip())


def fit_beginnings(data: list[tuple[list[float], bool]], *, seed: str, epochs: int) -> list[float]:
    """Return the weights of the logistic model of beginnings."""
    chance = random.Random(seed)
    descent = Descent(len(BEGINNING_FEATURES))
    for epoch in range(epochs):
        chance.shuffle(data)
        for start in range(0, len(data), _BATCH):
            batch = data[start : start + _BATCH]
            slope = [0.0] * len(BEGINNING_FEATURES)
            for row, right in batch:
                error = (likelihood_of(row, descent.weights) - right) / len(batch)
                slope = list(map(float.__add__, slope, map(mul, row, [error] * len(row))))
            descent.step(slope, _LEARNING_RATE * (1 - epoch / epochs))
    return descent.weights


def _gradient(batch: Sequence[Example], weights: Sequence[float]) -> list[float]:
    slope = [0.0] * len(weights)
    for example in batch:
        found = probabilities(example.rows, weights)
        for index, (row, likelihood) in enumerate(zip(example.rows, found, strict=True)):
            error = (likelihood - (index == example.right)) / len(batch)
            if abs(error) > 1e-7:
                slope = list(map(float.__add__, slope, map(mul, row, [error] * len(row))))
    return slope


def _named(names: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    return {name: round(weight, 4) for name, weight in zip(names, weights, strict=True)}


def main() -> None:
    """Fetch, collect, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=Path, default=Path.home() / ".cache" / "fimble-bench")
    parser.add_argument("--tasks", type=int, default=700, help="for each project")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", default="fit1")
    parser.add_argument("--out", type=Path, default=Path(package.__path__[0]) / WEIGHTS_FILE)
    options = parser.parse_args()
    data: list[Example] = []
    for root in fetch(FITTED_ON, options.sources):
        found = list(examples(root, seed=options.seed, tasks=options.tasks))
        right = sum(example.right >= 0 for example in found)
        print(
            f"{root.name}: {len(found)} examples, {right} with the target in the pool", flush=True
        )
        data += found
    weights = fit(data, seed=options.seed, epochs=options.epochs)
    rows = list(beginning_examples(data, weights))
    beginning_weights = fit_beginnings(rows, seed=options.seed, epochs=_BEGINNING_EPOCHS)
    written = {
        "provenance": (
            "A conditional logit over candidates and a logistic model of their beginnings, fitted "
            "by bench/embedded_fit.py on hole tasks drawn from the released sources of these "
            "projects; the weights hold no text of theirs."
        ),
        "projects": [
            f"{project.requirement} ({project.licence}, {project.registry})"
            for project in FITTED_ON
        ],
        "seed": options.seed,
        "tasks": len(data),
        "weights": _named(FEATURES, weights),
        "beginning_weights": _named(BEGINNING_FEATURES, beginning_weights),
    }
    options.out.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {options.out}: final loss {loss(data, weights):.4f}")


if __name__ == "__main__":
    main()
