"""Puts hole tasks to the embedded engine, as an editor with that workspace open would."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fimble.context.workspace_files import ScanLimits
from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.engine import DEFAULT_CONFIDENCE, EmbeddedEngine
from fimble.engine.embedded.suggesting import Pool
from hole_tasks import Task, by_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the engine knew at one task."""

    task: Task
    pool: Pool | None
    """None where the engine refuses to say anything."""
    context: CursorContext | None


def indexed(root: Path, *, confidence: float = DEFAULT_CONFIDENCE) -> tuple[EmbeddedEngine, float]:
    """Make an engine that has read a tree, and say how many seconds that took."""
    engine = EmbeddedEngine(confidence=confidence, limits=ScanLimits(max_seconds=600))
    engine.index_workspace(root)
    started = time.perf_counter()
    for _ in engine.index_steps():
        pass
    return engine, time.perf_counter() - started


def trials(engine: EmbeddedEngine, tasks: Sequence[Task], *, append_only: bool) -> Iterator[Trial]:
    """Put each task to the engine; a file is open only while its own tasks are asked."""
    for path, group in by_file(tasks).items():
        text = path.read_text(encoding="utf-8", errors="replace")
        for task in group:
            hole = task.hole(text, append_only=append_only)
            found = engine.pool_at(hole)
            pool, context = found if found is not None else (None, None)
            yield Trial(task=task, pool=pool, context=context)
        engine.forget(path.as_uri())
