"""The whole chat, screen to store, against the stub Ollama: what a user sees and does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fimble.conversation.assembly import open_conversation
from fimble.conversation.conversation import Conversation
from fimble.history.sessions.session_store import SessionStore
from fimble.trust.store import TrustStore
from support.chat_screen import ShownChat, showing
from support.chatting import chat_settings, conversing
from support.stub_ollama import Script, StubModel, StubOllama, Timing


class Clock:
    """A monotonic clock that only the test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now_s

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


@dataclass(frozen=True, slots=True)
class Desk:
    """A chat that is shown, with everything behind it."""

    chat: ShownChat
    conversation: Conversation
    stub: StubOllama
    workspace: Path
    clock: Clock

    @property
    def store(self) -> SessionStore:
        """All sessions."""
        return self.conversation.facilities.store()

    async def ask(self, text: str) -> None:
        """Ask, and wait for the end of the answer."""
        before = len(self.conversation.turns)
        await self.chat.ask(text)
        await self.chat.until(
            lambda: (
                len(self.conversation.turns) > before
                and not self.conversation.busy
                and self.conversation.turns[-1].answer.state.final
            )
        )

    async def press(self, *keys: str) -> None:
        """Press keys long after the screen came up."""
        self.clock.pass_by(5)
        await self.chat.press(*keys)

    async def apply_block(self, letter: str = "a") -> None:
        """Open the preview of the block with that jump letter."""
        await self.chat.press("ctrl+l")
        await self.chat.shows("press a letter")
        await self.chat.press(letter, "a")
        await self.chat.shows("Apply to")


@asynccontextmanager
async def at_desk(
    folder: Path,
    replies: Mapping[str, str] | Callable[[str], str] | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    theme: str = "fimble-dark",
    models: tuple[StubModel, ...] = (StubModel(),),
    timing: Timing | None = None,
    model: str = "qwen3.6:27b",
    place: str = "workspace",
) -> AsyncGenerator[Desk]:
    """Show a real conversation whose workspace and store lie in `folder`.

    Args:
        folder: Gets `workspace` and `state`.
        replies: What the model answers.
        size: Columns and rows.
        theme: Of the application.
        models: On the stub.
        timing: How fast it is.
        model: The one that is asked.
        place: Where in `folder` the workspace is; `home` is the user's home.
    """
    workspace = folder / place
    workspace.mkdir(parents=True, exist_ok=True)
    script = Script(answer=conversing(replies or {}), models=models, timing=timing or Timing())
    with StubOllama(script) as stub, pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(folder / "home"))
        conversation = open_conversation(
            chat_settings(stub.url, model=model),
            workspace,
            store_path=folder / "state" / "sessions.sqlite3",
            trust_store=TrustStore(folder / "trust"),
        )
        clock = Clock()
        async with showing(
            conversation, size=size, theme=theme, workspace=workspace, clock=clock
        ) as chat:
            chat.prompt.cursor_blink = False
            yield Desk(chat, conversation, stub, workspace, clock)
