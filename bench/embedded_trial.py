"""Puts hole tasks to the embedded engine, as an editor with that workspace open would."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fimble.context.workspace_files import ScanLimits
from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.engine import DEFAULT_CONFIDENCE, EmbeddedEngine
from fimble.engine.embedded.suggesting import Pool
from hole_tasks import Task, by_file
from time_true import Dependents


class Setting(StrEnum):
    """What may be copied from."""

    FULL = "whole file"
    """The file around the hole and the rest of the project."""
    APPEND_ONLY = "append-only"
    """Nothing below the cursor."""
    TIME_TRUE = "time-true"
    """Besides, no tests and no file that imports this one."""


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


def trials(
    engine: EmbeddedEngine, tasks: Sequence[Task], dependents: Dependents, setting: Setting
) -> Iterator[Trial]:
    """Put each task to the engine; a file is open only while its own tasks are asked."""
    for path, group in by_file(tasks).items():
        text = path.read_text(encoding="utf-8", errors="replace")
        is_true = setting is Setting.TIME_TRUE
        hidden = dependents.hidden_from(path) if is_true else frozenset[str]()
        for task in group:
            hole = task.hole(text, append_only=setting is not Setting.FULL)
            found = engine.pool_at(hole, hidden=hidden)
            pool, context = found if found is not None else (None, None)
            yield Trial(task=task, pool=pool, context=context)
        engine.forget(path.as_uri())
