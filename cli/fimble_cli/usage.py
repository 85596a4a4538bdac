"""Mistakes on the command line, and the argument parser that reports them as errors of ours."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import NoReturn

from fimble.errors import FimbleError


class UsageError(FimbleError):
    """The command line asks for something that cannot be done as written."""


class CommandParser(ArgumentParser):
    """Parses one subcommand's arguments; raises `UsageError` where argparse would exit."""

    def __init__(self, *, prog: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
            add_help=False,
        )
        self.add_argument("-h", "--help", action="store_true", help="show this help and leave")

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing: stderr has one owner."""
        raise UsageError(f"{message}.", hint=f"`{self.prog} --help` shows what there is.")
