"""One question, one answer, for one command: the chat's own conversation without a screen."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.chat.events import AnswerText, ChatEvent, ServerState, StatusChanged, StoreProblem
from fimble.chat.events import TurnEnded as Ended
from fimble.chat.fences import fences
from fimble.chat.mentions import mention_text
from fimble.chat.transcript import AnswerState, Attachment, AttachmentKind, PromptUse, Question
from fimble.conversation.assembly import open_conversation
from fimble_cli.exit_codes import ExitCode
from fimble_cli.usage import UsageError

if TYPE_CHECKING:
    from fimble.chat.transcript import Turn
    from fimble.config.schema import Settings
    from fimble.conversation.conversation import Conversation
    from fimble_cli.diagnostics import Diagnostics
    from fimble_cli.output import Output

_PROMPT_WORD: Final = re.compile(r"[@/]([A-Za-z][\w/-]*)(?:\s+|$)")
_DIFF: Final = re.compile(r"(?m)\A(?:diff --git |Index: |--- )|^@@ -\d")
_SAID: Final = frozenset({ServerState.LOADING})


@dataclass(frozen=True, slots=True, kw_only=True)
class OneAnswer:
    """What to ask and how to show it."""

    settings: Settings
    workspace: Path
    words: str
    piped: str
    files: tuple[str, ...]
    model: str
    carry_on: bool
    inputs: tuple[str, ...]
    prompt_file: Path | None
    code_only: bool
    json: bool

    async def run(self, output: Output, diagnostics: Diagnostics) -> ExitCode:
        """Ask, print, and say by the exit code how it ended.

        Raises:
            FimbleError: The question cannot be put: a mention leads nowhere, there is no such
                prompt, or no conversation to go on with.
        """
        conversation = open_conversation(
            self.settings,
            self.workspace,
            model=self.model,
            prompt_file=self.prompt_file,
            patient=False,
        )
        try:
            if self.carry_on:
                self._resume(conversation)
            question = await self._question(conversation)
            preview = conversation.preview(question)
            over = preview.meter.over
            if preview.problem and not over:
                raise UsageError(preview.problem)
            if over:
                raise UsageError(
                    f"the question is about {over:,} tokens over the context window of "
                    f"{conversation.server.window_tokens:,}.",
                    hint="Attach less: lines of a file (@file:10-40), or a symbol.",
                )
            turn = await self._answered(conversation, question, output, diagnostics)
        finally:
            await conversation.aclose()
        return self._show(turn, conversation, output, diagnostics)

    def _resume(self, conversation: Conversation) -> None:
        store = conversation.keeper.store
        found = store.sessions(str(self.workspace), limit=1) if store else []
        if not found:
            raise UsageError("there is no conversation in this folder to go on with.")
        conversation.resume(found[0].session_id)

    async def _question(self, conversation: Conversation) -> Question:
        words, use = self._prompt_of(self.words, conversation)
        reader = conversation.drafting.reader
        named = [mention_text(str(_inside(self.workspace, name))) for name in self.files]
        gathered = await asyncio.to_thread(reader.gather, "\n".join([*named, words]))
        if gathered.problems:
            raise UsageError(" ".join(gathered.problems))
        attachments = [reader.priced(it) for it in _piped_attachment(self.piped)]
        return Question(text=words, attachments=(*attachments, *gathered.attachments), prompt=use)

    def _prompt_of(self, words: str, conversation: Conversation) -> tuple[str, PromptUse | None]:
        """Return the words without the prompt that they begin with, and that prompt."""
        inputs = tuple(_pair(each) for each in self.inputs)
        match = _PROMPT_WORD.match(words)
        name = match[1] if match else ""
        if self.prompt_file is not None and not name:
            name = self.prompt_file.name.removesuffix(".prompt.md")
        elif match and match[0][0] == "@" and not conversation.has_prompt(name):
            name = ""
        if not name:
            if inputs:
                raise UsageError("--input belongs to a prompt, and none is named.")
            return words, None
        rest = words[match.end() :] if match else words
        return rest, PromptUse(name=name, inputs=inputs)

    async def _answered(
        self,
        conversation: Conversation,
        question: Question,
        output: Output,
        diagnostics: Diagnostics,
    ) -> Turn:
        ended: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()
        streams = not self.code_only and not self.json
        told: set[ServerState] = set()

        def show(event: ChatEvent, /) -> None:
            if isinstance(event, AnswerText) and streams:
                output.write(event.text)
            elif isinstance(event, StatusChanged) and event.status.state in _SAID - told:
                told.add(event.status.state)
                model = event.status.model
                diagnostics.note(f"`{model}` is being loaded; the answer follows.")
            elif isinstance(event, StoreProblem) and event.sentence:
                diagnostics.note(event.sentence)
            elif isinstance(event, Ended) and not ended.done():
                ended.set_result(event.turn)

        stop = conversation.observe(show)
        try:
            conversation.ask(question)
            return await ended
        finally:
            stop()

    def _show(
        self, turn: Turn, conversation: Conversation, output: Output, diagnostics: Diagnostics
    ) -> ExitCode:
        answer = turn.answer
        if self.json:
            shown = _as_json(turn, conversation.session.session_id)
            output.write_line(json.dumps(shown, ensure_ascii=False))
        elif self.code_only:
            blocks = fences(answer.text)
            if blocks:
                output.write(blocks[0].text)
            elif answer.state is AnswerState.FINISHED:
                diagnostics.note("the answer holds no code block.")
                return ExitCode.NOTHING_FOUND
        elif answer.text and not answer.text.endswith("\n"):
            output.write("\n")
        if answer.state is AnswerState.FINISHED:
            return ExitCode.OK
        if answer.state is AnswerState.LENGTH:
            diagnostics.note("the answer is cut at its budget; `fimble ask -c continue` goes on.")
            return ExitCode.OK
        diagnostics.note(answer.problem or "the answer was cut off.")
        return ExitCode.ENGINE


def _inside(workspace: Path, name: str) -> Path:
    """Return a path of the command line as a mention names it: from the workspace's root."""
    path = Path(name).absolute()
    if not path.exists():
        raise UsageError(f"there is no file {name}.")
    return path.relative_to(workspace) if path.is_relative_to(workspace) else path


def _piped_attachment(text: str) -> list[Attachment]:
    if not text.strip():
        return []
    if _DIFF.search(text[:20_000]):
        return [Attachment(kind=AttachmentKind.DIFF, label="diff", text=text, language="diff")]
    return [Attachment(kind=AttachmentKind.INPUT, label="standard input", text=text)]


def _pair(given: str) -> tuple[str, str]:
    name, separator, value = given.partition("=")
    if not separator or not name:
        raise UsageError(f'"{given}" is no NAME=VALUE.')
    return name, value


def _as_json(turn: Turn, session: int) -> dict[str, object]:
    answer = turn.answer
    statistics = answer.statistics
    return {
        "answer": answer.text,
        "thinking": answer.thinking,
        "state": answer.state.value,
        "problem": answer.problem,
        "model": answer.model,
        "model_digest": answer.model_digest,
        "prompt": turn.question.prompt.name if turn.question.prompt else None,
        "prompt_digest": answer.prompt_digest,
        "attachments": [
            {"kind": it.kind.value, "label": it.label, "tokens": it.tokens, "masked": it.masked}
            for it in turn.question.attachments
        ],
        "session": session,
        "turn": turn.turn_id,
        "prompt_tokens": statistics.prompt_tokens,
        "generated_tokens": statistics.generated_tokens,
        "first_token_s": round(statistics.first_token_s, 3),
        "total_s": round(statistics.total_s, 3),
    }
