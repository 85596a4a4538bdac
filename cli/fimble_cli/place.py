"""FILE:LINE:COLUMN as editors show it: both numbers count from 1, columns in characters."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from fimble.errors import PathRefusedError
from fimble.policy.secrets import is_secret_file
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from fimble_cli.usage import UsageError

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""The same bound as for one message of an editor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file, as the user wrote it."""

    path: Path
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1: column 1 is before the first character."""

    def cursor_in(self, snapshot: Snapshot) -> Position:
        """Return the position in `snapshot`; raises `UsageError` when there is no such place."""
        if self.line > snapshot.line_count:
            raise UsageError(
                f"{self.path} has {_count(snapshot.line_count, 'line')}; "
                f"there is no line {self.line}."
            )
        characters = len(snapshot.line(self.line - 1))
        if self.column > characters + 1:
            raise UsageError(
                f"line {self.line} of {self.path} has {_count(characters, 'character')}; "
                f"there is no column {self.column}.",
                hint=f"The last column is {characters + 1}, behind the last character.",
            )
        return Position(self.line - 1, self.column - 1)


def parse_place(text: str) -> Place:
    """Return the place that FILE:LINE:COLUMN names; raises `UsageError` when it names none."""
    found = re.fullmatch(r"(?s)(.+):([0-9]{1,9}):([0-9]{1,9})", text)
    if found is None:
        raise UsageError(
            f'"{text}" names no place in a file.',
            hint="Write FILE:LINE:COLUMN, for instance src/app.py:12:5.",
        )
    line, column = int(found[2]), int(found[3])
    if line == 0 or column == 0:
        raise UsageError("lines and columns count from 1.")
    return Place(path=Path(found[1]), line=line, column=column)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """What a file holds."""

    text: str
    damaged: bool
    """Whether bytes that are not UTF-8 were replaced."""


def read_document(path: Path) -> DocumentText:
    """Read a text file that somebody named.

    Raises:
        PathRefusedError: It looks like a file of secrets, or leads to one.
        UsageError: It is missing, not a plain file, or binary.
    """
    try:
        # O_NONBLOCK: a FIFO must be refused, not waited for.
        descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise UsageError(f"{path} is not a regular file.")
            if is_secret_file(str(path.absolute())):
                raise PathRefusedError(
                    f"{path} looks like a file of secrets and is not read.", path=str(path)
                )
            data = file.read(MAX_DOCUMENT_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}.") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder, not a file.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{path} cannot be read: {reason.lower()}.") from None
    if len(data) > MAX_DOCUMENT_BYTES:
        raise UsageError(f"{path} is larger than {MAX_DOCUMENT_BYTES // 1024 // 1024} MiB.")
    if b"\0" in data:
        raise UsageError(f"{path} is a binary file.", hint="Fimble completes text.")
    try:
        return DocumentText(text=data.decode("utf-8-sig"), damaged=False)
    except UnicodeDecodeError:
        return DocumentText(text=data.decode("utf-8-sig", errors="replace"), damaged=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
