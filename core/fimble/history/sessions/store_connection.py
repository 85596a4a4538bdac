"""The one connection of a process to its sessions: locks, transactions, one kind of error."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fimble.history.sessions.schema import immediate
from fimble.history.sessions.session_file import failure, open_in_memory, open_session_file

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


class StoreConnection:
    """Gives out the connection for one read or one transaction at a time, to any thread.

    Raises:
        SessionStoreTooNew: A newer version wrote the file.
        SessionStoreError: It cannot be opened, read or written.
    """

    def __init__(self, path: Path | None) -> None:
        import sqlite3  # noqa: PLC0415 - 4 ms that only the chat pays

        opened = open_in_memory() if path is None else open_session_file(path)
        self.path = path
        self.moved_aside = opened.moved_aside
        self._connection = opened.connection
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Hold the connection for queries."""
        with self._guarded("read") as connection:
            yield connection

    @contextmanager
    def writing(self, *, flushed: bool = False) -> Generator[sqlite3.Connection]:
        """Hold the connection for one transaction.

        Args:
            flushed: Whether it must be on the disk, not only with the operating system, when it
                ends (`PRAGMA synchronous`, sqlite.org/pragma.html#pragma_synchronous).
        """
        with self._guarded("written") as connection:
            if flushed:
                connection.execute("PRAGMA synchronous = FULL")
            try:
                with immediate(connection):
                    yield connection
            finally:
                if flushed:
                    connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _guarded(self, done: str) -> Generator[sqlite3.Connection]:
        import sqlite3  # noqa: PLC0415

        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise failure(self.path, done, error) from error
