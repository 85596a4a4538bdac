"""The chat's screen: shows what a conversation tells, and hands on what the user wants.

It holds no state of the conversation: every event is shown as it comes, and whatever a widget
wants reaches `ChatCommands` as a message.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from fimble.chat.events import (
    AnswerText,
    BranchChanged,
    ChatEvent,
    PromptsChanged,
    QueueChanged,
    ServerState,
    ServerStatus,
    StatusChanged,
    StoreProblem,
    ThinkingText,
    TurnBegan,
    TurnEnded,
)
from fimble.chat.transcript import Question, Turn
from fimble_tui.application import app_of
from fimble_tui.commands.registry import find_command
from fimble_tui.conversation_port import ConversationPort
from fimble_tui.keys import CHAT_KEYS
from fimble_tui.messages import (
    CommandSubmitted,
    DraftChanged,
    FenceChosen,
    JumpChanged,
    LinkChosen,
    MouseSwitched,
    PlaceChosen,
    PromptSubmitted,
    TurnCommand,
    TurnMarked,
)
from fimble_tui.opening import OpenFile, open_in_editor
from fimble_tui.places import place_words
from fimble_tui.screens.chat_commands import ChatCommands
from fimble_tui.screens.guarded import GuardedScreen
from fimble_tui.screens.xray import XrayResult, XrayScreen
from fimble_tui.sinks import PlainText, announce
from fimble_tui.widgets.banner import Banner
from fimble_tui.widgets.conversation.conversation_view import ConversationView
from fimble_tui.widgets.footer_line import FooterLine
from fimble_tui.widgets.meter.meter_line import MeterLine
from fimble_tui.widgets.prompt.prompt_dock import PromptDock
from fimble_tui.widgets.queue_strip import QueueStrip
from fimble_tui.widgets.status_line import STATE_WORDS, StatusLine
from fimble_tui.widgets.welcome import Welcome


class ChatScreen(GuardedScreen[None]):
    """Status, conversation, queue, prompt, price, keys: from top to bottom."""

    BINDINGS: ClassVar = list(CHAT_KEYS)

    def __init__(
        self,
        conversation: ConversationPort,
        *,
        workspace: Path,
        draft: str = "",
        mouse: bool = True,
        clock: Callable[[], float] = monotonic,
        open_file: OpenFile = open_in_editor,
    ) -> None:
        super().__init__(id="chat")
        self._conversation = conversation
        self._workspace = workspace
        self._stop_observing: Callable[[], None] | None = None
        self._focus_before: Widget | None = None
        self._mouse_taken = mouse
        self.actions = ChatCommands(
            self, conversation, workspace=workspace, open_file=open_file, clock=clock
        )
        """Everything that can be done, for keys, commands and the palette."""
        status = conversation.status
        self._status = StatusLine(status, place=place_words(workspace), id="status")
        self._welcome = Welcome(status, id="welcome")
        self._view = ConversationView(clock=clock, id="conversation")
        self._banner = Banner(id="banner")
        self._queue = QueueStrip(id="queue")
        self._hint = PlainText(id="hint")
        above = (self._banner, self._queue, self._hint)
        self._prompt = PromptDock(conversation, above, draft, open_file=open_file, id="dock")
        self._meter = MeterLine(conversation.meter, id="meter")

    def compose(self) -> ComposeResult:
        """Mount the places; the prompt, the meter and the popups fill their own."""
        yield self._status
        with Vertical(id="stage"):
            yield self._welcome
            yield self._view
        yield self._prompt.floor
        yield self._meter
        yield FooterLine(self._describe, id="footer")
        yield self._prompt

    def on_mount(self) -> None:
        """Show what there is, and everything that happens from now on."""
        self._stop_observing = self._conversation.observe(self._happened)
        self._hint.display = False
        self._show_branch(self._conversation.turns)
        self._show_status(self._conversation.status)
        self._queue.show_waiting(self._conversation.waiting)
        self.show_session()
        self._show_meter()
        self._prompt.focus()

    def on_unmount(self) -> None:
        """Hear no more."""
        if self._stop_observing is not None:
            self._stop_observing()

    # What the conversation tells

    def _happened(self, event: ChatEvent) -> None:
        """Show an event; called on the event loop, and quick: text is drawn later."""
        if not self.is_running:
            return
        view = self._view
        match event:
            case AnswerText(turn_id=turn_id, text=text):
                view.write(turn_id, text)
            case ThinkingText(turn_id=turn_id, text=text):
                view.think(turn_id, text)
            case TurnBegan(turn=turn):
                self._show_welcome(shown=False)
                view.begin(turn)
                self._changed()
            case TurnEnded(turn=turn):
                view.end(turn)
                self._changed()
            case BranchChanged(turns=turns):
                self._show_branch(turns)
                self.show_session()
                self._changed()
            case QueueChanged(waiting=waiting):
                self._queue.show_waiting(waiting)
            case StatusChanged(status=status):
                self._show_status(status)
            case StoreProblem() | PromptsChanged():
                self._tell(event)

    def _tell(self, event: StoreProblem | PromptsChanged) -> None:
        if isinstance(event, StoreProblem):
            self._banner.show_store_problem(event.sentence)
        else:
            announce(app_of(self), event.sentence)

    def _show_branch(self, turns: tuple[Turn, ...]) -> None:
        self._show_welcome(shown=not turns)
        self._view.show_turns(turns)

    def _show_welcome(self, *, shown: bool) -> None:
        self._welcome.display = shown
        self._view.display = not shown

    def _show_status(self, status: ServerStatus) -> None:
        self._status.show_status(status)
        self._banner.show_status(status)
        self._welcome.show_status(status)
        self._show_meter()
        words = STATE_WORDS[status.state]
        self._view.say_waiting_for("waiting" if status.state is ServerState.READY else words)
        self.refresh_bindings()

    def show_session(self) -> None:
        """Show the session's name."""
        self._status.show_session(self._conversation.session.name)

    def _changed(self) -> None:
        self.refresh_bindings()
        self._show_meter()

    def _show_meter(self) -> None:
        self._meter.want(self.draft)

    # What the user wants

    @property
    def busy(self) -> bool:
        """Whether an answer is being made."""
        return self._conversation.busy

    @property
    def draft(self) -> Question:
        """What is written in the prompt."""
        return self._prompt.draft

    @on(DraftChanged)
    def _draft_changed(self) -> None:
        self._show_meter()

    @on(PromptSubmitted)
    def _ask(self, message: PromptSubmitted) -> None:
        self._conversation.ask(message.question)

    @on(CommandSubmitted)
    def _run_command(self, message: CommandSubmitted) -> None:
        command = find_command(message.name)
        if command is None:
            announce(app_of(self), f"There is no command /{message.name}; F1 lists them.")
        elif self.busy and not command.while_busy:
            announce(app_of(self), f"/{command.name} has to wait for the answer; escape stops it.")
        else:
            command.run(self.actions, message.argument)

    @on(TurnCommand)
    def _run_turn_command(self, message: TurnCommand) -> None:
        actions = {
            "copy": self.actions.copy_turn,
            "edit": self.actions.edit_turn,
            "again": self.actions.ask_turn_again,
            "fork": self.actions.fork_at,
        }
        if message.name == "continue":
            self.actions.continue_answer()
        elif message.name == "undo":
            self.actions.undo_apply()
        else:
            actions[message.name](message.turn_id)

    @on(FenceChosen)
    def _use_fence(self, message: FenceChosen) -> None:
        self.actions.use_fence(message.turn_id, message.fence, message.action)

    @on(PlaceChosen)
    def _use_place(self, message: PlaceChosen) -> None:
        self.actions.use_place(message.path, message.line, message.action)

    @on(LinkChosen)
    def _use_link(self, message: LinkChosen) -> None:
        self.actions.use_link(message.address, message.action)

    @on(JumpChanged)
    def _show_hint(self, message: JumpChanged) -> None:
        hint = self._hint
        hint.show(message.hint)
        hint.display = bool(message.hint)
        if message.hint:
            self._focus_before = self._focus_before or self.focused
            self._view.focus()
        elif self._focus_before is not None:
            self.set_focus(self._focus_before)
            self._focus_before = None
        self.refresh_bindings()

    @on(TurnMarked)
    def _marked(self) -> None:
        self.refresh_bindings()

    def answer_text(self, turn: Turn) -> str:
        """Return a turn's answer as it is now, also while it grows."""
        return self._view.answer_text(turn.turn_id) or turn.answer.text

    def start_jump(self) -> None:
        """Show the letters; keys go to them until one was chosen."""
        if not self._view.start_jump():
            announce(app_of(self), "No code block, link or place is in view.")

    def focus_turns(self) -> None:
        """Go to the turns, where one letter is a command."""
        self._focus_before = None
        self._view.focus()

    def edit_draft(self, question: Question) -> None:
        """Put a question into the prompt, and the cursor behind it."""
        prompt = self._prompt
        prompt.set_draft(question)
        prompt.focus()

    def show_xray(self) -> None:
        """Show exactly what the draft would send."""
        prompt = self._prompt
        screen = XrayScreen(self._conversation, prompt.everything, dropped=prompt.dropped)
        app_of(self).push_screen(screen, self._take_xray)

    def _take_xray(self, result: XrayResult | None) -> None:
        if result is not None:
            self._prompt.drop(result.dropped)
            if result.send:
                self._prompt.send()

    def ask_about(self, text: str) -> None:
        """Put something of an answer behind what is written."""
        written = self.draft.text.rstrip()
        self.edit_draft(Question(text=f"{written}\n{text}\n".lstrip()))

    def switch_mouse(self) -> bool:
        """Give the mouse to the terminal, or take it back; returns whether it is ours."""
        self._mouse_taken = not self._mouse_taken
        self.post_message(MouseSwitched(self._mouse_taken))
        return self._mouse_taken

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow what is possible now; the footer shows nothing else."""
        del parameters
        if not self.is_mounted:
            return True
        view = self._view
        has_turns = bool(self._conversation.turns)
        conditions = {
            "leave": self.busy or view.has_focus or view.jumping,
            "jump": has_turns,
            "thinking": has_turns,
            "page": has_turns,
            "conversation": has_turns and not view.has_focus,
            "prompt": view.has_focus,
            "new_session": has_turns and not self.busy,
        }
        return conditions.get(action, True)

    def _describe(self, action: str) -> str:
        """Return what an action does at the moment, where that changes."""
        if action != "leave" or not self.is_mounted:
            return ""
        if self._view.jumping:
            return "no letters"
        return "stop" if self.busy else "prompt"

    def action_leave(self) -> None:
        """Leave the letters, stop the answer, or go back to the prompt: the nearest of these."""
        view = self._view
        if view.jumping:
            view.leave_jump()
        elif self.busy:
            self.actions.stop_answer()
        else:
            self._prompt.focus()

    def action_jump(self) -> None:
        """Show the letters."""
        self.start_jump()

    def action_conversation(self) -> None:
        """Go to the turns."""
        self._view.focus()

    def action_prompt(self) -> None:
        """Go to the prompt."""
        self._prompt.focus()

    def action_page(self, direction: str) -> None:
        """Scroll the conversation, wherever the focus is."""
        self._view.page(direction)

    def action_thinking(self) -> None:
        """Unfold or fold thoughts."""
        self._view.toggle_unfolded()

    def action_new_session(self) -> None:
        """Begin an empty session."""
        self.actions.begin_session()

    def action_sessions(self) -> None:
        """Show all sessions."""
        self.actions.show_sessions("")

    def action_models(self) -> None:
        """Show the models."""
        self.actions.show_models("")

    def action_xray(self) -> None:
        """Show what would be sent."""
        self.actions.show_prompt()

    def action_help(self) -> None:
        """Show the help."""
        self.actions.show_help()
