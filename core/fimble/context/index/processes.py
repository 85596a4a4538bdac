"""The only module that starts worker processes: this interpreter, with a function of ours.

tree-sitter holds the interpreter's lock for a whole parse, so that threads would stall an event
loop and gain nothing; and a crash inside a grammar ends a worker, never the editor's server.
Processes are spawned, not forked, as their parents have threads.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Final, ParamSpec, TypeVar

from fimble.context.index.worker import begin

__all__ = ["BrokenProcessPool", "WorkerProcesses", "default_processes"]

_MOST: Final = 2
_ORPHANED: Final = 3

_P = ParamSpec("_P")
_T = TypeVar("_T")


def default_processes() -> int:
    """Return how many workers a background build starts: one core stays free, two are enough."""
    return max(1, min(_MOST, usable_cores() - 1))


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerProcesses:
    """Some workers, started with the first portion; a context manager that ends them."""

    def __init__(self, count: int) -> None:
        self._pool = ProcessPoolExecutor(
            count, mp_context=multiprocessing.get_context("spawn"), initializer=_begin
        )

    def submit(
        self, function: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs
    ) -> Future[_T]:
        """Let a worker call a function of a module.

        Raises:
            BrokenProcessPool: A worker died.
        """
        return self._pool.submit(function, *arguments, **named)

    def end(self) -> None:
        """Finish what is being done, drop what waits."""
        self._pool.shutdown(cancel_futures=True)


def _begin() -> None:
    begin()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent is killed: nobody would tell it (security F12)."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(_ORPHANED)
