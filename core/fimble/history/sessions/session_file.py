"""Opens the file of sessions: private, locked while it changes, moved aside when it is broken."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fimble.errors import SessionStoreError
from fimble.history.sessions.schema import migrate

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

_BUSY_S: Final = 5.0
_COMPANIONS: Final = ("", "-wal", "-shm")
_CHECKED_BYTES: Final = 64 * 1024 * 1024
"""A larger file is not read as a whole at each start; what is broken in it shows when it is met."""


def default_path() -> Path:
    """Return the file in the user's state directory."""
    from platformdirs import user_state_path  # noqa: PLC0415 - `fimble ask` may do without

    return user_state_path("fimble") / "sessions.sqlite3"


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A connection, and what had to be done for it."""

    connection: sqlite3.Connection
    moved_aside: Path | None = None
    """Where a broken file of before lies now; the user is told once."""


def open_session_file(path: Path) -> OpenedFile:
    """Open or begin the file; one that is no database is kept under another name.

    Raises:
        SessionStoreTooNew: A newer version wrote it.
        SessionStoreError: The folder or the file cannot be used, or belongs to somebody else.
    """
    import sqlite3  # noqa: PLC0415 - 4 ms that only the chat pays

    try:
        _prepare(path)
        try:
            return OpenedFile(_connect(path))
        except sqlite3.DatabaseError as error:
            if not _is_broken(error):
                raise
            aside = _move_aside(path)
            _prepare(path)
            return OpenedFile(_connect(path), moved_aside=aside)
    except (sqlite3.Error, OSError) as error:
        raise failure(path, "opened", error) from error


def open_in_memory() -> OpenedFile:
    """Begin sessions that end with the process, for when no file can be used."""
    return OpenedFile(_begin(":memory:"))


def failure(path: Path | None, done: str, error: Exception) -> SessionStoreError:
    """Return the error that says what could not be done with the file."""
    return SessionStoreError(
        f"The chat's sessions in {path or 'memory'} could not be {done} ({error}).",
        hint="The chat goes on in memory; free space or allow writing there, and it is stored.",
    )


def _prepare(path: Path) -> None:
    """Make folder and file ourselves, so that they never exist with wider permissions (T8)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        status = os.fstat(handle)
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            raise SessionStoreError(
                f"{path} belongs to another user.",
                hint="Remove it, or set XDG_STATE_HOME to a folder of your own.",
            )
        if hasattr(os, "fchmod") and status.st_mode & 0o077:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def _connect(path: Path) -> sqlite3.Connection:
    connection = _begin(str(path))
    try:
        if path.stat().st_size <= _CHECKED_BYTES:
            _check(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(database: str) -> sqlite3.Connection:
    import sqlite3  # noqa: PLC0415

    connection = sqlite3.connect(
        database, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    import sqlite3  # noqa: PLC0415

    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(_BROKEN)


_BROKEN: Final = "the file is malformed"


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is at fault; a lock or a full disk is not cured by a new file."""
    import sqlite3  # noqa: PLC0415

    name = getattr(error, "sqlite_errorname", "")
    return (
        name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
        or error.args == (_BROKEN,)
        or (not name and not isinstance(error, sqlite3.OperationalError))
    )


def _move_aside(path: Path) -> Path:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.broken-{stamp}-{os.getpid()}{path.suffix}")
    for companion in _COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + companion).rename(aside.with_name(aside.name + companion))
    return aside
