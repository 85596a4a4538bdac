"""What the symbol index costs: to build, to keep, to ask, and what an event loop feels of it.

Run it from the root of the repository: `python -m bench.index [TREE …] [--record]`.

Without trees it takes the sources of Django and SQLAlchemy, 1.1 million lines of Python, as one.
Each tree is built cold (an empty index, files in the system's cache), in a process of its own, so
that its peak of memory is its own. "lines/CPU-s" is what a busy machine distorts least; it counts
the work of all processes. Beside it, on the same files: tree-sitter's bare parse of each file,
which is the floor of any index that parses, and `ctags -R` where it is installed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.measure import machine_line, percentile
from bench.results import command_line, put_section
from bench.source_trees import Project, fetch

from fimble.context.index.lookups import SymbolLookups
from fimble.context.index.search import WorkspaceSearch
from fimble.context.index.summarise import code_language
from fimble.context.index.symbol_index import SymbolIndex
from fimble.context.retrieval.records import ContextQuery
from fimble.context.retrieval.retriever import Retriever
from fimble.context.workspace_files import WorkspaceFiles
from fimble.engine.token_estimate import TokenEstimator
from fimble.syntax.parser import SlicedParser
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

SEED = 2026
SAVES = 400
TICK_S = 0.001
MILLION = (
    Project(name="django", version="5.2.19", licence="BSD-3-Clause"),
    Project(name="sqlalchemy", version="2.1.9", licence="MIT"),
)
FIRSTS = 12
GOALS = (
    "Goals: a million lines in 2.2 s by two workers on two idle cores; a saved file 2 ms p50 and "
    "60 ms p99; what is imported known 300 ms after a workspace was opened; an event loop late by "
    "10 ms p99 at most while it builds; the server 80 MB, a worker 60 MB."
)
QUERIES = ("read", "tcase", "get_", "conf", "parse", "path.join", "x", "json/enc", "abcdefgh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One way to read one tree."""

    name: str
    lines: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    """Of the largest process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Times of one question, in milliseconds."""

    name: str
    times: tuple[float, ...]

    def row(self) -> str:
        """Lay it out as a row of a table."""
        figures = (percentile(self.times, each) for each in (50, 99, 100))
        cells = (self.name, str(len(self.times)), *(f"{figure:.2f}" for figure in figures))
        return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, and record where that is asked for."""
    parser = argparse.ArgumentParser(description="Cost of the symbol index.")
    parser.add_argument("tree", nargs="*", type=Path, metavar="TREE")
    parser.add_argument("--trees", type=Path, default=Path(tempfile.gettempdir()) / "fimble-trees")
    parser.add_argument("--record", action="store_true", help="write bench/RESULTS.md")
    parser.add_argument("--one", nargs=2, metavar=("WAY", "TREE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asdict(one(options.one[0], Path(options.one[1])))))
        return
    trees = options.tree or [_million(options.trees)]
    machine = machine_line()
    parts = [
        f"{command_line('bench.index')} on {machine}.",
        (__doc__ or "").split("\n\n", 2)[2].strip(),
        GOALS,
    ]
    for tree in trees:
        parts += [f"### {_named(tree)}", builds(tree), questions(tree)]
    text = "\n\n".join(parts)
    print(text)
    if options.record:
        put_section("Symbol index", text)


def builds(tree: Path) -> str:
    """Build in each way, each in a process of its own."""
    ways = ["two workers", "one worker", "in one process", "bare parse"]
    if shutil.which("ctags"):
        ways.append("ctags -R")
    rows = ["| build | lines | wall s | CPU s | lines/s | lines/CPU-s | largest process MB |"]
    rows.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    lines = 0
    for way in ways:
        command = [sys.executable, "-m", "bench.index", "--one", way, str(tree)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        run = Run(**json.loads(done.stdout))
        lines = run.lines or lines
        rows.append(
            f"| {run.name} | {lines:,} | {run.wall_s:.2f} | {run.cpu_s:.2f} | "
            f"{lines / run.wall_s:,.0f} | {lines / run.cpu_s:,.0f} | {run.peak_mb:.0f} |"
        )
    return "\n".join(rows)


def one(way: str, tree: Path) -> Run:
    """Do one build and say what it cost."""
    before = _cpu()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if way == "ctags -R":
            command = ["ctags", "-R", "--fields=+neS", "-f", f"{folder}/tags", str(tree)]
            subprocess.run(command, check=True, capture_output=True)
            lines = 0
        elif way == "bare parse":
            lines = _parse_all(tree)
        else:
            index = SymbolIndex(tree, folder=Path(folder))
            processes = {"two workers": 2, "one worker": 1}.get(way, 0)
            lines = index.build(processes=processes).lines
            index.close()
    wall_s = time.perf_counter() - started
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return Run(
        name=way,
        lines=lines,
        wall_s=wall_s,
        cpu_s=_cpu() - before,
        peak_mb=(children if way == "ctags -R" else max(own, children)) / 1024,
    )


def _parse_all(tree: Path) -> int:
    """Parse each file and throw the tree away."""
    parsers: dict[str, SlicedParser] = {}
    files = WorkspaceFiles(tree)
    lines = 0
    for path in files.names():
        language = code_language(path)
        found = files.read_listed(path) if language else None
        if language is None or found is None:
            continue
        parser = parsers.setdefault(language.name, SlicedParser(language))
        source = found.text.encode("utf-8", "surrogatepass")
        parser.run(source, None, budget_us=0)
        lines += source.count(b"\n")
    return lines


def questions(tree: Path) -> str:
    """Build once and ask; also say what a loop in this process felt, and how large it became."""
    with tempfile.TemporaryDirectory() as folder:
        index = SymbolIndex(tree, folder=Path(folder))
        lags = asyncio.run(_lags(lambda: index.build(processes=1, polite=True)))
        warm = [_timed(index.build) for _ in range(5)]
        rows = [
            "| question | times | p50 ms | p99 ms | worst ms |",
            "| --- | ---: | ---: | ---: | ---: |",
            Answers(name="lag of an event loop while it builds", times=tuple(lags)).row(),
            firsts(tree).row(),
            Answers(name="nothing changed since the last build", times=tuple(warm)).row(),
            saves(tree, index).row(),
            *(answers.row() for answers in asked(tree, index)),
        ]
        size = index.status().bytes / 1e6
        index.close()
    return "\n".join((*rows, "", f"On disk {size:.1f} MB; this process {_rss_mb():.0f} MB."))


def saves(tree: Path, index: SymbolIndex) -> Answers:
    """Take in files with a changed text, as after a save."""
    paths = sorted(index.store.paths().values())
    chosen = random.Random(SEED).sample(paths, min(SAVES, len(paths)))
    times: list[float] = []
    for path in chosen:
        text = (tree / path).read_text("utf-8", "replace") + "\nCHANGED = 1\n"
        times.append(_timed(lambda changed=path, new=text: index.refresh(changed, new)))
    return Answers(name="one saved file", times=tuple(times))


def firsts(tree: Path) -> Answers:
    """Open a workspace that has no index and ask what a file of it imports."""
    reader = WorkspaceFiles(tree)
    paths = [it for it in reader.names() if it.endswith((".py", ".ts"))]
    times: list[float] = []
    for path in random.Random(SEED).sample(paths, min(FIRSTS, len(paths))):
        text = (tree / path).read_text("utf-8", "replace")
        snapshot = Snapshot.from_text(text, uri=(tree / path).as_uri(), language_id="python")
        last = min(snapshot.line_count - 1, 80)
        query = ContextQuery(
            path=path, snapshot=snapshot, cursor=Position(last, 0), first_line=0, last_line=last
        )
        with tempfile.TemporaryDirectory() as folder:
            index = SymbolIndex(tree, folder=Path(folder))
            times.append(
                _timed(
                    lambda index=index, query=query: Retriever(index).retrieve(
                        query, 2_000, lambda it: len(it) // 4
                    )
                )
            )
            index.close()
    return Answers(name="first context of a file, workspace just opened", times=tuple(times))


def asked(tree: Path, index: SymbolIndex) -> list[Answers]:
    """Put each kind of question."""
    count = TokenEstimator().count
    search = WorkspaceSearch(tree, index=index, count_tokens=count)
    lookups = SymbolLookups(index)
    names = sorted({name for name, _ in index.store.definitions()})
    chosen = random.Random(SEED).sample(names, min(300, len(names)))
    first = _timed(lambda: search.find("warm", 20))
    found = [_timed(lambda typed=query: search.find(typed, 20)) for query in QUERIES * 10]
    exact = [_timed(lambda named=name: lookups.definitions(named)) for name in chosen]
    referred = [_timed(lambda named=name: lookups.references(named)) for name in chosen[:50]]
    mapped = [_timed(lambda: index.repo_map(2_000, count)) for _ in range(3)]
    return [
        Answers(name="first search (reads all names)", times=(first,)),
        Answers(name="search over files, folders and symbols", times=tuple(found)),
        Answers(name="definitions of a name", times=tuple(exact)),
        Answers(name="files that hold a name", times=tuple(referred)),
        Answers(name="map of 2,000 tokens", times=tuple(mapped)),
    ]


async def _lags(work: Callable[[], object]) -> list[float]:
    """Let a thread work and note how late each tick of a millisecond comes."""
    lags: list[float] = []
    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        before = time.perf_counter()
        await asyncio.sleep(TICK_S)
        lags.append(max(0.0, time.perf_counter() - before - TICK_S) * 1000)
    return lags


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1000


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _rss_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _million(trees: Path) -> Path:
    """Return one tree of all that is measured by default."""
    folder = trees / "million"
    fetch(MILLION, folder)
    return folder


def _named(tree: Path) -> str:
    if tree.name == "million":
        return ", ".join(it.requirement for it in MILLION)
    return tree.name


if __name__ == "__main__":
    main()
