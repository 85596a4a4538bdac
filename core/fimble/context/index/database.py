"""The SQLite file of an index: in the cache, for its user alone, thrown away when it is broken.

The version of its layout is part of the file's name, so that two versions of Fimble never write
into one file. Everything in it can be made again from the workspace.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.errors import SymbolIndexError
from fimble.private_files import own_folder

if TYPE_CHECKING:
    import sqlite3

VERSION: Final = 2
"""Of the tables below and of what is written into them."""
_BUSY_S: Final = 10.0
_BUSY_AGAIN_S: Final = 0.005
_COMPANIONS: Final = ("", "-wal", "-shm")
_SYMBOLS_SHIFT: Final = 20
"""A symbol's number is its file's, shifted, and its place: a file's symbols are one range."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, digest BLOB NOT NULL, language TEXT NOT NULL,
    lines INTEGER NOT NULL, skipped TEXT NOT NULL, imports TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS words (
    file INTEGER PRIMARY KEY, words BLOB NOT NULL, counts BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS symbols (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, container TEXT NOT NULL, kind TEXT NOT NULL,
    first_line INTEGER NOT NULL, last_line INTEGER NOT NULL, signature TEXT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS symbols_by_name ON symbols (name);
CREATE VIRTUAL TABLE IF NOT EXISTS holders USING fts5 (
    words, content = '', detail = none, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '_'"
);
INSERT INTO holders (holders, rank) VALUES ('automerge', 0);
INSERT INTO holders (holders, rank) VALUES ('crisismerge', 64);
"""


def default_folder() -> Path:
    """Return the folder of all indexes in the user's cache directory."""
    from platformdirs import user_cache_path  # noqa: PLC0415 - only those who index need it

    return user_cache_path("fimble", appauthor=False) / "index"


def database_path(workspace: Path, folder: Path) -> Path:
    """Return the file for a workspace; one for all ways to write its path."""
    named = os.fsencode(os.path.realpath(workspace))
    digest = hashlib.sha256(named).hexdigest()[:32]
    return folder / f"{digest}.v{VERSION}.sqlite3"


def connect(path: Path) -> sqlite3.Connection:
    """Open or begin the file; a broken one is replaced by an empty one.

    Raises:
        SymbolIndexError: The folder or the file cannot be used, or belongs to somebody else.
    """
    import sqlite3  # noqa: PLC0415 - 4 ms that only those who index pay

    with failing("opened", path):
        try:
            return _connect(path)
        except sqlite3.DatabaseError as error:
            if not is_broken(error):
                raise
            remove(path)
            return _connect(path)


def remove(path: Path) -> None:
    """Delete the file and what SQLite keeps beside it.

    Raises:
        OSError: It cannot be deleted.
    """
    for companion in _COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + companion).unlink()


def is_broken(error: Exception) -> bool:
    """Whether the file itself is at fault; a lock or a full disk is not cured by a new file."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


@contextmanager
def failing(done: str, path: Path) -> Generator[None]:
    """Turn what SQLite and the system raise into our error.

    Raises:
        SymbolIndexError: Something failed.
    """
    import sqlite3  # noqa: PLC0415

    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise SymbolIndexError(
            f"The symbol index {path} could not be {done} ({error}).",
            hint="`fimble index clear` deletes it, `fimble index build` makes it again.",
        ) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """Write all of it or nothing, alone among all processes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def symbol_numbers(file: int) -> range:
    """Return the numbers that a file's symbols have."""
    return range(file << _SYMBOLS_SHIFT, (file + 1) << _SYMBOLS_SHIFT)


def file_of(symbol: str) -> str:
    """Return the SQL for the file of a symbol's number."""
    return f"({symbol} >> {_SYMBOLS_SHIFT})"


def _keep_a_journal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; SQLite does not wait there when another one does the same."""
    import sqlite3  # noqa: PLC0415

    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_AGAIN_S)
        else:
            return


def _connect(path: Path) -> sqlite3.Connection:
    import sqlite3  # noqa: PLC0415

    own_folder(path.parent)
    # Created by us first, so that it never exists with wider permissions (T8).
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(path, flags, 0o600)
    try:
        if hasattr(os, "fchmod"):
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)
    connection = sqlite3.connect(
        path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        _keep_a_journal(connection)
        # A lost power may lose the last writes, never the file (sqlite.org/wal.html).
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'symbols'").fetchone():
            with transaction(connection):
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection
