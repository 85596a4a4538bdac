"""Brings an index up to date: walks the workspace, has what changed parsed, forgets what is gone.

Blocks its caller, and is meant for a thread or a command. The walk asks the disk for names, sizes
and times alone; what is to be parsed goes in portions to worker processes, or is done here when
it is little. Several builds may run at once: each writes whole files, the last one wins.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.context.index.processes import BrokenProcessPool, WorkerProcesses
from fimble.context.index.records import BuildProgress, BuildReport
from fimble.context.index.store import Entry, IndexStore, Stamp
from fimble.context.index.summarise import code_language
from fimble.context.index.worker import (
    BREAKS_THE_PARSER,
    Candidate,
    Done,
    FileIndexer,
    Task,
    index_in_worker,
)
from fimble.context.workspace_files import ScanLimits, WorkspaceFiles

if TYPE_CHECKING:
    import threading

LIMITS: Final = ScanLimits(max_files=200_000, max_seconds=300.0)
_WORTH_A_PROCESS: Final = 64
"""Files below which starting a worker (0.2 s) costs more than it saves."""
_PORTION: Final = 24
_WAITING_PORTIONS: Final = 8
"""Portions handed out and not done: what the interpreter waits for when it must end."""
_RACY_NS: Final = 2_000_000_000
"""A file written so shortly before it was looked at may change without a new time of change."""

Progress = Callable[[BuildProgress], None]


class Build:
    """One bringing up to date; used once."""

    def __init__(
        self,
        task: Task,
        store: IndexStore,
        *,
        processes: int,
        progress: Progress | None = None,
        pause: Callable[[], None] | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        """Take what the index was given.

        Args:
            task: The workspace and the index.
            store: A connection to the index.
            processes: How many workers at most; 0 does all of it here.
            progress: Told after each portion, from the calling thread.
            pause: Called often while this thread works, to let others; see `Summariser`.
            stop: Ends the build early when it is set; what was done is kept.
        """
        self._task = task
        self._store = store
        self._processes = processes
        self._progress = progress
        self._pause = pause
        self._stop = stop
        self._done = Done()
        self._looked_at = 0
        self._found = 0
        self._complete = False
        self._ending = False
        self._workers: WorkerProcesses | None = None
        self._running: dict[Future[Done], tuple[Candidate, ...]] = {}
        self._started = 0
        self._here: FileIndexer | None = None

    def run(self) -> BuildReport:
        """Do it.

        Raises:
            SymbolIndexError: The index cannot be read or written.
        """
        reader = WorkspaceFiles(Path(self._task.root), limits=LIMITS, exclude=self._task.exclude)
        known = self._store.known()
        gone = set(known)
        unchanged = 0
        portion: list[Candidate] = []
        try:
            for path, stamp in self._listed(reader):
                gone.discard(path)
                held = known.get(path)
                if held is not None and held.stamp == stamp and stamp.size >= 0:
                    unchanged += 1
                    continue
                portion.append(Candidate(path, stamp, b"" if held is None else held.digest))
                self._found += 1
                if len(portion) >= self._portion_size():
                    self._hand_out(portion)
                    portion = []
            self._complete = True
            self._hand_out(portion)
            self._finish()
        finally:
            if self._workers is not None:
                self._workers.end()
        whole = not reader.report.exhausted and not self._stopped()
        removed = self._store.forget(gone) if whole and gone else 0
        if whole:
            self._store.note("built", repr(time.time()))
        return self._report(reader, unchanged, removed)

    def _listed(self, reader: WorkspaceFiles) -> Iterator[tuple[str, Stamp]]:
        """Yield each file of code that names and kind allow."""
        root = self._task.root
        for count, path in enumerate(reader.names()):
            if self._stopped():
                return
            if self._pause is not None and count % 32 == 0:
                self._pause()
            if code_language(path) is None:
                continue
            try:
                path.encode()
                found = os.lstat(f"{root}/{path}")
            except (OSError, ValueError):
                continue
            if stat.S_ISREG(found.st_mode):
                yield path, _stamp(found)

    def _portion_size(self) -> int:
        """Return how much to gather: first what is worth a process, then handy portions."""
        if self._workers is not None or self._processes < 1:
            return _PORTION
        return _WORTH_A_PROCESS

    def _hand_out(self, portion: list[Candidate]) -> None:
        if not portion:
            return
        if self._processes > 0 and (self._workers is not None or len(portion) >= _WORTH_A_PROCESS):
            try:
                for start in range(0, len(portion), _PORTION):
                    self._submit(tuple(portion[start : start + _PORTION]))
            except (OSError, NotImplementedError):
                self._processes = 0  # No processes can be had here (no semaphores, no memory).
                self._workers = None
            else:
                return
        if self._here is None:
            self._here = FileIndexer(self._task, self._store, pause=self._pause)
        for start in range(0, len(portion), _PORTION):
            some = portion[start : start + _PORTION]
            self._note(self._here.index(some), len(some))

    def _submit(self, portion: tuple[Candidate, ...]) -> None:
        if self._workers is None:
            self._workers = WorkerProcesses(self._processes)
            self._started += self._processes
        try:
            self._running[self._workers.submit(index_in_worker, self._task, portion)] = portion
        except BrokenProcessPool:
            self._one_by_one([portion])
        except RuntimeError:
            self._ending = True  # The interpreter is shutting down and takes no more work.
        self._reap(most_waiting=_WAITING_PORTIONS)

    def _finish(self) -> None:
        self._reap(most_waiting=0)

    def _reap(self, *, most_waiting: int) -> None:
        """Take what is done; wait until few enough are not."""
        while self._running:
            if self._stopped():
                return
            must_wait = len(self._running) > most_waiting
            ready, _ = wait(
                self._running, timeout=0.1 if must_wait else 0, return_when=FIRST_COMPLETED
            )
            broken: list[tuple[Candidate, ...]] = []
            for future in ready:
                portion = self._running.pop(future)
                try:
                    self._note(future.result(), len(portion))
                except BrokenProcessPool:
                    broken.append(portion)
            if broken:
                # All that was handed out is lost with the worker that died.
                broken += self._running.values()
                self._running.clear()
                self._one_by_one(broken)
            if not must_wait:
                return

    def _one_by_one(self, portions: list[tuple[Candidate, ...]]) -> None:
        """Find the file that a worker dies of, and leave it out from now on."""
        if self._workers is not None:
            self._workers.end()
            self._workers = None
        lone = WorkerProcesses(1)
        self._started += 1
        try:
            for candidate in (each for portion in portions for each in portion):
                if self._stopped():
                    return
                try:
                    done = lone.submit(index_in_worker, self._task, (candidate,)).result()
                except BrokenProcessPool:
                    lone.end()
                    lone = WorkerProcesses(1)
                    self._started += 1
                    entry = Entry(candidate.path, candidate.stamp, None, BREAKS_THE_PARSER)
                    self._store.put([entry])
                    done = Done(skipped={BREAKS_THE_PARSER: 1})
                self._note(done, 1)
        finally:
            lone.end()

    def _note(self, done: Done, files: int) -> None:
        self._done.add(done)
        self._looked_at += files
        if self._progress is not None:
            self._progress(
                BuildProgress(
                    done=self._looked_at,
                    found=self._found,
                    lines=self._done.lines,
                    complete=self._complete,
                )
            )

    def _stopped(self) -> bool:
        return self._ending or (self._stop is not None and self._stop.is_set())

    def _report(self, reader: WorkspaceFiles, unchanged: int, removed: int) -> BuildReport:
        skipped = {reason.value: count for reason, count in reader.report.skipped.items()}
        for reason, count in self._done.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
        return BuildReport(
            files=self._done.files,
            lines=self._done.lines,
            symbols=self._done.symbols,
            unchanged=unchanged + self._done.same,
            removed=removed,
            skipped=skipped,
            exhausted="stopped" if self._stopped() else reader.report.exhausted,
            processes=self._started,
        )


def _stamp(found: os.stat_result) -> Stamp:
    """Return what tells that a file did not change; one written just now tells nothing."""
    if time.time_ns() - found.st_mtime_ns < _RACY_NS:
        return Stamp(-1, found.st_mtime_ns)
    return Stamp(found.st_size, found.st_mtime_ns)
