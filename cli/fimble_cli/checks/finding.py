"""One line of a diagnosis: what was looked at, how it is, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not as well as it could."""
    PROBLEM = "problem"
    """It does not work until somebody does something."""
    SKIPPED = "skipped"
    """Could not be looked at; an earlier line, or the fix, says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check."""

    check: str
    """Its name; the same in every version, for programs that read `--json`."""
    state: State
    sentence: str
    fix: str = ""
    """A command to run, or a line to put into a file; empty when there is nothing to do."""


def command_in(hint: str) -> str:
    """Return the one command that `hint` quotes in back-ticks, or else the whole hint."""
    quoted = re.findall(r"`([^`]+)`", hint)
    return quoted[0] if len(quoted) == 1 else hint


def ok(check: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(check=check, state=State.OK, sentence=sentence)


def warning(check: str, sentence: str, fix: str = "") -> Finding:
    """It could be better."""
    return Finding(check=check, state=State.WARNING, sentence=sentence, fix=fix)


def problem(check: str, sentence: str, fix: str = "") -> Finding:
    """It does not work."""
    return Finding(check=check, state=State.PROBLEM, sentence=sentence, fix=fix)


def skipped(check: str, sentence: str, fix: str = "") -> Finding:
    """It was not looked at."""
    return Finding(check=check, state=State.SKIPPED, sentence=sentence, fix=fix)
