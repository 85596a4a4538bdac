"""Deletes what no session needs any more, so that a purge leaves nothing to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

_KEPT: Final = """
CREATE TEMP TABLE kept AS
WITH RECURSIVE reached (member) AS (
    SELECT head FROM session WHERE head IS NOT NULL
    UNION SELECT turn_id FROM turn WHERE session_id IN (SELECT session_id FROM session)
    UNION SELECT parent FROM turn JOIN reached ON turn_id = member WHERE parent IS NOT NULL
) SELECT member FROM reached
"""
"""Turns beside a living branch (a question that was edited) stay as long as their session."""

_DELETIONS: Final = (
    "DELETE FROM turn_text WHERE rowid NOT IN (SELECT member FROM temp.kept)",
    "DELETE FROM turn WHERE turn_id NOT IN (SELECT member FROM temp.kept)",
    """
    DELETE FROM text WHERE digest NOT IN (
        SELECT digest FROM attachment
        UNION SELECT before FROM applied WHERE before IS NOT NULL
        UNION SELECT after FROM applied
    )
    """,
)


def drop_unreachable(connection: sqlite3.Connection) -> None:
    """Delete turns that no session reaches and texts that nothing refers to.

    Runs inside the caller's transaction. `secure_delete` overwrites the space with zeros
    (sqlite.org/pragma.html#pragma_secure_delete); it is set when the file is opened.
    """
    connection.execute("PRAGMA defer_foreign_keys = ON")
    connection.execute(_KEPT)
    for deletion in _DELETIONS:
        connection.execute(deletion)
    connection.execute("DROP TABLE temp.kept")
