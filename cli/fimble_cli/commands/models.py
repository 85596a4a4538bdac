"""`fimble models`: list what the model server has, measure and recommend, pull."""

from __future__ import annotations

from argparse import SUPPRESS, Namespace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser

if TYPE_CHECKING:
    from fimble.config.schema import Settings

_MODULES = {None: "listing", "list": "listing", "recommend": "recommending", "pull": "fetching"}
_SUMMARIES = {
    "list": "Show the models that the server has (what is done without an action)",
    "recommend": "Load models, measure memory and speed, and say which to use",
    "pull": "Have the server download a model; the same command goes on where it was stopped",
}


class _Action(Protocol):
    def run(
        self, arguments: Namespace, settings: Settings, output: Output, diagnostics: Diagnostics
    ) -> ExitCode: ...


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
    module = import_module(f"fimble_cli.models.{_MODULES[arguments.action]}")
    return cast("_Action", module).run(arguments, settings, output, diagnostics)
