"""The chat's screen under test: shown headless, waited for by a predicate, never by time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.pilot import Pilot

from fimble.chat.transcript import Answer, AnswerState, AnswerStatistics, Question, Turn
from fimble_tui.app import ChatApp
from fimble_tui.conversation_port import ConversationPort
from fimble_tui.opening import OpenFile, open_in_editor
from fimble_tui.screens.chat import ChatScreen
from fimble_tui.widgets.conversation.conversation_view import ConversationView
from fimble_tui.widgets.meter.meter_line import MeterLine
from fimble_tui.widgets.prompt.prompt_area import PromptArea

_LONGEST_WAIT_S = 20.0


@dataclass(frozen=True, slots=True)
class ShownChat:
    """A chat that is on a screen."""

    app: ChatApp
    pilot: Pilot[None]

    @property
    def screen(self) -> ChatScreen:
        """The chat's screen, also while another one lies over it."""
        found = [each for each in self.app.screen_stack if isinstance(each, ChatScreen)]
        return found[0]

    @property
    def view(self) -> ConversationView:
        """The conversation."""
        return self.screen.query_one(ConversationView)

    @property
    def prompt(self) -> PromptArea:
        """The prompt."""
        return self.screen.query_one(PromptArea)

    @property
    def text(self) -> str:
        """What is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def copied(self) -> str:
        """What was put on the clipboard last."""
        return self.app.clipboard

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, looking after every round of the event loop."""
        async with asyncio.timeout(_LONGEST_WAIT_S):
            while not holds():  # noqa: ASYNC110 - whatever is waited for, the screen shows it
                await asyncio.sleep(0.005)

    async def shows(self, words: str) -> None:
        """Wait until `words` are on the screen."""
        try:
            await self.until(lambda: words in self.text)
        except TimeoutError:
            raise AssertionError(f"{words!r} was not shown:\n{self.text}") from None

    async def priced(self) -> None:
        """Wait until the meter shows the price of what is written."""
        meter = self.screen.query_one(MeterLine)
        await self.until(lambda: meter.idle)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    def key(self, name: str) -> events.Key:
        """Return the event of a key, for who cannot wait for its effect."""
        return events.Key(name, name if len(name) == 1 else None)

    def mouse(self, kind: type[events.MouseEvent], x: int, y: int) -> events.MouseEvent:
        """Return the event of a mouse at a cell, with its first button."""
        return kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y)

    async def ask(self, text: str) -> None:
        """Write a question and send it."""
        self.prompt.load_text(text)
        await self.press("enter")


@asynccontextmanager
async def showing(
    conversation: ConversationPort,
    *,
    size: tuple[int, int] = (80, 24),
    draft: str = "",
    theme: str = "fimble-dark",
    workspace: Path = Path("/src/shop"),
    clock: Callable[[], float] = lambda: 0.0,
    open_file: OpenFile = open_in_editor,
) -> AsyncGenerator[ShownChat]:
    """Show a conversation until the block ends."""
    app = ChatApp(
        conversation,
        workspace=workspace,
        draft=draft,
        theme=theme,
        clock=clock,
        open_file=open_file,
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield ShownChat(app, pilot)


def turn_of(
    number: int,
    question: str,
    answer: str,
    *,
    state: AnswerState = AnswerState.FINISHED,
    thinking: str = "",
    problem: str = "",
    generated_tokens: int = 412,
) -> Turn:
    """Return a stored turn."""
    return Turn(
        turn_id=number,
        parent=number - 1 or None,
        question=Question(text=question),
        answer=Answer(
            text=answer,
            thinking=thinking,
            state=state,
            problem=problem,
            statistics=AnswerStatistics(
                prompt_tokens=900,
                evaluated_tokens=40,
                generated_tokens=generated_tokens,
                first_token_s=0.4,
                total_s=11.2,
            ),
        ),
        created_at=0,
    )


def turns_of(count: int, answer: str = "An answer.\n\n- with\n- items") -> Sequence[Turn]:
    """Return so many stored turns."""
    return tuple(turn_of(number, f"Question {number}", answer) for number in range(1, count + 1))
