"""What the embedded engine costs on a project of 250,000 lines: a key, the index, a saved file.

A key is the whole of it: the text has changed by one character, so its line is read again, and
the answer is looked for.
"""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from embedded_trial import indexed
from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.engine.protocol import Hole
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from hole_tasks import SUFFIXES, Kind, Task, by_file, draw_tasks, source_files
from measure import percentile

_KEYS = 400
_SAVES = 60
_WARM_UP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """In milliseconds, seconds and megabytes."""

    lines: int
    """Of the files that tasks are drawn from."""
    key_p50_ms: float
    key_p99_ms: float
    key_worst_ms: float
    index_s: float
    """Processor time for 100,000 lines."""
    index_mb: float
    """Growth of the process for 100,000 lines."""
    save_p50_ms: float
    save_worst_ms: float
    """Of files that are open and were read as they were typed, the largest among them."""
    foreign_p50_ms: float
    foreign_worst_ms: float
    """Of files that somebody else wrote, which are read from the beginning."""


def cost_of(root: Path, *, seed: str) -> Cost:
    """Measure on one tree; the index in a process of its own, for its memory."""
    lines, seconds, megabytes = _index_alone(root)
    engine, _ = indexed(root)
    tasks = draw_tasks(root, seed=seed, counts={Kind.LINE: _KEYS // 2, Kind.MIDDLE: _KEYS // 2})
    gc.collect()
    gc.freeze()
    keys = _keys(engine, tasks)[_WARM_UP:]
    saves = _saves(engine, root, seed=seed, are_open=True)
    foreign = _saves(engine, root, seed=seed, are_open=False)
    return Cost(
        lines=lines,
        key_p50_ms=percentile(keys, 50),
        key_p99_ms=percentile(keys, 99),
        key_worst_ms=max(keys),
        index_s=seconds / lines * 100_000,
        index_mb=megabytes / lines * 100_000,
        save_p50_ms=percentile(saves, 50),
        save_worst_ms=max(saves),
        foreign_p50_ms=percentile(foreign, 50),
        foreign_worst_ms=max(foreign),
    )


def _keys(engine: EmbeddedEngine, tasks: Sequence[Task]) -> list[float]:
    """Type the last character before each hole, and say how long each answer took."""
    taken: list[float] = []
    for path, group in by_file(tasks).items():
        text = path.read_text(encoding="utf-8", errors="replace")
        for task in group:
            hole = task.hole(text)
            line, character = hole.cursor
            if not character:
                continue
            key = hole.snapshot.line(line)[character - 1]
            before = Position(line, character - 1)
            less, _ = hole.snapshot.replace(Range(before, hole.cursor), "", version=2)
            engine.suggest(Hole(snapshot=less, cursor=before))
            typed, _ = less.replace(Range(before, before), key, version=3)
            started = time.perf_counter()
            engine.suggest(Hole(snapshot=typed, cursor=hole.cursor))
            taken.append((time.perf_counter() - started) * 1000)
        engine.forget(path.as_uri())
    return taken


def _saves(engine: EmbeddedEngine, root: Path, *, seed: str, are_open: bool) -> list[float]:
    """Take single files in again as after a save, the largest among them."""
    files = source_files(root)
    largest = sorted(files, key=lambda path: -path.stat().st_size)[: _SAVES // 6]
    chosen = largest + random.Random(seed).sample(files, min(len(files), _SAVES - len(largest)))
    taken: list[float] = []
    for path in chosen:
        if are_open:
            text = path.read_text(encoding="utf-8")
            language = SUFFIXES[path.suffix]
            engine.observe(Snapshot.from_text(text, uri=path.as_uri(), language_id=language))
            _read_all(engine)
        engine.refresh(path)
        started = time.perf_counter()
        _read_all(engine)
        taken.append((time.perf_counter() - started) * 1000)
        engine.forget(path.as_uri())
    return taken


def _read_all(engine: EmbeddedEngine) -> None:
    for _ in engine.index_steps():
        pass


def _index_alone(root: Path) -> tuple[int, float, float]:
    command = [sys.executable, __file__, str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines, seconds, megabytes = json.loads(done.stdout)
    return lines, seconds, megabytes


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    """Index the tree that is named; print its lines, the processor's seconds and the growth."""
    root = Path(sys.argv[1])
    lines = sum(path.read_bytes().count(b"\n") for path in source_files(root))
    gc.collect()
    before, started = _resident_mb(), time.thread_time()
    engine, _ = indexed(root)
    seconds = time.thread_time() - started
    gc.collect()
    grown = _resident_mb() - before
    print(json.dumps([lines, seconds, grown]))
    del engine


if __name__ == "__main__":
    main()
