"""What a worker process does: reads files by the one reader, parses them, writes the index.

It sends back counts alone, so that the process that waits for it spends nothing on its results. A
worker that is killed leaves whole transactions behind; what it had not written is found missing
by the next build.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from fimble.context.index.store import Entry, IndexStore, Stamp
from fimble.context.index.summarise import Summariser, code_language, digest_of
from fimble.context.workspace_files import ScanLimits, WorkspaceFiles

MAX_FILE_BYTES: Final = 1 << 20
"""Larger files are no code that somebody wrote."""
BREAKS_THE_PARSER: Final = "breaks the parser"
_NICENESS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all files of a build have in common."""

    root: str
    exclude: tuple[str, ...]
    database: str


class Candidate(NamedTuple):
    """A file that may need to be parsed."""

    path: str
    stamp: Stamp
    digest: bytes
    """Of the text that the index holds; empty for a new file."""


@dataclass(slots=True, kw_only=True)
class Done:
    """What became of some files."""

    files: int = 0
    lines: int = 0
    symbols: int = 0
    same: int = 0
    """Saved again with the same text."""
    skipped: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, other: Done) -> None:
        """Count in what became of others."""
        self.files += other.files
        self.lines += other.lines
        self.symbols += other.symbols
        self.same += other.same
        self.skipped = dict(Counter(self.skipped) + Counter(other.skipped))


class FileIndexer:
    """Brings files into an index, in this process."""

    def __init__(
        self, task: Task, store: IndexStore, *, pause: Callable[[], None] | None = None
    ) -> None:
        """Take the workspace and the index; see `Summariser` for `pause`."""
        limits = ScanLimits(max_file_bytes=MAX_FILE_BYTES)
        self._files = WorkspaceFiles(Path(task.root), limits=limits, exclude=task.exclude)
        self._store = store
        self._summariser = Summariser(pause=pause)

    def index(self, candidates: Iterable[Candidate]) -> Done:
        """Parse what is not known and write it in one transaction.

        Raises:
            SymbolIndexError: The index cannot be written.
        """
        done = Done()
        entries: list[Entry] = []
        for candidate in candidates:
            entry = self._entry(candidate, done)
            if entry is not None:
                entries.append(entry)
        if entries:
            self._store.put(entries)
        return done

    def _entry(self, candidate: Candidate, done: Done) -> Entry | None:
        path, stamp, digest = candidate
        before = dict(self._files.report.skipped)
        found = self._files.read_listed(path)
        language = code_language(path)
        if found is None or language is None:
            after = self._files.report.skipped
            reasons = [reason for reason, count in after.items() if count > before.get(reason, 0)]
            reason = reasons[0].value if reasons else "unreadable"
            done.skipped[reason] = done.skipped.get(reason, 0) + 1
            return Entry(path, stamp, None, reason)
        if digest and digest_of(found.text) == digest:
            self._store.touch(path, stamp)
            done.same += 1
            return None
        summary = self._summariser.summarise(found.text, language)
        done.files += 1
        done.lines += summary.lines
        done.symbols += len(summary.symbols)
        return Entry(path, stamp, summary)


def begin() -> None:
    """Make this process a humble one: Ctrl-C and its parent's death end it quietly."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


def index_in_worker(task: Task, candidates: tuple[Candidate, ...]) -> Done:
    """Do one portion of a build."""
    return _indexer(task).index(candidates)


@cache
def _indexer(task: Task) -> FileIndexer:
    """Keep the parser, the connection and the reader for the next portion."""
    return FileIndexer(task, IndexStore(Path(task.database)))
