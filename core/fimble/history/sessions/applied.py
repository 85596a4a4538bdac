"""What was written into files from answers: for undo, and for "which turn wrote this line?"."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fimble.history.sessions.rows import storable
from fimble.history.sessions.texts import keep_text

if TYPE_CHECKING:
    import sqlite3

    from fimble.history.sessions.store_connection import StoreConnection

_SELECTION: Final = """
SELECT apply_id, turn_id, path, old.text AS before, new.text AS after, applied_at, undone_at
FROM applied LEFT JOIN text AS old ON old.digest = before JOIN text AS new ON new.digest = after
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedEdit:
    """One file that was changed from one answer."""

    apply_id: int
    turn_id: int
    path: str
    """Absolute."""
    before: str | None
    """The whole text before; None when the file was made."""
    after: str
    applied_at: float
    """Seconds since the epoch."""
    undone_at: float | None


class AppliedEdits:
    """The edits of all sessions, newest last."""

    def __init__(self, file: StoreConnection) -> None:
        self._file = file

    def record(self, turn_id: int, *, path: str, before: str | None, after: str) -> AppliedEdit:
        """Store an edit before it is written, so that it can always be undone."""
        with self._file.writing(flushed=True) as connection:
            digests = [
                None if text is None else keep_text(connection, text) for text in (before, after)
            ]
            made = connection.execute(
                "INSERT INTO applied (turn_id, path, before, after, applied_at) "
                "VALUES (?, ?, ?, ?, ?)",
                (turn_id, storable(path), *digests, time.time()),
            )
            (edit,) = _edits(connection, "apply_id = ?", made.lastrowid)
            return edit

    def forget(self, apply_id: int) -> None:
        """Drop an edit that was recorded and could not be written."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM applied WHERE apply_id = ?", (apply_id,))

    def undone(self, apply_id: int) -> None:
        """Note that an edit was taken back."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE applied SET undone_at = ? WHERE apply_id = ?", (time.time(), apply_id)
            )

    def of_turn(self, turn_id: int) -> list[AppliedEdit]:
        """Return the edits that were made from a turn."""
        with self._file.reading() as connection:
            return _edits(connection, "turn_id = ?", turn_id)

    def of_session(self, session_id: int) -> list[AppliedEdit]:
        """Return the edits that were made from turns asked in a session, on any of its branches."""
        with self._file.reading() as connection:
            return _edits(
                connection,
                "turn_id IN (SELECT turn_id FROM turn WHERE session_id = ?)",
                session_id,
            )

    def of_path(self, path: str) -> list[AppliedEdit]:
        """Return the edits of a file."""
        with self._file.reading() as connection:
            return _edits(connection, "path = ?", storable(path))


def _edits(connection: sqlite3.Connection, where: str, value: object) -> list[AppliedEdit]:
    rows = connection.execute(f"{_SELECTION} WHERE {where} ORDER BY apply_id", (value,)).fetchall()
    return [AppliedEdit(**dict(row)) for row in rows]
