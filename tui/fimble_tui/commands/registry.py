"""Every slash command, declared once.

The prompt's completion, the command palette and the help read this table; a command that is not
in it does not exist, and one that is in it can be found in all three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fimble_tui.commands.actions import ChatActions


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """One command."""

    name: str
    """Without the slash."""
    summary: str
    """What it does, as an imperative without a full stop."""
    argument: str = ""
    """What may follow, for people: "[NAME]"; empty when nothing may."""
    while_busy: bool = False
    """Whether it may run while an answer is being made."""
    binding: str = ""
    """The id of the key binding that does the same."""
    run: Callable[[ChatActions, str], None]
    """Does it, with the argument as it was typed."""


COMMANDS: Final = (
    SlashCommand(
        name="help",
        summary="show keys and commands",
        while_busy=True,
        binding="chat.help",
        run=lambda chat, _: chat.show_help(),
    ),
    SlashCommand(
        name="stop",
        summary="stop the answer and keep what came",
        while_busy=True,
        binding="chat.stop",
        run=lambda chat, _: chat.stop_answer(),
    ),
    SlashCommand(
        name="continue",
        summary="go on with the newest answer",
        binding="turn.carry-on",
        run=lambda chat, _: chat.continue_answer(),
    ),
    SlashCommand(
        name="again",
        summary="answer the newest question anew",
        binding="turn.regenerate",
        run=lambda chat, _: chat.ask_again(),
    ),
    SlashCommand(
        name="edit",
        summary="take a question back into the prompt and go on from there",
        argument="[NUMBER]",
        binding="turn.edit",
        run=lambda chat, which: chat.edit_question(which),
    ),
    SlashCommand(
        name="fork",
        summary="go on in a new session, and leave this one as it is",
        binding="turn.fork",
        run=lambda chat, _: chat.fork_session(),
    ),
    SlashCommand(
        name="copy",
        summary="copy the newest answer, or one of its code blocks",
        argument="[BLOCK]",
        while_busy=True,
        binding="turn.copy",
        run=lambda chat, which: chat.copy_answer(which),
    ),
    SlashCommand(
        name="letters",
        summary="put a letter on each code block, link and place",
        while_busy=True,
        binding="chat.letters",
        run=lambda chat, _: chat.start_jump(),
    ),
    SlashCommand(
        name="undo",
        summary="take the newest applied edit back",
        run=lambda chat, _: chat.undo_apply(),
    ),
    SlashCommand(
        name="new",
        summary="begin a new session",
        binding="chat.new",
        run=lambda chat, _: chat.begin_session(),
    ),
    SlashCommand(
        name="name",
        summary="name this session",
        argument="NAME",
        while_busy=True,
        run=lambda chat, name: chat.name_session(name),
    ),
    SlashCommand(
        name="sessions",
        summary="resume, search, rename or delete sessions",
        argument="[SEARCH]",
        binding="chat.sessions",
        run=lambda chat, search: chat.show_sessions(search),
    ),
    SlashCommand(
        name="model",
        summary="choose or pull a model",
        argument="[NAME]",
        binding="chat.models",
        run=lambda chat, name: chat.show_models(name),
    ),
    SlashCommand(
        name="sent",
        summary="show exactly what the next question sends, with its price",
        while_busy=True,
        binding="chat.xray",
        run=lambda chat, _: chat.show_prompt(),
    ),
    SlashCommand(
        name="export",
        summary="write this session to a file: .md, .json or .html",
        argument="FILE",
        while_busy=True,
        run=lambda chat, path: chat.export_session(path),
    ),
    SlashCommand(
        name="mouse",
        summary="leave the mouse to the terminal, or take it again",
        while_busy=True,
        run=lambda chat, _: chat.switch_mouse(),
    ),
    SlashCommand(
        name="theme",
        summary="choose colours: dark, light or the terminal's own",
        argument="[NAME]",
        while_busy=True,
        run=lambda chat, name: chat.choose_theme(name),
    ),
    SlashCommand(
        name="quit",
        summary="end the chat; everything is kept",
        while_busy=True,
        binding="chat.quit",
        run=lambda chat, _: chat.leave(),
    ),
)


def find_command(name: str) -> SlashCommand | None:
    """Return the command of that name, or the only one that begins so."""
    for command in COMMANDS:
        if command.name == name:
            return command
    near = [command for command in COMMANDS if name and command.name.startswith(name)]
    return near[0] if len(near) == 1 else None
