"""The index of one workspace's symbols: built, kept up to date, asked. What others hold on to.

Questions are answered from SQLite within milliseconds and may come from any thread; building is
for a thread of its own. What is not built yet is simply not found.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.context.index.build import Build
from fimble.context.index.database import database_path, default_folder, failing, remove
from fimble.context.index.processes import default_processes
from fimble.context.index.records import BuildReport, IndexStatus
from fimble.context.index.repo_map import RepoMap, repo_map
from fimble.context.index.store import UNSAVED, Entry, IndexStore, Stamp
from fimble.context.index.summarise import Summariser, code_language, digest_of
from fimble.context.index.worker import Task
from fimble.context.workspace_files import WorkspaceFiles

if TYPE_CHECKING:
    import threading

    from fimble.context.index.build import Progress

_POLITE_S: Final = 0.0002
"""How long a background build lets go of the interpreter's lock, every two milliseconds."""


class SymbolIndex:
    """Symbols, imports and identifiers of one workspace."""

    def __init__(
        self, workspace: Path, *, exclude: tuple[str, ...] = (), folder: Path | None = None
    ) -> None:
        """Take the workspace; its file is opened with the first use.

        Args:
            workspace: Its root.
            exclude: The user's own globs of what is not read.
            folder: Where indexes are kept; the user's cache directory when None.
        """
        self.workspace = workspace.absolute()
        self.exclude = exclude
        self.path = database_path(self.workspace, folder or default_folder())
        self._store: IndexStore | None = None

    @property
    def store(self) -> IndexStore:
        """The open file, for questions.

        Raises:
            SymbolIndexError: It cannot be opened.
        """
        if self._store is None:
            self._store = IndexStore(self.path)
        return self._store

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def build(
        self,
        progress: Progress | None = None,
        *,
        processes: int | None = None,
        polite: bool = False,
        stop: threading.Event | None = None,
    ) -> BuildReport:
        """Bring the index up to date with the disk.

        Args:
            progress: Told after each portion, from this thread.
            processes: How many workers at most; None leaves one core free, 0 does all of it here.
            polite: Whether an event loop runs in this process, which must not wait.
            stop: Ends the build early when it is set; what was done is kept.

        Raises:
            SymbolIndexError: The index cannot be read or written.
        """
        self._remove_older_versions()
        return Build(
            self._task(),
            self.store,
            processes=default_processes() if processes is None else processes,
            progress=progress,
            pause=_pause if polite else None,
            stop=stop,
        ).run()

    def refresh(self, path: str, text: str | None = None) -> bool:
        """Take in one file that changed.

        Args:
            path: From the workspace's root, with slashes.
            text: What the editor has; None reads the disk.

        Returns:
            Whether something was new.

        Raises:
            SymbolIndexError: The index cannot be written.
        """
        language = code_language(path)
        # The reader's rules hold for a text that an editor gives, too.
        reader = WorkspaceFiles(self.workspace, exclude=self.exclude)
        found = None if language is None else reader.read(self.workspace / path)
        if language is None or found is None:
            return self.store.forget([path]) > 0
        saved = text is None or text == found.text
        stamp = self._stamp(path) if saved else UNSAVED
        text = found.text if text is None else text
        known = self.store.known_file(path)
        if known is not None and known.digest == digest_of(text):
            self.store.touch(path, stamp)
            return False
        summary = Summariser(pause=_pause).summarise(text, language)
        self.store.put([Entry(path, stamp, summary)])
        return True

    def status(self) -> IndexStatus:
        """Say what the index holds.

        Raises:
            SymbolIndexError: It cannot be read.
        """
        totals = self.store.totals()
        built = self.store.noted("built")
        with failing("read", self.path):
            size = sum(
                path.stat().st_size
                for path in (self.path, self.path.with_name(self.path.name + "-wal"))
                if path.exists()
            )
        return IndexStatus(
            path=self.path,
            files=totals.files,
            lines=totals.lines,
            symbols=totals.symbols,
            skipped=totals.skipped,
            bytes=size,
            built_at=None if built is None else float(built),
        )

    def repo_map(self, budget_tokens: int, count: Callable[[str], int]) -> RepoMap:
        """Return an outline of the project, what others use first, within a budget of tokens.

        Raises:
            SymbolIndexError: The index cannot be read.
        """
        return repo_map(self.store, budget_tokens, count)

    @property
    def exists(self) -> bool:
        """Whether anything was ever built."""
        return self.path.exists()

    def clear(self) -> None:
        """Delete the index.

        Raises:
            SymbolIndexError: It cannot be deleted.
        """
        self.close()
        with failing("deleted", self.path):
            remove(self.path)

    def _task(self) -> Task:
        return Task(
            root=str(self.workspace), exclude=self.exclude, database=str(self.path.absolute())
        )

    def _stamp(self, path: str) -> Stamp:
        try:
            found = os.stat(self.workspace / path)  # noqa: PTH116 - the fields alone count
        except OSError:
            return UNSAVED
        return Stamp(found.st_size, found.st_mtime_ns)

    def _remove_older_versions(self) -> None:
        name, _, version = self.path.name.removesuffix(".sqlite3").rpartition(".v")
        with failing("opened", self.path):
            for other in self.path.parent.glob(f"{name}.v*.sqlite3"):
                number = other.name.removesuffix(".sqlite3").rpartition(".v")[2]
                if number.isdigit() and int(number) < int(version):
                    remove(other)


def _pause() -> None:
    time.sleep(_POLITE_S)
