"""From what is typed to a question that can be asked: mentions read, inputs asked, size checked.

Nothing is left out in silence: a mention that leads nowhere is told and stops the question, and
what is over the window is for the user to drop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from fimble.chat.mentions import mentions
from fimble.chat.transcript import Attachment, PromptUse, Question
from fimble.chat.typed_inputs import typed_inputs
from fimble.conversation.context_reader import Gathered
from fimble.errors import FimbleError
from fimble.prompting.catalogue import PromptEntry
from fimble_tui.application import AnyApp
from fimble_tui.conversation_port import ConversationPort
from fimble_tui.screens.over_budget import OverBudgetScreen
from fimble_tui.screens.prompt_form import PromptFormScreen
from fimble_tui.widgets.prompt.choices import named_prompt
from fimble_tui.widgets.prompt.completing import invocation


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the prompt."""

    text: str
    """With everything that was pasted."""
    mentioning: str
    """Without what was pasted: an `@` in there mentions nothing."""
    dropped: frozenset[str] = frozenset()
    """Labels of attachments that the user took off."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Given for a prompt before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a question is not sent."""

    sentences: tuple[str, ...] = ()
    """Empty when the user changed his mind."""
    sendable: bool = False
    """Whether it can be sent as it is, if the user says so."""


class Sending:
    """Makes questions of one conversation."""

    def __init__(
        self, conversation: ConversationPort, *, prompts: Callable[[], tuple[PromptEntry, ...]]
    ) -> None:
        self._conversation = conversation
        self._prompts = prompts
        self._gathered = Gathered()
        self._gathered_for: tuple[object, ...] = ()

    def gather(self, typed: Typed) -> Gathered:
        """Read what is mentioned; for a thread, while the question is still being typed.

        The texts are counted by this, which is what takes time: sending reads them again, so that
        the files go as they are then.
        """
        if _named_in(typed) == self._gathered_for:
            return self._gathered
        return self._conversation.drafting.gather(typed.mentioning)

    def note_gathered(self, typed: Typed, gathered: Gathered) -> None:
        """Keep what was read for the meter."""
        self._gathered_for = _named_in(typed)
        self._gathered = gathered

    def draft(self, typed: Typed) -> Question:
        """Return the question as far as it is known; at once."""
        entry, text = self._prompt_of(typed)
        use = None if entry is None else PromptUse(name=entry.full_name, inputs=typed.inputs)
        return Question(text=text, attachments=_kept(self._gathered, typed), prompt=use)

    async def question(self, app: AnyApp, typed: Typed, *, anyway: bool) -> Question | Refusal:
        """Return a question that can be asked; asks the user for what is missing or too much."""
        gathered = await asyncio.to_thread(self._conversation.drafting.gather, typed.mentioning)
        if gathered.problems and not anyway:
            return Refusal(sentences=gathered.problems, sendable=True)
        entry, text = self._prompt_of(typed)
        question = Question(text=text, attachments=_kept(gathered, typed))
        if entry is not None:
            try:
                inputs = await self._inputs(app, entry, typed, text)
            except FimbleError as error:
                return Refusal(sentences=(str(error),))
            if inputs is None:
                return Refusal()
            question = replace(question, prompt=PromptUse(name=entry.full_name, inputs=inputs))
        return await self._fitting(app, question)

    async def _fitting(self, app: AnyApp, question: Question) -> Question | Refusal:
        while True:
            preview = await asyncio.to_thread(self._conversation.preview, question)
            # Too much is attached more often than a template is at fault: ask about that first.
            if preview.problem and not (preview.meter.over and question.attachments):
                return Refusal(sentences=(preview.problem,))
            if not preview.meter.over:
                return question
            kept = await app.push_screen_wait(OverBudgetScreen(question, preview.meter))
            if kept is None:
                return Refusal()
            question = replace(question, attachments=kept)

    async def _inputs(
        self, app: AnyApp, entry: PromptEntry, typed: Typed, text: str
    ) -> tuple[tuple[str, str], ...] | None:
        template = entry.require()
        inputs = template.front.inputs
        if not inputs:
            return ()
        written, _ = typed_inputs(text, {each.name for each in inputs})
        given = dict(typed.inputs) | written
        if written and all(each.name in given or each.default is not None for each in inputs):
            return tuple(given.items())  # Who types them wants no form.
        return await app.push_screen_wait(PromptFormScreen(template, given=tuple(given.items())))

    def _prompt_of(self, typed: Typed) -> tuple[PromptEntry | None, str]:
        found = invocation(typed.text)
        entry = None if found is None else named_prompt(found[0], self._prompts())
        return (None, typed.text) if found is None or entry is None else (entry, found[1])


def _kept(gathered: Gathered, typed: Typed) -> tuple[Attachment, ...]:
    return tuple(it for it in gathered.attachments if it.label not in typed.dropped)


def _named_in(typed: Typed) -> tuple[object, ...]:
    wanted = mentions(typed.mentioning)
    return tuple((it.name, it.first_line, it.last_line) for it in wanted)
