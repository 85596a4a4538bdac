"""What retrieval finds of what a hole needs, against the tokens that it costs.

Run it from the root of the repository: `python -m bench.context [--tuning] [--record]`.

Block holes (`context_tasks`) of released sources; figures count on projects that nothing was
tuned on. The window of 3,000 characters before and 1,000 after the cursor is given to all;
counted are identifiers of the target outside of it that stand elsewhere in the project, and of
those that a line of the project defines, whether such a line is shown. Built-in names and words
of strings and comments do not count. Four characters are a token here, for all alike. Each rival
may use the rest of the same file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from context_rivals import Rivals
from context_tasks import BlockTask, Tree, defines
from embedded_projects import FITTED_ON, HELD_OUT
from fimble.context.index.symbol_index import SymbolIndex
from fimble.context.retrieval.choosing import by_file
from fimble.context.retrieval.records import ContextQuery
from fimble.context.retrieval.retriever import Retriever
from fimble.context.retrieval.terms import identifiers
from measure import machine_line, percentile
from results import command_line, put_section
from source_trees import Project, fetch

BUDGETS = (1_000, 2_000, 4_000, 8_000)
LARGE = (
    Project(name="sqlalchemy", version="2.1.9", licence="MIT"),
    Project(name="textual", version="8.2.8", licence="MIT"),
)
"""Also held out; the first has 650,000 lines with its tests, for the latency."""
SEED = "context-2026"
TASKS = 60
_LARGE_SAID = "650,000 lines (the goal is p50 4 ms and p99 25 ms at 250,000)"
GOALS = {"identifiers": (50, 66, 78, 86), "definitions": (45, 55, 66, 75)}
Texts = Callable[[BlockTask, int], str]


def tokens(text: str) -> int:
    """Price a text, for all strategies alike."""
    return (len(text) + 3) // 4


@dataclass(slots=True)
class Score:
    """What one strategy found, by budget."""

    found: list[int] = field(default_factory=lambda: [0] * len(BUDGETS))
    defined: list[int] = field(default_factory=lambda: [0] * len(BUDGETS))

    def add(self, at: int, task: BlockTask, text: str) -> None:
        """Count what a text holds."""
        words = set(identifiers(text))
        self.found[at] += len(task.wanted & words)
        lines = text.splitlines()
        self.defined[at] += sum(
            any(word in line and defines(line, word) for line in lines)
            for word in task.defined & words
        )


def main() -> None:
    """Measure, print, record."""
    parser = argparse.ArgumentParser(description="Recall of retrieval.")
    parser.add_argument("--tuning", action="store_true", help="the projects that it is tuned on")
    parser.add_argument("--ours", action="store_true", help="without the rivals")
    parser.add_argument("--tasks", type=int, default=TASKS)
    parser.add_argument("--trees", type=Path, default=Path(tempfile.gettempdir()) / "fimble-trees")
    parser.add_argument("--record", action="store_true", help="write bench/RESULTS.md")
    options = parser.parse_args()
    projects = FITTED_ON if options.tuning else HELD_OUT + LARGE
    text = report(projects, options.trees, options.tasks, rivals=not options.ours)
    print(text)
    if options.record:
        put_section("Context retrieval", text)


def report(projects: Sequence[Project], trees: Path, count: int, *, rivals: bool) -> str:
    """Measure all projects and lay it out."""
    scores: dict[str, Score] = {}
    times: list[float] = []
    slow: list[float] = []
    wanted = defined = holes = 0
    for project, root in zip(projects, fetch(projects, trees), strict=True):
        tasks, took = measure(root, count, scores, rivals=rivals)
        holes += len(tasks)
        wanted += sum(len(task.wanted) for task in tasks)
        defined += sum(len(task.defined) for task in tasks)
        times += took
        if project.name == LARGE[0].name:
            slow = took
    names = ", ".join(it.requirement for it in projects)
    head = f"| recall % at {', '.join(f'{it:,}' for it in BUDGETS)} tokens"
    lines = [
        f"{command_line('bench.context')} on {machine_line()}.",
        "",
        (__doc__ or "").split("\n\n", 2)[2].strip(),
        "",
        f"{holes} holes, {wanted} identifiers, {defined} of them defined in the project: {names}.",
        "",
        f"{head} | identifiers | definitions |",
        "| --- | ---: | ---: |",
    ]
    for name, score in scores.items():
        left, right = _row(score.found, wanted), _row(score.defined, defined)
        lines.append(f"| {name} | {left} | {right} |")
    lines += ["", *_goals(scores["Fimble"], wanted, defined), "", _latency("all projects", times)]
    if slow:
        lines.append(_latency(f"{LARGE[0].requirement}, {_LARGE_SAID}", slow))
    return "\n".join(lines)


def measure(
    root: Path, count: int, scores: dict[str, Score], *, rivals: bool
) -> tuple[list[BlockTask], list[float]]:
    """Score all strategies on one project."""
    tree = Tree(root)
    with tempfile.TemporaryDirectory() as folder:
        index = SymbolIndex(root, folder=Path(folder))
        index.build(processes=2)
        tasks = tree.draw(count, SEED)
        ours, times = _ours(index)
        others = Rivals(tree, index.store)
        ways: dict[str, Texts] = {
            "nothing": _nothing,
            "files of the same folder": _cut(others.same_folder),
            "Jaccard chunks (llama.vim's ring)": _cut(others.jaccard),
            "BM25, 64 lines": _cut(others.bm25),
            "PageRank map (aider's)": _cut(others.page_rank),
            "Fimble": ours,
            "oracle": _cut(others.oracle),
        }
        if not rivals:
            ways = {"Fimble": ours}
        for name, way in ways.items():
            score = scores.setdefault(name, Score())
            for task in tasks:
                for at, budget in enumerate(BUDGETS):
                    score.add(at, task, way(task, budget))
        index.close()
    return tasks, times


def _ours(index: SymbolIndex) -> tuple[Texts, list[float]]:
    retriever = Retriever(index)
    times: list[float] = []

    def text(task: BlockTask, budget: int) -> str:
        query = ContextQuery(
            path=task.path,
            snapshot=task.snapshot,
            cursor=task.cursor,
            first_line=task.first_line,
            last_line=task.last_line,
        )
        started = time.perf_counter()
        found = retriever.retrieve(query, budget, tokens)
        times.append((time.perf_counter() - started) * 1000)
        shown = "\n".join(f"{path}\n{piece}" for path, piece in by_file(found.items))
        return shown[: budget * 4]

    return text, times


def _cut(pieces: Callable[[BlockTask], Iterable[str]]) -> Texts:
    """Fill a budget with pieces; the last one is cut where it ends."""
    kept: dict[int, tuple[BlockTask, str]] = {}

    def text(task: BlockTask, budget: int) -> str:
        if id(task) not in kept:
            kept.clear()
            kept[id(task)] = (task, "".join(_some(pieces(task), max(BUDGETS) * 4)))
        return kept[id(task)][1][: budget * 4]

    return text


def _some(pieces: Iterable[str], characters: int) -> Iterator[str]:
    for piece in pieces:
        yield piece
        characters -= len(piece)
        if characters <= 0:
            return


def _nothing(_task: BlockTask, _budget: int) -> str:
    return ""


def _row(found: Sequence[int], of: int) -> str:
    return " / ".join(f"{100 * it / max(1, of):.0f}" for it in found)


def _goals(score: Score, wanted: int, defined: int) -> list[str]:
    lines = ["| goal | " + " | ".join(f"{it:,}" for it in BUDGETS) + " |"]
    lines.append("| --- |" + " ---: |" * len(BUDGETS))
    for name, found, of in (
        ("identifiers", score.found, wanted),
        ("definitions", score.defined, defined),
    ):
        cells: list[str] = []
        for goal, each in zip(GOALS[name], found, strict=True):
            share = 100 * each / max(1, of)
            cells.append(f"{share:.1f} of {goal} {'met' if share >= goal else 'MISSED'}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _latency(name: str, times: Sequence[float]) -> str:
    """Tell the first question about a text, which parses it, from those that follow."""
    step = len(BUDGETS)
    parts = (
        ("the first about a text", times[::step]),
        ("once more", [it for at, it in enumerate(times) if at % step]),
    )
    said = "; ".join(
        f"{part} p50 {percentile(each, 50):.1f} ms, p99 {percentile(each, 99):.1f} ms"
        for part, each in parts
    )
    return f"One question, {name}: {said}. The first one reads files that are not known yet."


if __name__ == "__main__":
    main()
