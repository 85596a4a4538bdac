"""Measure the embedded engine on projects its ranker was not fitted on.

`python bench/embedded.py` fetches them (or takes source trees as arguments), draws seeded hole
tasks and prints: exact match of the rest of the line, precision when the most confident 5 to 30 %
are shown, what the gate lets through, results by target length, latency, and the cost of the
index. The vote alone stands beside the ranker in the same run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded_projects import HELD_OUT
from embedded_trial import indexed
from fimble.engine.embedded.engine import DEFAULT_CONFIDENCE, EmbeddedEngine
from fimble.engine.embedded.ranker import shipped_weights
from fimble.engine.embedded.suggesting import rank
from hole_tasks import Kind, Task, by_file, draw_tasks, source_files
from source_trees import fetch

_RATES = (5, 10, 20, 30)
_LENGTHS = ((1, 6), (6, 12), (12, 24), (24, 48), (48, 10_000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one task went."""

    task: Task
    vote: tuple[float, bool]
    """The vote's confidence in its best candidate, and whether that is exactly right."""
    ranker: tuple[float, bool]
    in_pool: bool
    shown: str
    """What the gate let through."""
    seconds: float


def put(engine: EmbeddedEngine, tasks: Sequence[Task], *, append_only: bool) -> list[Outcome]:
    """Put each task to the engine."""
    found: list[Outcome] = []
    for path, group in by_file(tasks).items():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [_put_one(engine, task, text, append_only=append_only) for task in group]
        engine.forget(path.as_uri())
    return found


def _put_one(engine: EmbeddedEngine, task: Task, text: str, *, append_only: bool) -> Outcome:
    hole = task.hole(text, append_only=append_only)
    engine.pool_at(hole)  # Reads the file; what follows is what one more key costs.
    target = task.target.strip()
    started = time.perf_counter()
    shown = engine.suggest(hole)
    seconds = time.perf_counter() - started
    answer = engine.pool_at(hole)
    none = (0.0, False)
    if answer is None or not answer[0].candidates:
        return Outcome(task=task, vote=none, ranker=none, in_pool=False, shown="", seconds=seconds)
    pool, context = answer
    best = max(pool.candidates, key=lambda candidate: candidate.share)
    likelihood, chosen = rank(pool, context, engine.vocabulary, shipped_weights())[0]
    return Outcome(
        task=task,
        vote=(best.share, best.text.strip() == target),
        ranker=(likelihood, chosen.text.strip() == target),
        in_pool=any(candidate.text.strip() == target for candidate in pool.candidates),
        shown="" if shown is None else shown.text,
        seconds=seconds,
    )


def report(name: str, outcomes: Sequence[Outcome]) -> None:
    """Print one row of figures for the vote and one for the ranker."""
    if not outcomes:
        return
    count = len(outcomes)
    for label in ("vote", "ranker"):
        results = sorted((getattr(outcome, label) for outcome in outcomes), reverse=True)
        exact = 100 * sum(right for _, right in results) / count
        cells = [
            100
            * sum(right for _, right in results[: max(1, count * rate // 100)])
            / max(1, count * rate // 100)
            for rate in _RATES
        ]
        rates = "  ".join(f"P@{rate} {cell:5.1f}" for rate, cell in zip(_RATES, cells, strict=True))
        print(f"{name:28} {label:7} n {count:5}  EM {exact:5.1f}  {rates}")
    pool = 100 * sum(outcome.in_pool for outcome in outcomes) / count
    shown = [outcome for outcome in outcomes if outcome.shown]
    begins = sum(o.task.target.strip().startswith(o.shown.strip()) for o in shown)
    whole = sum(o.task.target.strip() == o.shown.strip() for o in shown)
    saved = sum(
        len(o.shown.strip()) for o in shown if o.task.target.strip().startswith(o.shown.strip())
    )
    length = sum(len(outcome.task.target) for outcome in outcomes)
    part = max(1, len(shown))
    print(
        f"{'':28} gate    shown {100 * len(shown) / count:.1f} %, right beginning "
        f"{100 * begins / part:.1f} %, whole line {100 * whole / part:.1f} %, characters saved "
        f"{100 * saved / max(1, length):.1f} %; in the pool {pool:.1f} %"
    )


def tree_name(root: Path) -> str:
    """Name a tree by its release."""
    return root.parents[1].name if root.name == "src" else root.name


def report_lengths(outcomes: Sequence[Outcome]) -> None:
    """Print exact match by the length of the target."""
    cells: list[str] = []
    for low, high in _LENGTHS:
        group = [o for o in outcomes if low <= len(o.task.target) < high]
        if group:
            exact = 100 * sum(o.ranker[1] for o in group) / len(group)
            cells.append(f"{low}-{high if high < 10_000 else ''}: {exact:.0f} (n {len(group)})")
    print(f"{'exact match by characters':28} {', '.join(cells)}")


def report_latency(outcomes: Sequence[Outcome]) -> None:
    """Print how long an answer takes when only the cursor's line has changed."""
    times = sorted(outcome.seconds * 1000 for outcome in outcomes)
    at = [times[min(len(times) - 1, int(len(times) * part))] for part in (0.5, 0.9, 0.99)]
    print(f"{'latency':28} p50 {at[0]:.2f} ms, p90 {at[1]:.2f} ms, p99 {at[2]:.2f} ms")


def main() -> None:
    """Fetch, index, ask, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*", type=Path, help="source trees instead of the projects")
    parser.add_argument("--sources", type=Path, default=Path.home() / ".cache" / "fimble-bench")
    parser.add_argument("--tasks", type=int, default=300, help="line tasks for each project")
    parser.add_argument("--seed", default="held1")
    parser.add_argument("--confidence", type=float, default=DEFAULT_CONFIDENCE)
    options = parser.parse_args()
    roots = options.trees or fetch(HELD_OUT, options.sources)
    groups: dict[str, list[Outcome]] = {}
    for root in roots:
        engine, seconds = indexed(root, confidence=options.confidence)
        lines = sum(path.read_bytes().count(b"\n") for path in source_files(root))
        print(
            f"{tree_name(root)}: {lines} lines, {engine.report.files} files, index {seconds:.2f} s"
        )
        counts = {Kind.LINE: options.tasks, Kind.MIDDLE: options.tasks // 3}
        tasks = draw_tasks(root, seed=options.seed, counts=counts)
        for append_only in (False, True):
            for outcome in put(engine, tasks, append_only=append_only):
                mode = "append-only" if append_only else "full"
                groups.setdefault(f"{outcome.task.kind}, {mode}", []).append(outcome)
                if outcome.task.kind is Kind.LINE and not append_only:
                    groups.setdefault(f"  {tree_name(root)}", []).append(outcome)
    for name, outcomes in sorted(groups.items(), reverse=True):
        report(name, outcomes)
    report_lengths(groups["line, full"])
    report_latency([o for name, group in groups.items() if name[0] != " " for o in group])


if __name__ == "__main__":
    main()
