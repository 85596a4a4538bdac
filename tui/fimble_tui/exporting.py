"""Writing a session to a file that the user named, after a question when that file is there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from fimble.chat.transcript import SessionSummary, Turn
from fimble.conversation.export_file import ExportExistsError, write_export
from fimble.errors import FimbleError


def export_path(name: str, directory: Path) -> Path:
    """Return the file that a typed name means: "~" is the user's home, the rest is from here."""
    return directory / Path(name).expanduser()


async def export_to(
    path: Path,
    session: SessionSummary,
    turns: Sequence[Turn],
    *,
    may_replace: Callable[[str], Awaitable[bool]],
) -> str:
    """Write a session; returns a sentence that says what became of it.

    Args:
        path: The file; its end says the form.
        session: What it is called.
        turns: Its branch.
        may_replace: Asks the user a question; whether he agreed.
    """
    write = partial(write_export, path, session, turns)
    try:
        try:
            await asyncio.to_thread(write)
        except ExportExistsError as error:
            if not await may_replace(f"{error.path} is there already. Replace it?"):
                return "Nothing was written."
            await asyncio.to_thread(write, replace=True)
    except FimbleError as error:
        return str(error)
    count = "1 turn" if len(turns) == 1 else f"{len(turns)} turns"
    return f"Wrote {count} to {path}."
