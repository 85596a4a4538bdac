"""Counts of what completions did, in a small SQLite file of this machine.

One row for each day, engine and counter; no text, no path, no name of anything. Several editors
write at once, so additions are made inside one immediate transaction.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fimble.errors import StatisticsError

if TYPE_CHECKING:
    import sqlite3

_SCHEMA = """
CREATE TABLE IF NOT EXISTS counts (
    day TEXT NOT NULL, engine TEXT NOT NULL, counter TEXT NOT NULL, value REAL NOT NULL,
    PRIMARY KEY (day, engine, counter)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO counts (day, engine, counter, value) VALUES (?, ?, ?, ?)
ON CONFLICT (day, engine, counter) DO UPDATE SET value = value + excluded.value
"""
_BUSY_S = 5.0


class Count(NamedTuple):
    """One row."""

    day: str
    """ISO date, local time."""
    engine: str
    counter: str
    value: float


def default_path() -> Path:
    """Return the file in the user's state directory."""
    from platformdirs import user_state_path  # noqa: PLC0415 - not on the way of a keystroke

    return user_state_path("fimble") / "statistics.sqlite3"


class StatisticsStore:
    """Adds up counts in one file; every call opens and closes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, day: str, counts: Mapping[tuple[str, str], float]) -> None:
        """Add `counts`, by (engine, counter), to a day.

        Raises:
            StatisticsError: The file cannot be written.
        """
        import sqlite3  # noqa: PLC0415 - 4 ms that start-up need not pay

        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    _ADD, [(day, engine, name, value) for (engine, name), value in counts.items()]
                )
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise self._failure("written", error) from error

    def read(self, since: str = "") -> tuple[Count, ...]:
        """Return all counts from the day `since` on, oldest first.

        Raises:
            StatisticsError: The file is there and cannot be read.
        """
        import sqlite3  # noqa: PLC0415

        if not self._path.exists():
            return ()
        try:
            with closing(self._connect()) as connection:
                rows = connection.execute(
                    "SELECT day, engine, counter, value FROM counts WHERE day >= ? "
                    "ORDER BY day, engine, counter",
                    (since,),
                ).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise self._failure("read", error) from error
        return tuple(Count(*row) for row in rows)

    def clear(self) -> None:
        """Delete everything that was counted.

        Raises:
            StatisticsError: A file cannot be deleted.
        """
        try:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise self._failure("deleted", error) from error

    def _connect(self) -> sqlite3.Connection:
        import sqlite3  # noqa: PLC0415

        # Created by us first, so that it never exists with wider permissions.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
        try:
            connection.execute(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _failure(self, done: str, error: Exception) -> StatisticsError:
        return StatisticsError(
            f"The statistics in {self._path} could not be {done} ({error}).",
            hint="Set statistics.enabled to false to do without, or delete the file.",
        )
