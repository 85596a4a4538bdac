"""The prompt with everything around it: notes, popup, editor; from the keys to a sent question."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from fimble.chat.transcript import Question
from fimble.conversation.context_reader import Gathered
from fimble.errors import FimbleError
from fimble.prompting.catalogue import PromptEntry
from fimble_tui.application import app_of
from fimble_tui.commands.registry import COMMANDS, find_command
from fimble_tui.conversation_port import ConversationPort
from fimble_tui.messages import CommandSubmitted, DraftChanged, PromptSubmitted
from fimble_tui.newest import NewestOnly
from fimble_tui.opening import OpenFile, open_in_editor
from fimble_tui.screens.past_search import PastSearchScreen
from fimble_tui.sinks import PlainText, screen_text
from fimble_tui.widgets.prompt.choice_list import ChoiceList
from fimble_tui.widgets.prompt.choices import Choice, command_choices, mention_choices
from fimble_tui.widgets.prompt.completing import Completing, invocation
from fimble_tui.widgets.prompt.past_questions import PastQuestions
from fimble_tui.widgets.prompt.prompt_area import PromptArea
from fimble_tui.widgets.prompt.sending import Refusal, Sending, Typed

_CANDIDATES: Final = 40
_PROMPT_ROWS: Final = 2
"""Rows of the smallest prompt: a rule and a line."""


class PromptDock(Vertical):
    """Lies over the foot of the conversation; grows upwards, and nothing else moves."""

    def __init__(
        self,
        conversation: ConversationPort,
        above: Sequence[Widget] = (),
        draft: str = "",
        *,
        open_file: OpenFile = open_in_editor,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Write questions for `conversation`.

        Args:
            conversation: Reads, prices and asks them.
            above: Lines that stand over the prompt and push it away from the conversation.
            draft: What stands in it at first.
            open_file: Opens a file in the user's editor.
            id: The widget's id.
        """
        super().__init__(id=id)
        self.floor = PlainText(id="floor")
        """Keeps the rows free that the smallest prompt and the lines above it take."""
        self._conversation = conversation
        self._first_draft = draft
        self._above = tuple(above)
        self._open_file = open_file
        self._prompts: tuple[PromptEntry, ...] = ()
        self._past = PastQuestions()
        self._dropped: frozenset[str] = frozenset()
        self._inputs: tuple[tuple[str, str], ...] = ()
        self._one_at_a_time = asyncio.Lock()
        self._sending = Sending(conversation, prompts=lambda: self._prompts)
        self._notes = PlainText(id="notes")
        self._choices = ChoiceList(id="choices")
        self._area = PromptArea(self, self._choices, id="prompt")
        self._finder = NewestOnly(self, self._found, self._offer)
        self._gatherer = NewestOnly(self, self._sending.gather, self._note_gathered)

    def compose(self) -> ComposeResult:
        """Mount the parts, the prompt at the bottom."""
        self._notes.display = False
        yield from self._above
        yield self._notes
        yield self._choices
        yield self._area

    def on_mount(self) -> None:
        """Read prompts and past questions before they are needed."""
        if self._first_draft:
            self._area.put(self._first_draft)
        self.run_worker(self._prepare(), group="prepare")

    async def _prepare(self) -> None:
        drafting = self._conversation.drafting
        self._past.remember(await asyncio.to_thread(drafting.past_questions))
        self._prompts = await asyncio.to_thread(_prompts_of, self._conversation)

    def on_resize(self) -> None:
        """Keep the floor as high as what never shrinks."""
        above = sum(each.outer_size.height for each in self._above if each.display)
        if self.floor.styles.height is None or self.floor.outer_size.height != (
            above + _PROMPT_ROWS
        ):
            self.floor.styles.height = above + _PROMPT_ROWS

    # The draft

    @property
    def typed(self) -> Typed:
        """What stands in the prompt."""
        area = self._area
        return Typed(
            text=area.whole_text,
            mentioning=area.pasted.without(area.text),
            dropped=self._dropped,
            inputs=self._inputs,
        )

    @property
    def draft(self) -> Question:
        """The question as far as it is known."""
        return self._sending.draft(self.typed)

    def set_draft(self, question: Question) -> None:
        """Put a question in, to be edited; its files are read anew."""
        self._dropped = frozenset()
        self._inputs = question.prompt.inputs if question.prompt else ()
        self._area.put(question.typed)

    @property
    def everything(self) -> Question:
        """The draft with the attachments that were taken off."""
        return self._sending.draft(replace(self.typed, dropped=frozenset()))

    @property
    def dropped(self) -> frozenset[str]:
        """Labels of what was taken off."""
        return self._dropped

    def drop(self, labels: frozenset[str]) -> None:
        """Leave these attachments out, whatever the text mentions."""
        self._dropped = labels
        self.post_message(DraftChanged(self.draft))

    def focus(self, scroll_visible: bool = True) -> PromptDock:  # noqa: FBT001, FBT002 - Textual's
        """Write."""
        self._area.focus(scroll_visible)
        return self

    @on(PromptArea.Edited)
    def _edited(self, message: PromptArea.Edited) -> None:
        message.stop()
        typed = self.typed
        if message.by_hand:
            self._say()
            self._past.leave()
            self._complete(self._area.completing)
        else:
            self._choices.show(())
        if not typed.text:
            self._dropped, self._inputs = frozenset(), ()
        self._gatherer.want(typed)
        self.post_message(DraftChanged(self._sending.draft(typed)))

    def _note_gathered(self, typed: Typed, gathered: Gathered) -> None:
        self._sending.note_gathered(typed, gathered)
        self.post_message(DraftChanged(self._sending.draft(typed)))

    # Completion

    def _complete(self, found: Completing | None) -> None:
        if found is None:
            self._finder.forget()
            self._choices.show(())
            self._tell_usage()
        elif found.sign == "/":
            self._finder.forget()
            self._choices.show(command_choices(found.typed, COMMANDS, self._prompts))
        else:
            self._finder.want(found.typed)
        self._area.update_suggestion()

    def _found(self, text: str) -> list[Choice]:
        try:
            return mention_choices(self._conversation.drafting.find(text, _CANDIDATES))
        except FimbleError:
            return []

    def _offer(self, text: str, choices: list[Choice]) -> None:
        """Show what was found, unless something else is being written by now."""
        found = self._area.completing
        if found is not None and found.sign == "@" and found.typed == text:
            self._choices.show(choices)
            self._area.update_suggestion()
            self.run_worker(self._offer_symbols(), group="symbols", exclusive=True)

    async def _offer_symbols(self) -> None:
        """Look again when the symbols have been indexed, which the first mention began."""
        if await asyncio.to_thread(self._conversation.drafting.symbols_came):
            found = self._area.completing
            if found is not None and found.sign == "@":
                self._finder.want(found.typed)

    def _tell_usage(self) -> None:
        """Say what may follow a command, while nothing does."""
        called = invocation(self._area.text)
        if called is None or called[1]:
            return
        rows = command_choices(called[0], COMMANDS, self._prompts)
        exact = [row for row in rows if row.insert == f"/{called[0]}" and row.argument]
        if exact:
            self._say(f"{exact[0].insert} {exact[0].argument}   {exact[0].detail}", quiet=True)

    @on(ChoiceList.Accepted)
    def _accepted(self, message: ChoiceList.Accepted) -> None:
        message.stop()
        self._area.accept(message.choice)
        self._area.focus()

    # The past

    def go_to_past(self, *, older: bool) -> None:
        """Show an older question or a newer one; first the last one of the queue comes back."""
        waiting = self._conversation.waiting
        if older and waiting and not self._area.text:
            try:
                self.set_draft(self._conversation.take_back(len(waiting) - 1))
            except FimbleError as error:
                self._say(str(error))
            return
        past = self._past
        text = past.older(self._area.whole_text) if older else past.newer()
        if text is not None:
            self._say()
            self._area.put(text)

    def search_past(self) -> None:
        """Look for a question of any session."""
        screen = PastSearchScreen(self._past.newest_first)
        app_of(self).push_screen(screen, self._take_text)

    def _take_text(self, text: str | None) -> None:
        if text is not None:
            self._area.put(text)

    def open_editor(self) -> None:
        """Write the draft to a file of the user's own, wait for his editor, and read it back."""
        with tempfile.TemporaryDirectory(prefix="fimble-") as folder:
            path = Path(folder) / "question.md"
            path.write_text(self._area.whole_text, encoding="utf-8", errors="replace")
            problem = self._open_file(app_of(self), path, None)
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                problem, text = f"What was written cannot be read: {error.strerror}.", None
        if problem:
            self._say(problem)
        elif text is not None:
            self._area.put(text.removesuffix("\n"))

    # Sending

    def send(self, *, anyway: bool = False) -> None:
        """Send what is written; `anyway` also when a mention leads nowhere."""
        self._say()
        typed = self.typed
        if not typed.text.strip():
            return
        called = invocation(typed.text)
        command = None if called is None or "\n" in typed.text else find_command(called[0])
        if called is not None and command is not None and not self._is_prompt(called[0]):
            self._past.add(typed.text)
            self._area.empty()
            self.post_message(CommandSubmitted(command.name, called[1].strip()))
        elif called is not None and not self._is_prompt(called[0]) and not anyway:
            sentence = f"There is no command or prompt /{called[0]}; F1 lists the commands."
            self._refuse(Refusal(sentences=(sentence,), sendable=True))
        else:
            self._area.empty()
            self.run_worker(partial(self._checked, typed, anyway=anyway), group="send")

    def _is_prompt(self, name: str) -> bool:
        """Whether a template has that name; an exact command comes first, a prefix last."""
        if any(command.name == name for command in COMMANDS):
            return False
        return any(
            choice.insert == f"/{name}" and choice.kind == "prompt"
            for choice in command_choices(name, (), self._prompts)
        )

    async def _checked(self, typed: Typed, *, anyway: bool) -> None:
        """Send in the order of the keys, or put it back with a sentence."""
        async with self._one_at_a_time:
            result = await self._sending.question(app_of(self), typed, anyway=anyway)
        if isinstance(result, Refusal):
            self._put_back(typed)
            self._refuse(result)
        else:
            self._past.add(result.typed)
            self.post_message(PromptSubmitted(result))

    def _put_back(self, typed: Typed) -> None:
        """Return what was not sent to the prompt, before what was typed meanwhile."""
        since = self._area.whole_text
        self._dropped, self._inputs = typed.dropped, typed.inputs
        self._area.put(f"{typed.text}\n{since}" if since else typed.text)

    def _refuse(self, refusal: Refusal) -> None:
        if refusal.sentences:
            way = "\nctrl+enter or ctrl+s sends it as it is." if refusal.sendable else ""
            self._say("\n".join(refusal.sentences) + way)

    def _say(self, text: str = "", *, quiet: bool = False) -> None:
        """Show a note above the prompt; nothing hides it."""
        notes = self._notes
        if not text and not notes.display:
            return
        notes.display = bool(text)
        notes.set_class(quiet, "-quiet")
        notes.show(Content(screen_text(text)))


def _prompts_of(conversation: ConversationPort) -> tuple[PromptEntry, ...]:
    try:
        return conversation.drafting.prompts()
    except FimbleError:
        return ()
