"""`fimble prompts`: write, check, render and test the prompts that a team owns."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from fimble.prompting.importing.forms import ForeignForm
from fimble.prompting.variables import Kind
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.prompts.checking import run_check
from fimble_cli.prompts.comparing import run_diff
from fimble_cli.prompts.creating import run_new
from fimble_cli.prompts.importing import run_import
from fimble_cli.prompts.listing import run_list, run_show, run_why
from fimble_cli.prompts.options import add_json_option, add_layer_options
from fimble_cli.prompts.rendering import run_render
from fimble_cli.prompts.testing import run_test
from fimble_cli.usage import CommandParser, UsageError

_KINDS = [kind.value for kind in Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    """One subcommand of `fimble prompts`."""

    name: str
    summary: str
    declare: Callable[[ArgumentParser], None]
    run: Callable[[Namespace, Output, Diagnostics], ExitCode]


def add_arguments(parser: CommandParser) -> None:
    """Declare the subcommands."""
    choices = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    for action in _ACTIONS:
        prog, summary = f"{parser.prog} {action.name}", f"{action.summary}."
        added = choices.add_parser(action.name, prog=prog, description=summary, help=action.summary)
        action.declare(added)
        parser.actions[action.name] = added
    parser.epilog = f"`{parser.prog} ACTION --help` shows what an action takes."


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Do what the subcommand says."""
    for action in _ACTIONS:
        if action.name == arguments.action:
            return action.run(arguments, output, diagnostics)
    names = ", ".join(action.name for action in _ACTIONS)
    raise UsageError("say what to do with the prompts.", hint=f"One of: {names}.")


def _list_options(parser: ArgumentParser) -> None:
    parser.add_argument("--kind", choices=_KINDS, help="only templates of this kind")
    add_layer_options(parser)


def _name_options(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as in review or chat/review")
    add_layer_options(parser)


def _check_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="files or folders (default: yours, the workspace's)",
    )
    parser.add_argument(
        "--schema",
        nargs="?",
        const="templates",
        choices=["templates", "tests"],
        help="print the JSON Schema of the front matter, or of files of tests",
    )
    parser.add_argument("--workspace", metavar="DIR", help="the workspace (default: here)")
    add_json_option(parser)


def _render_options(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as in review or chat/review")
    parser.add_argument("--at", metavar="FILE:LINE:COLUMN", help="the cursor")
    parser.add_argument("--to", metavar="LINE:COLUMN", help="select from the cursor to here")
    parser.add_argument(
        "--input",
        action="append",
        metavar="NAME=TEXT",
        help="an input of the template, or input=TEXT for what a user types with the command",
    )
    parser.add_argument(
        "--value",
        action="append",
        metavar="NAME=FILE",
        help="a variable from a file, - for what is piped in",
    )
    add_layer_options(parser)


def _test_options(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="only tests of these templates")
    layer = parser.add_mutually_exclusive_group()
    layer.add_argument("--user", action="store_true", help="your own instead of the workspace's")
    layer.add_argument("--bundled", action="store_true", help="those that come with Fimble")
    parser.add_argument(
        "--update", action="store_true", help="write the files that `equals` compares with"
    )
    parser.add_argument(
        "--model",
        nargs="?",
        const="",
        metavar="MODEL",
        help="ask a model too, and look at its answers (default: the configured one; "
        "write --model=MODEL before names)",
    )
    parser.add_argument("--workspace", metavar="DIR", help="the workspace (default: here)")
    add_json_option(parser)


def _diff_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "base",
        metavar="REV",
        help="a branch, tag or commit, as in origin/main or HEAD~1; or another state's folder",
    )
    parser.add_argument(
        "--exit-code", action="store_true", help="end with 1 when any prompt changes"
    )
    parser.add_argument("--workspace", metavar="DIR", help="the workspace (default: here)")
    add_json_option(parser)


def _import_options(parser: ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="prompt files of other tools")
    parser.add_argument(
        "--form", choices=[form.value for form in ForeignForm], help="default: by the file's name"
    )
    parser.add_argument("--print", action="store_true", help="print instead of writing files")
    parser.add_argument("--user", action="store_true", help="for yourself, not for the workspace")
    parser.add_argument("--workspace", metavar="DIR", help="the workspace (default: here)")
    parser.add_argument("--json", action="store_true", help="print as JSON; writes no file")


def _new_options(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what people will type")
    parser.add_argument("--kind", choices=_KINDS, default="chat", help="default: chat")
    parser.add_argument("--like", metavar="NAME", help="begin with a copy of this template")
    parser.add_argument("--user", action="store_true", help="for yourself, not for the workspace")
    add_layer_options(parser)


_ACTIONS = (
    _Action(
        name="list", summary="List all templates in force", declare=_list_options, run=run_list
    ),
    _Action(name="show", summary="Print a template", declare=_name_options, run=run_show),
    _Action(
        name="why",
        summary="Say which template a name means and which ones it hides",
        declare=_name_options,
        run=run_why,
    ),
    _Action(
        name="check",
        summary="Name every problem of templates and their tests",
        declare=_check_options,
        run=run_check,
    ),
    _Action(
        name="render",
        summary="Print the exact prompt for a place; no model is asked",
        declare=_render_options,
        run=run_render,
    ),
    _Action(
        name="test",
        summary="Run the workspace's tests of its templates; no model is asked without --model",
        declare=_test_options,
        run=run_test,
    ),
    _Action(
        name="diff",
        summary="Show what changed templates do to the prompts of all tests, and to their tokens",
        declare=_diff_options,
        run=run_diff,
    ),
    _Action(name="new", summary="Begin a template and its test", declare=_new_options, run=run_new),
    _Action(
        name="import",
        summary="Turn prompts of GitHub Copilot, Continue, llm or fabric into templates",
        declare=_import_options,
        run=run_import,
    ),
)
