"""What lines that begin with a slash do in the plain chat: one table, which is also the help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.export import ExportFormat
from fimble.chat.fences import Fence, fences
from fimble.chat.hunks import hunks
from fimble.chat.proposal import propose
from fimble.chat.search_query import parse_search
from fimble.chat.transcript import Question, Turn
from fimble.conversation.export_file import write_export
from fimble.errors import FimbleError

if TYPE_CHECKING:
    from fimble.conversation.conversation import Conversation

Say = Callable[[str], None]
AskUser = Callable[[str], Awaitable[str]]

_SHOWN_SESSIONS: Final = 15


class Leave(Exception):
    """The user wants to leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainCommands:
    """The commands over one conversation; each says in a sentence what it did."""

    conversation: Conversation
    say: Say
    ask_user: AskUser
    """Asks a question and returns the line that is typed."""

    async def run(self, line: str) -> bool:
        """Do what a line says; False when it is no command of ours.

        Raises:
            Leave: The user leaves.
            FimbleError: It cannot be done, and why.
        """
        name, _, argument = line[1:].partition(" ")
        command = next((each for each in COMMANDS if each.name == name), None)
        if command is None:
            return False
        await command.run(self, argument.strip())
        return True

    async def help(self, _: str) -> None:
        """Show the commands."""
        width = max(len(f"{each.name} {each.argument}") for each in COMMANDS)
        for each in COMMANDS:
            self.say(f"  /{f'{each.name} {each.argument}':<{width}}  {each.summary}")
        self.say(
            "  A line that ends in a backslash goes on in the next one; @src/file.py attaches."
        )

    async def carry_on(self, _: str) -> None:
        """Go on with the newest answer."""
        self.conversation.carry_on()

    async def again(self, _: str) -> None:
        """Ask the newest question once more."""
        self.conversation.regenerate(self._newest().turn_id)

    async def edit(self, _: str) -> None:
        """Take back the newest question."""
        question = self.conversation.rewind(self._newest().turn_id)
        self.say(f"Taken back. It was:\n{question.text}")

    async def fork(self, _: str) -> None:
        """Go on in a copy."""
        session = self.conversation.fork(self._newest().turn_id)
        self.say(f"A new conversation, number {session.session_id}; the old one stays as it is.")

    async def new(self, _: str) -> None:
        """Begin anew."""
        self.conversation.new_session()
        self.say("A new conversation.")

    async def name(self, name: str) -> None:
        """Name the conversation."""
        self.conversation.rename(name)
        self.say(f"This conversation is called {self.conversation.session.name}.")

    async def sessions(self, words: str) -> None:
        """List or search conversations."""
        store = self.conversation.facilities.store()
        if words:
            for hit in store.search.find(parse_search(words), limit=_SHOWN_SESSIONS):
                self.say(f"  {hit.session_id:>5}  {hit.session_name}: {hit.line}")
            return
        for each in store.sessions(str(self.conversation.directory), limit=_SHOWN_SESSIONS):
            self.say(f"  {each.session_id:>5}  {each.name}  ({each.turns} turns)")

    async def resume(self, number: str) -> None:
        """Go on in another conversation."""
        if not number.isdigit():
            raise FimbleError("Which one?", hint="/sessions lists their numbers.")
        self.conversation.resume(int(number))
        last = self.conversation.turns[-1] if self.conversation.turns else None
        self.say(f"Going on in {self.conversation.session.name}.")
        if last is not None:
            self.say(f"> {last.question.text}\n{last.answer.text}")

    async def model(self, name: str) -> None:
        """Switch or show the model."""
        if name:
            await self.conversation.switch_model(name)
        status = self.conversation.status
        message = f" {status.message}" if status.message else ""
        self.say(f"{self.conversation.model}: {status.state.value}.{message}")

    async def think(self, word: str) -> None:
        """Switch thinking."""
        if word in {"on", "off"}:
            self.conversation.think = word == "on"
        self.say(f"Thinking is {'on' if self.conversation.think else 'off'}.")

    async def tokens(self, _: str) -> None:
        """Say what the conversation costs."""
        meter = self.conversation.meter(Question(text=""))
        how = "counted" if meter.exact else "at most"
        self.say(
            f"{meter.tokens:,} of {meter.window_tokens:,} tokens ({how}, {meter.counted_by}); "
            f"{meter.to_be_read:,} would be read again."
        )

    async def export(self, words: str) -> None:
        """Write the conversation to a file."""
        form, _, name = words.partition(" ")
        if form not in set(ExportFormat) or not name:
            raise FimbleError("Write /export md|json|html FILE.")
        write_export(
            Path(name),
            self.conversation.session,
            self.conversation.turns,
            form=ExportFormat(form),
        )
        self.say(f"Written to {name}.")

    async def apply(self, words: str) -> None:
        """Apply a block of the newest answer."""
        number, _, name = words.partition(" ")
        turn = self._newest()
        blocks = fences(turn.answer.text)
        if not blocks:
            raise FimbleError("The newest answer holds no code block.")
        if number and not number.isdigit():
            number, name = "", words
        if not number and len(blocks) > 1:
            raise FimbleError(f"There are {len(blocks)} blocks; write /apply NUMBER [FILE].")
        place = int(number or 1) - 1
        if not 0 <= place < len(blocks):
            raise FimbleError(f"There are {len(blocks)} blocks.")
        await self._apply(blocks[place], name, turn.turn_id)

    async def _apply(self, fence: Fence, name: str, turn_id: int) -> None:
        path = name or fence.path
        if not path:
            raise FimbleError("The block names no file.", hint="Write /apply NUMBER FILE.")
        editor = self.conversation.facilities.editor()
        target = editor.target(path)
        proposal = propose(fence, target.text, path=target.relative)
        changes = hunks(target.text or "", proposal.text)
        if not changes:
            self.say(f"{target.relative} is like that already.")
            return
        self.say(f"{target.relative}: {proposal.how}")
        for hunk in changes:
            self.say(hunk.header)
            for mark, lines in (
                (" ", hunk.before),
                ("-", hunk.old_lines),
                ("+", hunk.new_lines),
                (" ", hunk.after),
            ):
                for line in lines:
                    self.say(mark + line.rstrip("\r\n"))
        if proposal.unplaced:
            self.say(f"{proposal.unplaced} hunks of the diff found no place and are left out.")
        if proposal.adds_errors:
            self.say(f"Careful: the result has syntax errors ({proposal.adds_errors} more).")
        wanted = target.relative if target.protected else "yes"
        what = "the whole path" if target.protected else "yes"
        self.say(f"Write it? Type {what}.")
        if (await self.ask_user("? ")).strip() != wanted:
            self.say("Nothing was written.")
            return
        stored = self.conversation.facilities.stored_id(turn_id)
        editor.apply(target, proposal.text, turn_id=stored)
        self.say(f"Wrote {target.relative}. /undo takes it back.")

    async def undo(self, _: str) -> None:
        """Take the newest edit back."""
        facilities = self.conversation.facilities
        edits = facilities.standing_edits(turn.turn_id for turn in self.conversation.turns)
        if not edits:
            raise FimbleError("No edit of this conversation stands.")
        self.say(f"{facilities.editor().undo(edits[0]).relative} is what it was.")

    async def leave(self, _: str) -> None:
        """Leave."""
        raise Leave

    def _newest(self) -> Turn:
        turns = self.conversation.turns
        if not turns:
            raise FimbleError("Nothing was asked yet.")
        return turns[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainCommand:
    """One command."""

    name: str
    argument: str = ""
    summary: str
    run: Callable[[PlainCommands, str], Awaitable[None]]


COMMANDS: Final = (
    PlainCommand(name="help", summary="show this", run=PlainCommands.help),
    PlainCommand(
        name="continue", summary="go on with the newest answer", run=PlainCommands.carry_on
    ),
    PlainCommand(name="again", summary="answer the newest question anew", run=PlainCommands.again),
    PlainCommand(name="edit", summary="take the newest question back", run=PlainCommands.edit),
    PlainCommand(
        name="fork", summary="go on in a copy of this conversation", run=PlainCommands.fork
    ),
    PlainCommand(name="new", summary="begin a new conversation", run=PlainCommands.new),
    PlainCommand(
        name="name", argument="NAME", summary="name this conversation", run=PlainCommands.name
    ),
    PlainCommand(
        name="sessions",
        argument="[SEARCH]",
        summary="list this folder's conversations, or search all",
        run=PlainCommands.sessions,
    ),
    PlainCommand(
        name="resume",
        argument="NUMBER",
        summary="go on in another conversation",
        run=PlainCommands.resume,
    ),
    PlainCommand(
        name="model",
        argument="[NAME]",
        summary="show or switch the model",
        run=PlainCommands.model,
    ),
    PlainCommand(
        name="think", argument="[on|off]", summary="let the model think", run=PlainCommands.think
    ),
    PlainCommand(
        name="tokens", summary="say what this conversation costs", run=PlainCommands.tokens
    ),
    PlainCommand(
        name="apply",
        argument="[NUMBER] [FILE]",
        summary="apply a code block of the newest answer",
        run=PlainCommands.apply,
    ),
    PlainCommand(name="undo", summary="take the newest edit back", run=PlainCommands.undo),
    PlainCommand(
        name="export",
        argument="md|json|html FILE",
        summary="write this conversation to a file",
        run=PlainCommands.export,
    ),
    PlainCommand(name="quit", summary="leave; so does Ctrl-D", run=PlainCommands.leave),
)
