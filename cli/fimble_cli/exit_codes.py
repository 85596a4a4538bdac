"""What `fimble` tells the shell."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every subcommand."""

    OK = 0
    NOTHING_FOUND = 1
    """The command worked and there was nothing to show."""
    PROBLEMS = 1
    """`fimble doctor` found what keeps Fimble from working."""
    USAGE = 2
    """Wrong arguments, configuration, file or position."""
    ENGINE = 3
    """The engine that was asked for could not answer."""
    DEFECT = 70
    """A defect in Fimble itself (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT."""
    OUTPUT_CLOSED = 141
    """The reader of our output went away: 128 + SIGPIPE."""
