"""Mistakes on the command line, and the argument parser that reports them as errors of ours."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
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
        self.actions: dict[str, ArgumentParser] = {}
        """The parsers of a command that has subcommands of its own, by their names."""

    def help_for(self, arguments: Sequence[str]) -> str:
        """Return the help of the subcommand that `arguments` name, or else of the command."""
        named = next((self.actions[word] for word in arguments if word in self.actions), self)
        return named.format_help()

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing: stderr has one owner."""
        raise UsageError(f"{message}.", hint=f"`{self.prog} --help` shows what there is.")
