"""Writes a conversation into a file that the user named; never over another one unasked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from fimble.chat.export import ExportFormat, export
from fimble.chat.transcript import SessionSummary, Turn
from fimble.errors import FimbleError, PathRefusedError

_FORMATS: Final = {
    ".md": ExportFormat.MARKDOWN,
    ".markdown": ExportFormat.MARKDOWN,
    ".json": ExportFormat.JSON,
    ".html": ExportFormat.HTML,
    ".htm": ExportFormat.HTML,
}


class ExportExistsError(FimbleError):
    """There is a file of that name already."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already.", hint="Name another file.")
        self.path = path


def format_of(path: Path) -> ExportFormat:
    """Return the form that a file's name asks for.

    Raises:
        FimbleError: It asks for none that we write.
    """
    form = _FORMATS.get(path.suffix.lower())
    if form is None:
        raise FimbleError(
            f"{path.name} does not say in which form to write.",
            hint="Its name must end in .md, .json or .html.",
        )
    return form


def write_export(
    path: Path,
    session: SessionSummary,
    turns: Sequence[Turn],
    *,
    form: ExportFormat | None = None,
    replace: bool = False,
) -> None:
    """Write a conversation, whole or not at all.

    Args:
        path: The file; "~" is the user's home.
        session: What it is called.
        turns: Its branch.
        form: The form; None takes the one that the name ends in.
        replace: Whether a file that is there may be replaced.

    Raises:
        ExportExistsError: It is there, and `replace` is false.
        FimbleError: The name asks for no form, or the file cannot be written.
    """
    path = path.expanduser()
    text = export(form or format_of(path), session, turns)
    if not replace and path.exists():
        raise ExportExistsError(path)
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}")
    try:
        with beside.open("x", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
        if replace:
            beside.replace(path)
        else:
            _take_name(beside, path)
    except FileExistsError:
        raise ExportExistsError(path) from None
    except OSError as error:
        raise PathRefusedError(
            f"{path} cannot be written ({error.strerror}).", path=str(path)
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink()


def _take_name(beside: Path, path: Path) -> None:
    """Give a finished file its name, unless somebody else took it meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # A file system without hard links.
        beside.rename(path)
