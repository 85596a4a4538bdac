"""Fit the embedded engine's ranker: `python -m bench.embedded_fit` does all of it.

It fetches released sources (`embedded_projects.RANKER_FITTED_ON`), draws hole tasks from them in
the settings of `bench/embedded.py`, collects the engine's candidates, and fits the ranker and the
model of beginnings; the latter to what rankers say of projects that they were not fitted on, so
that its probabilities hold elsewhere too. The projects that `embedded.py` reports on are none of
these. The result is written into the package as data; the same seed on the same sources and the
same engine gives the same weights.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np

import fimble.engine.embedded as package
from embedded_projects import LARGE, LARGE_PART, RANKER_FITTED_ON
from embedded_trial import Setting, indexed, trials
from fimble.engine.embedded.beginnings import (
    BEGINNING_FEATURES,
    beginnings,
    begins_with,
    likelihood_of,
)
from fimble.engine.embedded.document_tokens import TokenRun
from fimble.engine.embedded.features import FEATURES, feature_rows
from fimble.engine.embedded.ranker import WEIGHTS_FILE
from fimble.engine.embedded.voting import Candidate, Election
from hole_tasks import Kind, draw_tasks
from ranker_fit import Array, Fitted, Schedule, fit
from source_trees import Project, fetch
from time_true import Dependents

_FOLDS = 5
_BEGINNING_EPOCHS = 6
_BEGINNING_RATE = 0.02
_BATCH = 64
_NO_TEXT = TokenRun([], [], [], 0)


class Example(NamedTuple):
    """The candidates of a task, and which of them is right."""

    project: str
    rows: Array
    right: int
    """-1 when none is."""
    candidates: Sequence[Candidate]
    election: Election
    target: str


def examples(project: Project, root: Path, *, seed: str, tasks: int) -> Iterator[Example]:
    """Collect examples from one project, each task in every setting."""
    part = root / f"{LARGE.name}-{LARGE.version}" / LARGE_PART if project == LARGE else root
    engine, _ = indexed(part)
    dependents = Dependents(part)
    counts = {
        Kind.LINE: tasks * 7 // 10,
        Kind.MIDDLE: tasks * 2 // 10,
        Kind.END: tasks // 10,
    }
    drawn = draw_tasks(part, seed=seed, counts=counts)
    for setting in Setting:
        for trial in trials(engine, drawn, dependents, setting):
            if trial.pool is None or trial.context is None or not trial.pool.candidates:
                continue
            candidates = trial.pool.candidates
            rows = feature_rows(candidates, trial.pool.election, trial.context, engine.vocabulary)
            texts = [candidate.text.strip() for candidate in candidates]
            target = trial.task.target.strip()
            yield Example(
                project=project.requirement,
                rows=np.asarray(rows, np.float32),
                right=texts.index(target) if target in texts else -1,
                candidates=[_lean(candidate) for candidate in candidates],
                election=replace(trial.pool.election, candidates=()),
                target=target,
            )


def _lean(candidate: Candidate) -> Candidate:
    """Let go of the documents that a candidate's matches hold."""
    longest = sorted(candidate.supporters, key=lambda match: -match.length)[:1]
    kept = [match._replace(text=_NO_TEXT) for match in longest]
    return replace(candidate, supporters=kept)


def fit_to(data: Sequence[Example], schedule: Schedule) -> Fitted:
    """Fit the ranker's network."""
    return fit([each.rows for each in data], [each.right for each in data], schedule)


def beginning_examples(
    data: Sequence[Example], schedule: Schedule
) -> Iterator[tuple[list[float], bool]]:
    """Return the figures of every beginning of the best candidates, and whether it is right.

    Each project's candidates are ranked by a network that was fitted without it.
    """
    projects = sorted({example.project for example in data})
    for fold in range(_FOLDS):
        left_out = set(projects[fold::_FOLDS])
        network = fit_to([each for each in data if each.project not in left_out], schedule)
        for example in data:
            if example.project not in left_out:
                continue
            found = network.probabilities(example.rows).tolist()
            scored = sorted(
                zip(found, example.candidates, strict=True), key=lambda entry: -entry[0]
            )
            for text, row in beginnings(scored, example.election):
                yield row, begins_with(example.target, text.strip())
        print(f"ranked without {', '.join(sorted(left_out))}", flush=True)


