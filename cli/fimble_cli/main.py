"""The `fimble` command: finds the subcommand, loads only its module, and maps its end to a code.

Nothing heavy is imported here or by anything imported here, so that `fimble --help` is quick and
`fimble lsp` pays for nothing but the server; a test in tests/packaging holds it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from fimble.errors import FimbleError
from fimble.version import VERSION
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output, OutputClosedError

if TYPE_CHECKING:
    from argparse import Namespace

    from fimble_cli.usage import CommandParser


class CommandModule(Protocol):
    """What each module in `fimble_cli.commands` offers."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        ...

    def run(self, arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
        """Do the work."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One subcommand."""

    name: str
    summary: str


COMMANDS = (
    Command(name="complete", summary="print one completion for a place in a file"),
    Command(name="context", summary="print what else of the workspace the model is shown, and why"),
    Command(name="ask", summary="ask the model once; reads what is piped in and mentioned files"),
    Command(name="chat", summary="talk with the model about this workspace, in the terminal"),
    Command(name="lsp", summary="run the language server over stdin and stdout"),
    Command(
        name="stats", summary="show what completions did for you; counted on this machine only"
    ),
    Command(name="models", summary="list the server's models, measure and recommend, pull one"),
    Command(name="doctor", summary="find what is wrong with the set-up, and say the fix"),
    Command(name="bugreport", summary="bundle what a report of a bug needs; nothing is sent"),
    Command(name="bench", summary="type holes of your own code in again and measure completion"),
    Command(name="prompts", summary="list, check, render and test prompt templates"),
    Command(name="index", summary="index the workspace's symbols; search and outline them"),
    Command(name="trust", summary="review what a workspace's own prompts and rules would change"),
    Command(name="config", summary="show the settings in force and where each one comes from"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `fimble` with `argv` (default: the process's arguments) and return its exit code."""
    diagnostics = Diagnostics(sys.stderr)
    try:
        _use_utf8()
        output = Output(sys.stdout, environment=os.environ)
        return _dispatch(sys.argv[1:] if argv is None else list(argv), output, diagnostics)
    except FimbleError as error:
        return diagnostics.report(error)
    except OutputClosedError:
        _discard_stdout()
        return ExitCode.OUTPUT_CLOSED
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        return diagnostics.report_defect(error)


def _dispatch(argv: list[str], output: Output, diagnostics: Diagnostics) -> ExitCode:
    if argv in (["lsp"], ["lsp", "--stdio"]):
        # Editors wait for this one: even argparse costs a tenth of the start-up budget.
        from fimble_cli.commands import lsp  # noqa: PLC0415

        return lsp.serve()
    name = argv[0] if argv else "--help"
    if name in {"-h", "--help"}:
        output.write(_help())
        return ExitCode.OK if argv else ExitCode.USAGE
    if name in {"-V", "--version"}:
        output.write_line(f"fimble {VERSION}")
        return ExitCode.OK
    return _run(_find(name), argv[1:], output, diagnostics)


def _run(
    command: Command, arguments: list[str], output: Output, diagnostics: Diagnostics
) -> ExitCode:
    from fimble_cli.usage import CommandParser  # noqa: PLC0415 - loads argparse

    module = cast("CommandModule", import_module(f"fimble_cli.commands.{command.name}"))
    summary = f"{command.summary[0].upper()}{command.summary[1:]}."
    parser = CommandParser(prog=f"fimble {command.name}", description=summary)
    module.add_arguments(parser)
    if {"-h", "--help"}.intersection(arguments):
        output.write(parser.help_for(arguments))
        return ExitCode.OK
    return module.run(parser.parse_args(arguments), output, diagnostics)


def _find(name: str) -> Command:
    for command in COMMANDS:
        if command.name == name:
            return command
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    from fimble_cli.usage import UsageError  # noqa: PLC0415

    near = get_close_matches(name, [command.name for command in COMMANDS], n=1)
    hint = f"Did you mean `fimble {near[0]}`?" if near else "`fimble --help` lists the commands."
    raise UsageError(f'there is no command "{name}".', hint=hint)


def _help() -> str:
    width = max(len(command.name) for command in COMMANDS)
    lines = [f"  {command.name:<{width}}  {command.summary}" for command in COMMANDS]
    return "\n".join(
        [
            "usage: fimble COMMAND [ARGUMENTS]",
            "",
            "A coding assistant that never leaves the machine.",
            "",
            "commands:",
            *lines,
            "",
            "options:",
            "  -h, --help     show this help, or with a command that command's",
            "  -V, --version  show the version",
            "",
        ]
    )


def _use_utf8() -> None:
    """Write UTF-8 whatever the locale says; what cannot be encoded is shown as an escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _discard_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
