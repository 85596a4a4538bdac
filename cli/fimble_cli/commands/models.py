"""`fimble models`: list what the model server has, measure and recommend, pull."""

from __future__ import annotations

from argparse import SUPPRESS, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser

if TYPE_CHECKING:
    from collections.abc import Callable

    from fimble.config.schema import Settings

    _Action = Callable[[Namespace, Settings, Output, Diagnostics], ExitCode]

_SUMMARIES = {
    "list": "Show the models that the server has (what is done without an action)",
    "recommend": "Load models, measure memory and speed, and say which to use",
    "pull": "Have the server download a model; the same command goes on where it was stopped",
}


def add_arguments(parser: CommandParser) -> None:
    """Declare the three things that can be done."""
    parser.add_argument("--json", action="store_true", help="print as JSON")
    choices = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    for name, summary in _SUMMARIES.items():
        prog = f"{parser.prog} {name}"
        added = choices.add_parser(name, prog=prog, description=f"{summary}.", help=summary)
        added.add_argument("--json", action="store_true", default=SUPPRESS, help="print as JSON")
        parser.actions[name] = added
    parser.actions["recommend"].add_argument(
        "names", nargs="*", metavar="NAME", help="measure these (default: all that fill gaps)"
    )
    parser.actions["pull"].add_argument(
        "name", nargs="?", metavar="NAME", help="which one (default: the configured model)"
    )
    parser.epilog = f"`{parser.prog} ACTION --help` shows what an action takes."


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Do it with the server that the settings name."""
    settings = settings_for(Path()).settings
    return _action(arguments.action)(arguments, settings, output, diagnostics)


def _action(name: str | None) -> _Action:
    """Return what an action does; each imports what it needs, and no more."""
    match name:
        case "recommend":
            from fimble_cli.models.recommending import run as action  # noqa: PLC0415
        case "pull":
            from fimble_cli.models.fetching import run as action  # noqa: PLC0415
        case _:
            from fimble_cli.models.listing import run as action  # noqa: PLC0415
    return action
