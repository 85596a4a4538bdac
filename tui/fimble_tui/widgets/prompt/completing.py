"""What is being written at the cursor: the beginning of a mention, or of a command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

_MENTION: Final = re.compile(
    r"""(?:^|(?<=[\s(\[{"']))@(?:"(?P<quoted>[^"]*)|(?P<bare>[^\s"'`@()\[\]{}<>,;!?|]*))\Z"""
)
_COMMAND: Final = re.compile(r"/(?P<name>[\w/-]*)\Z")
_INVOCATION: Final = re.compile(r"/(?P<name>[A-Za-z][\w/-]*)(?:\s+|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completing:
    """An unfinished word that can be completed."""

    sign: Literal["@", "/"]
    start: int
    """The column of its sign."""
    typed: str
    """What stands behind the sign, without a quote."""


def completing(row: str, column: int, *, first_row: bool) -> Completing | None:
    """Return what is being written before `column` of a row; None when it is an ordinary word.

    A command stands at the very beginning; a mention is none inside of backticks.
    """
    before = row[:column]
    command = _COMMAND.match(before) if first_row else None
    if command is not None:
        return Completing(sign="/", start=0, typed=command["name"])
    mention = _MENTION.search(before)
    if mention is None or before.count("`") % 2:
        return None
    typed = mention["bare"] if mention["quoted"] is None else mention["quoted"]
    return Completing(sign="@", start=mention.start(), typed=typed)


def invocation(text: str) -> tuple[str, str] | None:
    """Return the name of the command or prompt that `text` begins with, and the rest."""
    found = _INVOCATION.match(text)
    return None if found is None else (found["name"], text[found.end() :])
