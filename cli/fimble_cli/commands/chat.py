"""`fimble chat`: the conversation in the terminal."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from fimble.config.load import workspace_root
from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser, UsageError

_NEWEST = 0


def add_arguments(parser: CommandParser) -> None:
    """Declare which session and which model."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "-r",
        "--resume",
        metavar="SESSION",
        nargs="?",
        type=int,
        const=_NEWEST,
        help="go on with a session by its number, or with the newest one of this workspace",
    )
    which.add_argument("-n", "--new", action="store_true", help="begin a new session (the default)")
    parser.add_argument(
        "--plain",
        action="store_true",
        help="print into the terminal's own scrollback, without the full screen",
    )
    parser.add_argument("-m", "--model", metavar="NAME", default="", help="another model")


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Show the chat until the user leaves it."""
    del output, diagnostics
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the chat needs a terminal.",
            hint='For a pipe there is `fimble ask`: git diff | fimble ask "what changed?"',
        )
    workspace = workspace_root(Path())
    settings = settings_for(Path()).settings
    # What follows loads Textual, which nobody else pays for.
    from fimble.conversation.assembly import open_conversation  # noqa: PLC0415
    from fimble_tui.app import ChatApp  # noqa: PLC0415
    from fimble_tui.theme import theme_named  # noqa: PLC0415

    conversation = open_conversation(settings, workspace, model=arguments.model)
    if arguments.resume is not None:
        store = conversation.keeper.store
        found = store.sessions(str(workspace), limit=1) if store else ()
        number = arguments.resume or (found[0].session_id if found else None)
        if number is not None:
            conversation.resume(number)
    app = ChatApp(
        conversation,
        workspace=workspace,
        theme=theme_named(settings.chat.theme),
        mouse=settings.chat.mouse,
    )
    app.run(mouse=settings.chat.mouse)
    return ExitCode(app.return_code or ExitCode.OK)
