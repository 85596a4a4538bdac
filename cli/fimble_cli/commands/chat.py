"""`fimble chat`: the conversation in the terminal."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.config.load import workspace_root
from fimble.history.sessions.session_file import default_path
from fimble_cli.chat_sessions import commands as chat_sessions
from fimble_cli.configuration import settings_for
from fimble_cli.diagnostics import Diagnostics
from fimble_cli.exit_codes import ExitCode
from fimble_cli.output import Output
from fimble_cli.usage import CommandParser, UsageError

if TYPE_CHECKING:
    from fimble.conversation.conversation import Conversation

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
    parser.add_argument(
        "--draft",
        metavar="TEXT",
        default="",
        help="begin with this in the prompt of the full screen; nothing is sent",
    )
    chat_sessions.add_arguments(parser)


def run(arguments: Namespace, output: Output, diagnostics: Diagnostics) -> ExitCode:
    """Show the chat until the user leaves it, or do something with stored sessions."""
    if chat_sessions.wanted(arguments):
        return chat_sessions.run(
            arguments, default_path(), workspace_root(Path()), output, diagnostics
        )
    if not arguments.plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the chat needs a terminal.",
            hint='For a pipe there is `fimble ask`: git diff | fimble ask "what changed?"',
        )
    workspace = workspace_root(Path())
    settings = settings_for(Path()).settings
    from fimble.conversation.assembly import open_conversation  # noqa: PLC0415

    conversation = open_conversation(settings, workspace, model=arguments.model)
    if arguments.resume is not None:
        store = conversation.keeper.store
        found = store.sessions(str(workspace), limit=1) if store else ()
        number = arguments.resume or (found[0].session_id if found else None)
        if number is not None:
            conversation.resume(number)
    if arguments.plain:
        return _plain(conversation, output, diagnostics)
    # Textual, which nobody else pays for.
    from fimble_tui.app import ChatApp  # noqa: PLC0415
    from fimble_tui.theme import theme_named  # noqa: PLC0415

    app = ChatApp(
        conversation,
        workspace=workspace,
        draft=arguments.draft,
        theme=theme_named(settings.chat.theme),
        mouse=settings.chat.mouse,
        notifications=settings.chat.notifications,
    )
    app.run(mouse=settings.chat.mouse)
    return ExitCode(app.return_code or ExitCode.OK)


def _plain(conversation: Conversation, output: Output, diagnostics: Diagnostics) -> ExitCode:
    from fimble_cli.plain_chat.loop import PlainChat  # noqa: PLC0415

    reader = conversation.drafting.reader
    chat = PlainChat(conversation, reader, output=output, diagnostics=diagnostics)
    return asyncio.run(chat.run())
