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
from math import log, sqrt
from operator import mul
from pathlib import Path
from typing import NamedTuple

import fimble.engine.embedded as package
from embedded_projects import FITTED_ON
from embedded_trial import indexed, trials
from fimble.engine.embedded.features import FEATURES, feature_rows
from fimble.engine.embedded.ranker import WEIGHTS_FILE, probabilities
from hole_tasks import Kind, draw_tasks
from source_trees import fetch

_LEARNING_RATE = 0.02
_DECAY = 1e-4
_BATCH = 64
_MOMENTUM, _SCALE, _TINY = 0.9, 0.999, 1e-8


class Example(NamedTuple):
    """The candidates of a task, and which of them is right."""

    rows: list[list[float]]
    right: int
    """-1 when none is."""


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
            yield Example(rows, texts.index(target) if target in texts else -1)


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
    weights = [0.0] * len(FEATURES)
    mean, square = weights[:], weights[:]
    step = 0
    for epoch in range(epochs):
        chance.shuffle(data)
        rate = _LEARNING_RATE * (1 - epoch / epochs)
        for start in range(0, len(data), _BATCH):
            step += 1
            slope = _gradient(data[start : start + _BATCH], weights)
            correction = sqrt(1 - _SCALE**step) / (1 - _MOMENTUM**step)
            for index, value in enumerate(slope):
                mean[index] += (1 - _MOMENTUM) * (value - mean[index])
                square[index] += (1 - _SCALE) * (value * value - square[index])
                move = mean[index] / (sqrt(square[index]) + _TINY)
                weights[index] -= rate * (correction * move + _DECAY * weights[index])
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {loss(data, weights):.4f}", flush=True)
    return weights


def _gradient(batch: Sequence[Example], weights: Sequence[float]) -> list[float]:
    slope = [0.0] * len(weights)
    for example in batch:
        found = probabilities(example.rows, weights)
        for index, (row, likelihood) in enumerate(zip(example.rows, found, strict=True)):
            error = (likelihood - (index == example.right)) / len(batch)
            if abs(error) > 1e-7:
                slope = list(map(float.__add__, slope, map(mul, row, [error] * len(row))))
    return slope


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
    written = {
        "provenance": (
            "Conditional logit fitted by bench/embedded_fit.py on hole tasks drawn from the "
            "released sources of these projects; the weights hold no text of theirs."
        ),
        "projects": [
            f"{project.requirement} ({project.licence}, {project.registry})"
            for project in FITTED_ON
        ],
        "seed": options.seed,
        "tasks": len(data),
        "weights": dict(zip(FEATURES, (round(weight, 4) for weight in weights), strict=True)),
    }
    options.out.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {options.out}: final loss {loss(data, weights):.4f}")


if __name__ == "__main__":
    main()