def fit_beginnings(data: list[tuple[list[float], bool]], *, seed: str) -> list[float]:
    """Return the weights of the logistic model of beginnings."""
    chance = random.Random(seed)
    rows = np.asarray([row for row, _ in data])
    right = np.asarray([float(is_right) for _, is_right in data])
    weights = np.zeros(len(BEGINNING_FEATURES))
    mean, square, step = np.zeros_like(weights), np.zeros_like(weights), 0
    order = list(range(len(data)))
    for epoch in range(_BEGINNING_EPOCHS):
        chance.shuffle(order)
        rate = _BEGINNING_RATE * (1 - epoch / _BEGINNING_EPOCHS)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            said = 1 / (1 + np.exp(-(rows[batch] @ weights)))
            slope = (said - right[batch]) @ rows[batch] / len(batch)
            step += 1
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            move = mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
            weights -= rate * move
    return [float(weight) for weight in weights]


def calibration(data: Sequence[tuple[list[float], bool]], weights: Sequence[float]) -> str:
    """Say how often beginnings of some confidence are right."""
    said = [(likelihood_of(row, weights), right) for row, right in data]
    parts: list[str] = []
    for low in (0.5, 0.6, 0.7, 0.8, 0.9):
        group = [right for likelihood, right in said if low <= likelihood < low + 0.1]
        parts.append(f"{low:.1f}: {sum(group) / max(1, len(group)):.2f}")
    return ", ".join(parts)


def written(
    network: Fitted, beginning_weights: Sequence[float], *, seed: str, tasks: int
) -> dict[str, object]:
    """Return the contents of the weights file."""
    return {
        "provenance": (
            "A conditional logit with rectified units over candidates and a logistic model of "
            "their beginnings, fitted by bench/embedded_fit.py on hole tasks drawn from the "
            "released sources of these projects; the weights hold no text of theirs."
        ),
        "projects": [
            f"{project.requirement} ({project.licence}, {project.registry})"
            for project in RANKER_FITTED_ON
        ],
        "seed": seed,
        "tasks": tasks,
        "features": FEATURES,
        "linear": _rounded(network.linear),
        "units": [
            {"output": _rounded([output])[0], "weights": _rounded(weights)}
            for output, weights in zip(network.outputs, network.hidden, strict=True)
        ],
        "beginning_weights": dict(
            zip(BEGINNING_FEATURES, _rounded(beginning_weights), strict=True)
        ),
    }


def _rounded(weights: Sequence[float] | Array) -> list[float]:
    return [round(float(weight), 4) for weight in weights]


def main() -> None:
    """Fetch, collect, fit, write."""
    parser = argparse.ArgumentParser(description="Fit the ranker of the embedded engine.")
    parser.add_argument("--sources", type=Path, default=Path.home() / ".cache" / "fimble-bench")
    parser.add_argument("--tasks", type=int, default=420, help="for each project")
    parser.add_argument("--seed", default="fit6")
    parser.add_argument("--out", type=Path, default=Path(package.__path__[0]) / WEIGHTS_FILE)
    options = parser.parse_args()
    data: list[Example] = []
    for project, root in zip(
        RANKER_FITTED_ON, fetch(RANKER_FITTED_ON, options.sources), strict=True
    ):
        found = list(examples(project, root, seed=options.seed, tasks=options.tasks))
        right = sum(example.right >= 0 for example in found)
        print(f"{project.requirement}: {len(found)} examples, {right} in the pool", flush=True)
        data += found
    schedule = Schedule()
    rows = list(beginning_examples(data, schedule))
    beginning_weights = fit_beginnings(rows, seed=options.seed)
    network = fit_to(data, schedule)
    content = written(network, beginning_weights, seed=options.seed, tasks=len(data))
    options.out.write_text(json.dumps(content) + "\n", encoding="utf-8")
    print(f"wrote {options.out}; right by confidence: {calibration(rows, beginning_weights)}")


if __name__ == "__main__":
    main()
