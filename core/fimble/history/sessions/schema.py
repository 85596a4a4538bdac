"""The tables of the session store, and how older files become newer ones.

`PRAGMA user_version` is the version. Texts that may repeat (attachments, files before and after
an edit) are stored once, by their SHA-256. `journal` holds the pieces of answers that still
stream: appending costs the same at any length, and the end of the turn folds them together.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from fimble.errors import SessionStoreTooNew

if TYPE_CHECKING:
    import sqlite3

VERSION: Final = 1

_VERSION_1: Final = """
CREATE TABLE session (
    session_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL DEFAULT '',
    directory TEXT NOT NULL,
    model TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    head INTEGER REFERENCES turn (turn_id),
    forked_from INTEGER REFERENCES session (session_id) ON DELETE SET NULL
);
CREATE INDEX session_by_directory ON session (directory, updated_at);
CREATE TABLE turn (
    turn_id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL,
    parent INTEGER REFERENCES turn (turn_id),
    question TEXT NOT NULL,
    expanded TEXT NOT NULL DEFAULT '',
    system TEXT NOT NULL DEFAULT '',
    prompt TEXT,
    answer TEXT NOT NULL DEFAULT '',
    thinking TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    problem TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '',
    model_digest TEXT NOT NULL DEFAULT '',
    prompt_digest TEXT NOT NULL DEFAULT '',
    statistics TEXT NOT NULL DEFAULT '{}',
    created_at REAL NOT NULL,
    owner INTEGER NOT NULL
);
CREATE INDEX turn_by_parent ON turn (parent);
CREATE INDEX turn_by_session ON turn (session_id);
CREATE TABLE journal (
    piece INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id) ON DELETE CASCADE,
    answer TEXT NOT NULL,
    thinking TEXT NOT NULL
);
CREATE INDEX journal_by_turn ON journal (turn_id);
CREATE TABLE text (
    digest TEXT PRIMARY KEY,
    text TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE attachment (
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    language TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    masked INTEGER NOT NULL,
    digest TEXT NOT NULL REFERENCES text (digest),
    PRIMARY KEY (turn_id, position)
) WITHOUT ROWID;
CREATE INDEX attachment_by_text ON attachment (digest);
CREATE TABLE fence (
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    language TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (turn_id, position)
) WITHOUT ROWID;
CREATE TABLE applied (
    apply_id INTEGER PRIMARY KEY AUTOINCREMENT,
    turn_id INTEGER NOT NULL REFERENCES turn (turn_id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    before TEXT REFERENCES text (digest),
    after TEXT REFERENCES text (digest),
    applied_at REAL NOT NULL,
    undone_at REAL
);
CREATE INDEX applied_by_turn ON applied (turn_id);
CREATE VIRTUAL TABLE turn_text USING fts5 (question, answer, files, tokenize = 'trigram');
"""

_MIGRATIONS: Final[tuple[str, ...]] = (_VERSION_1,)
"""The step from version N to N + 1 at place N."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version, under the write lock, so that two processes do not meet.

    Raises:
        SessionStoreTooNew: A newer version wrote the file.
        sqlite3.Error: The file is no database, is locked or cannot be written.
    """
    if _version(connection) == VERSION:
        return
    with immediate(connection):
        for step in _MIGRATIONS[_known(_version(connection)) :]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION:d}")


@contextmanager
def immediate(connection: sqlite3.Connection) -> Generator[None]:
    """Hold the write lock from the start: what is read inside is still true when it is written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def _known(version: int) -> int:
    if version > VERSION:
        raise SessionStoreTooNew(
            f"The chat's sessions are in format {version}, and this Fimble knows {VERSION}.",
            hint="Update Fimble; until then the chat is kept in memory only.",
        )
    return version


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _statements(script: str) -> list[str]:
    """Split a script; `executescript` would commit the transaction that it runs in."""
    return [statement for statement in script.split(";\n") if statement.strip()]
