"""What keys, slash commands and the palette do: one method each, whoever asked for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.chat.fences import Fence, fences
from fimble.chat.transcript import Question, Turn
from fimble.errors import FimbleError
from fimble.policy.containment import contain
from fimble_tui.application import app_of
from fimble_tui.conversation_port import ConversationPort
from fimble_tui.exporting import export_path, export_to
from fimble_tui.messages import TargetAction
from fimble_tui.model_pull import ModelPull
from fimble_tui.opening import OpenFile
from fimble_tui.screens.dialogs import ChoiceDialog
from fimble_tui.screens.file_actions import FileActions
from fimble_tui.screens.going_back import HERE, IN_A_NEW_SESSION, going_back_dialog
from fimble_tui.screens.help import HelpScreen
from fimble_tui.screens.models import ModelsScreen
from fimble_tui.screens.sessions import SessionChoice, SessionsScreen
from fimble_tui.sinks import announce, copy, screen_line

if TYPE_CHECKING:
    from fimble_tui.screens.chat import ChatScreen


class ChatCommands:
    """Implements `commands.actions.ChatActions` for the chat's screen."""

    def __init__(
        self,
        screen: ChatScreen,
        conversation: ConversationPort,
        *,
        workspace: Path,
        open_file: OpenFile,
        clock: Callable[[], float],
    ) -> None:
        self._open_file = open_file
        self._clock = clock
        self._pulls: list[ModelPull] = []
        facilities = conversation.facilities
        self._files = FileActions(screen, facilities, say=self._say, clock=clock)
        self._screen = screen
        self._conversation = conversation
        self._workspace = workspace

    # The answer

    def stop_answer(self) -> None:
        """Stop the running answer; what came is kept."""
        if self._conversation.busy:
            self._screen.run_worker(self._conversation.stop, group="stop", exclusive=True)

    def continue_answer(self) -> None:
        """Go on with the newest answer."""
        self._told(self._conversation.carry_on)

    def ask_again(self) -> None:
        """Answer the newest question anew."""
        turn = self._newest()
        if turn is not None:
            self.ask_turn_again(turn.turn_id)

    def ask_turn_again(self, turn_id: int) -> None:
        """Answer that turn's question anew."""
        self._files.before_leaving(
            self._turns_from(turn_id),
            lambda: self._told(lambda: self._conversation.regenerate(turn_id)),
        )

    # Turns

    def edit_question(self, which: str) -> None:
        """Take the newest question, or the n-th of the branch, back into the prompt."""
        turns = self._conversation.turns
        number = int(which) if which.isdecimal() else len(turns)
        if not 1 <= number <= len(turns):
            self._say(f"There is no turn {which}: this session has {len(turns)}.")
            return
        self.edit_turn(turns[number - 1].turn_id)

    def edit_turn(self, turn_id: int) -> None:
        """Rewind to before that turn, and put its question into the prompt.

        Where later turns would go, the user is told first what that costs.
        """
        turns = self._conversation.turns
        places = {turn.turn_id: place for place, turn in enumerate(turns)}
        place = places.get(turn_id)
        if self._conversation.busy or place is None:
            self._rewind(turn_id)  # Which says why not: nothing is asked before.
        elif place == len(turns) - 1:
            self._edit_here(turn_id)
        else:
            dialog = going_back_dialog(
                turns,
                place,
                tokens_per_s=self._conversation.meter(Question(text="")).tokens_per_s,
                clock=self._clock,
            )
            app_of(self._screen).push_screen(dialog, partial(self._go_back, turn_id))

    def _go_back(self, turn_id: int, choice: str | None) -> None:
        if choice == HERE:
            self._edit_here(turn_id)
        elif choice == IN_A_NEW_SESSION:
            self._told(lambda: self._edit_elsewhere(turn_id))

    def _edit_here(self, turn_id: int) -> None:
        self._files.before_leaving(self._turns_from(turn_id), lambda: self._rewind(turn_id))

    def _edit_elsewhere(self, turn_id: int) -> None:
        turns = self._conversation.turns
        place = [turn.turn_id for turn in turns].index(turn_id)
        if place:
            self._conversation.fork(turns[place - 1].turn_id)
        else:
            self._conversation.new_session()
        self._screen.show_session()
        self._screen.edit_draft(replace(turns[place].question, expanded="", system=""))
        self._say("A new session; the one before is as it was.")

    def _turns_from(self, turn_id: int) -> list[int]:
        """Return the numbers of a turn and of those after it in the branch."""
        numbers = [turn.turn_id for turn in self._conversation.turns]
        return numbers[numbers.index(turn_id) :] if turn_id in numbers else []

    def _rewind(self, turn_id: int) -> None:
        turns = self._conversation.turns
        later = [turn for turn in turns if turn.turn_id >= turn_id]
        try:
            question = self._conversation.rewind(turn_id)
        except FimbleError as error:
            self._say(str(error))
            return
        self._screen.edit_draft(question)
        lost = len(later) - 1
        kept = " The store keeps what stood behind it." if lost else ""
        self._say(f"The conversation now ends before this question.{kept}")

    def fork_session(self) -> None:
        """Begin a session that ends at the newest turn."""
        turn = self._newest()
        if turn is not None:
            self.fork_at(turn.turn_id)

    def fork_at(self, turn_id: int) -> None:
        """Begin a session that ends at that turn."""
        try:
            session = self._conversation.fork(turn_id)
        except FimbleError as error:
            self._say(str(error))
            return
        self._screen.show_session()
        self._say(f"A new session goes on from here: {screen_line(session.name)}.")

    def copy_answer(self, which: str) -> None:
        """Copy the newest answer, or its n-th code block."""
        turn = self._newest()
        if turn is None:
            self._say("There is no answer to copy yet.")
            return
        if not which:
            self.copy_turn(turn.turn_id)
            return
        found = fences(turn.answer.text)
        if not which.isdecimal() or not 1 <= int(which) <= len(found):
            self._say(f"The answer has {len(found)} code blocks; /copy 1 copies the first.")
            return
        self._copied(found[int(which) - 1].text, "code block")

    def copy_turn(self, turn_id: int) -> None:
        """Copy that turn's answer as Markdown."""
        for turn in self._conversation.turns:
            if turn.turn_id == turn_id:
                self._copied(self._screen.answer_text(turn), "answer")

    def start_jump(self) -> None:
        """Show a letter on each code block, link and place."""
        self._screen.start_jump()

    # Targets in an answer

    def use_fence(self, turn_id: int, fence: Fence, action: TargetAction) -> None:
        """Do something with a code block."""
        match action:
            case TargetAction.COPY:
                self._copied(fence.text, "code block")
            case TargetAction.APPLY:
                self._files.apply(fence, turn_id, then=self._screen.focus_turns)
            case TargetAction.EDIT:
                self.use_place(fence.path, fence.first_line, action)
            case TargetAction.ASK:
                self._screen.ask_about(f"```{fence.language}\n{fence.text}```")

    def use_place(self, path: str, line: int | None, action: TargetAction) -> None:
        """Do something with a file that the answer names; only one inside the workspace opens."""
        shown = path if line is None else f"{path}:{line}"
        match action:
            case TargetAction.COPY:
                self._copied(shown, "place")
            case TargetAction.ASK:
                self._screen.ask_about(f"@{shown}")
            case _:
                try:
                    real = contain(self._workspace, path)
                except FimbleError as error:
                    self._say(str(error))
                    return
                if not real.is_file():
                    self._say(f"There is no file {path} in this workspace.")
                    return
                self._say_if_any(self._open_file(app_of(self._screen), real, line))

    def use_link(self, address: str, action: TargetAction) -> None:
        """Copy a link or ask about it; it is never opened."""
        if action is TargetAction.ASK:
            self._screen.ask_about(address)
        else:
            self._copied(address, "link")

    # Sessions and models

    def begin_session(self) -> None:
        """Begin an empty session."""
        self._told(self._conversation.new_session)
        self._screen.show_session()

    def name_session(self, name: str) -> None:
        """Give the session a name."""
        if not name:
            self._say("Write the name behind it: /name retry policy.")
            return
        self._told(lambda: self._conversation.rename(name))
        self._screen.show_session()

    def show_sessions(self, search: str) -> None:
        """Show all sessions, or those that a search finds."""
        screen = SessionsScreen(
            self._conversation.facilities,
            current=self._conversation.session.session_id,
            search=search,
            clock=self._clock,
        )
        app_of(self._screen).push_screen(screen, self._resume)

    def _resume(self, choice: SessionChoice | None) -> None:
        if choice is None:
            return

        def resume() -> None:
            self._conversation.resume(choice.session_id)
            if choice.fork and self._conversation.turns:
                self._conversation.fork(self._conversation.turns[-1].turn_id)

        self._told(resume)
        self._screen.show_session()

    def show_models(self, name: str) -> None:
        """Show the models, or switch to one."""
        if name:
            self._switch_model(name)
            return
        screen = ModelsScreen(
            self._conversation.facilities,
            current=self._conversation.status.model,
            pulls=self._pulls,
            clock=self._clock,
        )
        app_of(self._screen).push_screen(screen, self._switch_model)

    def _switch_model(self, name: str | None) -> None:
        if name:
            self._screen.run_worker(partial(self._switching, name), group="model", exclusive=True)

    async def _switching(self, name: str) -> None:
        try:
            await self._conversation.switch_model(name)
        except FimbleError as error:
            self._say(str(error))

    def show_prompt(self) -> None:
        """Show exactly what the next question would send."""
        self._screen.show_xray()

    def export_session(self, path: str) -> None:
        """Write the session to a file."""
        if not path:
            self._say("Write the file behind it: /export talk.md, or .json, or .html.")
        elif not self._conversation.turns:
            self._say("There is nothing to export before the first question.")
        else:
            target = export_path(path, self._workspace)
            self._screen.run_worker(self._exporting(target), group="export", exclusive=True)

    async def _exporting(self, path: Path) -> None:
        async def may_replace(question: str) -> bool:
            dialog = ChoiceDialog(question, {"y": "replace it"}, clock=self._clock)
            return await app_of(self._screen).push_screen_wait(dialog) == "y"

        session, turns = self._conversation.session, self._conversation.turns
        self._say(await export_to(path, session, turns, may_replace=may_replace))

    def undo_apply(self) -> None:
        """Take the newest applied edit back."""
        self._files.undo(turn.turn_id for turn in self._conversation.turns)

    # The screen itself

    def switch_mouse(self) -> None:
        """Leave the mouse to the terminal, or take it again."""
        taken = self._screen.switch_mouse()
        self._say(
            "The mouse is the chat's again."
            if taken
            else "The mouse is the terminal's: select "
            "and copy as everywhere else. /mouse takes it back."
        )

    def choose_theme(self, name: str) -> None:
        """Change the colours."""
        app = app_of(self._screen)
        if not name:
            app.action_change_theme()
            return
        found = [theme for theme in app.available_themes if theme in {name, f"fimble-{name}"}]
        if found:
            app.theme = found[-1]
        else:
            self._say(f"There is no theme {name}. /theme dark, light, ansi-dark or ansi-light.")

    def show_help(self) -> None:
        """Show keys and commands for where the focus is."""
        app_of(self._screen).push_screen(HelpScreen(self._screen, about_chat=True))

    def leave(self) -> None:
        """End the chat."""
        app_of(self._screen).exit()

    # Saying what happened

    def _newest(self) -> Turn | None:
        return self._conversation.turns[-1] if self._conversation.turns else None

    def _copied(self, text: str, what: str) -> None:
        if not text:
            self._say(f"This {what} is empty.")
            return
        copy(app_of(self._screen), text)
        rows = text.count("\n") + (not text.endswith("\n"))
        self._say(f"Copied the {what}: {rows:,} {'line' if rows == 1 else 'lines'}.")

    def _told(self, action: Callable[[], None]) -> None:
        """Do it; an expected failure becomes a sentence."""
        try:
            action()
        except FimbleError as error:
            self._say(str(error))

    def _say_if_any(self, sentence: str | None) -> None:
        if sentence:
            self._say(sentence)

    def _say(self, sentence: str) -> None:
        announce(app_of(self._screen), sentence)
