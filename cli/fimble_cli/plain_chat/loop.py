"""The plain chat's loop: reads a question, prints the answer as it comes, keeps the terminal's own
history. Ctrl-C stops an answer and keeps what came; Ctrl-D leaves.
"""  # noqa: D205 (the summary needs its second line)

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from fimble.chat.events import (
    AnswerText,
    ChatEvent,
    PromptsChanged,
    ServerState,
    StatusChanged,
    StoreProblem,
    ThinkingText,
    TurnEnded,
)
from fimble.chat.transcript import AnswerState, PromptUse, Question
from fimble.errors import FimbleError
from fimble_cli.exit_codes import ExitCode
from fimble_cli.plain_chat.commands import Leave, PlainCommands

if TYPE_CHECKING:
    from fimble.conversation.context_reader import ContextReader
    from fimble.conversation.conversation import Conversation
    from fimble_cli.diagnostics import Diagnostics
    from fimble_cli.output import Output

ReadLine = Callable[[str], str]
"""Shows a prompt and returns a line; raises EOFError at the end."""

_PROMPT: Final = "› "
_MORE: Final = "… "
_TOLD: Final = frozenset(
    {ServerState.LOADING, ServerState.OFFLINE, ServerState.MODEL_MISSING, ServerState.FAILING}
)


class PlainChat:
    """One conversation in a terminal's scrollback."""

    def __init__(
        self,
        conversation: Conversation,
        reader: ContextReader,
        *,
        output: Output,
        diagnostics: Diagnostics,
        read_line: ReadLine | None = None,
    ) -> None:
        self._conversation = conversation
        self._reader = reader
        self._output = output
        self._diagnostics = diagnostics
        self._read_line = read_line or _read_line
        self._idle = asyncio.Event()
        self._idle.set()
        self._thinking = False
        self._told: ServerState | None = None
        self._commands = PlainCommands(
            conversation=conversation, say=output.write_line, ask_user=self._line
        )

    async def run(self) -> ExitCode:
        """Talk until the user leaves."""
        stop_observing = self._conversation.observe(self._show)
        await self._conversation.start()
        self._output.write_line(
            f"fimble · {self._conversation.model} · {self._conversation.directory.name} · /help"
        )
        try:
            with self._stopping_with_ctrl_c():
                while True:
                    await self._idle.wait()
                    try:
                        await self._take(await self._question())
                    except FimbleError as error:
                        self._diagnostics.note(str(error))
        except (EOFError, Leave):
            self._output.write_line()
        finally:
            stop_observing()
            await self._conversation.aclose()
        return ExitCode.OK

    async def _question(self) -> str:
        """Read lines until one does not end in a backslash."""
        lines = [await self._line(_PROMPT)]
        while lines[-1].endswith("\\"):
            lines[-1] = lines[-1][:-1]
            lines.append(await self._line(_MORE))
        return "\n".join(lines)

    async def _line(self, prompt: str) -> str:
        try:
            return await asyncio.to_thread(self._read_line, prompt)
        except KeyboardInterrupt:
            return ""

    async def _take(self, typed: str) -> None:
        words = typed.strip()
        if not words:
            return
        use: PromptUse | None = None
        if words.startswith("/"):
            if await self._commands.run(words):
                if self._conversation.busy or self._conversation.waiting:
                    self._idle.clear()
                return
            name, _, rest = words[1:].partition(" ")
            if not self._conversation.has_prompt(name):
                raise FimbleError(f"There is no command or prompt /{name}.", hint="Type /help.")
            use, words = PromptUse(name=name), rest
        gathered = await asyncio.to_thread(self._reader.gather, words)
        for problem in gathered.problems:
            self._diagnostics.note(problem)
        if gathered.problems:
            raise FimbleError("The question was not sent.")
        question = Question(text=words, attachments=gathered.attachments, prompt=use)
        for attachment in gathered.attachments:
            masked = f", {attachment.masking}" if attachment.masked else ""
            self._diagnostics.note(f"{attachment.label}: {attachment.tokens:,} tokens{masked}")
        meter = self._conversation.meter(question)
        if meter.over:
            raise FimbleError(
                f"That is {meter.over:,} tokens over the context window.",
                hint="Attach less, or /new begins an empty conversation.",
            )
        self._idle.clear()
        self._conversation.ask(question)

    def _show(self, event: ChatEvent, /) -> None:
        if isinstance(event, ThinkingText):
            if not self._thinking:
                self._thinking = True
                self._diagnostics.note("thinking…")
        elif isinstance(event, AnswerText):
            self._thinking = False
            self._output.write(event.text)
        elif isinstance(event, TurnEnded):
            self._ended(event)
        elif isinstance(event, StoreProblem | PromptsChanged) and event.sentence:
            self._diagnostics.note(event.sentence)
        elif isinstance(event, StatusChanged) and event.status.state is not self._told:
            self._told = event.status.state if event.status.state in _TOLD else None
            if self._told is not None and event.status.message:
                self._diagnostics.note(event.status.message)

    def _ended(self, event: TurnEnded) -> None:
        answer = event.answer
        if answer.text and not answer.text.endswith("\n"):
            self._output.write("\n")
        if answer.state is AnswerState.STOPPED:
            self._diagnostics.note("stopped; /continue goes on.")
        elif answer.state is not AnswerState.FINISHED:
            self._diagnostics.note(answer.problem or "the answer is cut; /continue goes on.")
        if not self._conversation.busy and not self._conversation.waiting:
            self._idle.set()

    @contextmanager
    def _stopping_with_ctrl_c(self) -> Generator[None]:
        """Let Ctrl-C end the answer; at the prompt it only clears the line."""
        loop = asyncio.get_running_loop()
        tasks: set[asyncio.Task[None]] = set()

        def stop() -> None:
            task = loop.create_task(self._conversation.stop())
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the chat.
            loop.add_signal_handler(signal.SIGINT, stop)
        try:
            yield
        finally:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(signal.SIGINT)


def _read_line(prompt: str) -> str:
    with contextlib.suppress(ImportError):
        # Editing and history of the line, where the system has it.
        import readline  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport]
    if not sys.stdin.isatty():
        prompt = ""
    return input(prompt)
