"""A conversation against the stub Ollama, and what it tells, to be waited for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from fimble.chat.events import AnswerText, ChatEvent, ThinkingText, TurnEnded
from fimble.chat.transcript import Question, Turn
from fimble.config.schema import ChatSettings, OllamaSettings, Settings
from fimble.conversation.assembly import open_conversation
from fimble.conversation.conversation import Conversation
from fimble.trust.store import TrustStore
from support.stub_ollama import StubOllama
from support.stub_ollama.answers import Answer

Found = TypeVar("Found")

_ASKED = re.compile(r"(?s).*<\|im_start\|>user\n(.*?)<\|im_end\|>\n<\|im_start\|>assistant\n(.*)")
_NO_THOUGHT = "<think>\n\n</think>\n\n"
_THINKS = "<think>\n"


def conversing(
    replies: Mapping[str, str] | Callable[[str], str], *, thought: str = "Let me see."
) -> Answer:
    """A model that answers questions and goes on with an answer that has begun.

    Args:
        replies: The answer for each question, or a function from the user message.
        thought: What it thinks first, when it is let.
    """

    def answer(prompt: str) -> str:
        match = _ASKED.match(prompt)
        if match is None:
            return ""
        question, begun = match[1], match[2]
        reply = replies(question) if callable(replies) else _reply(replies, question)
        if begun.startswith(_NO_THOUGHT):
            whole, begun = reply, begun.removeprefix(_NO_THOUGHT)
        elif begun.startswith(_THINKS):
            whole, begun = f"{thought}\n</think>\n\n{reply}", begun.removeprefix(_THINKS)
        else:
            whole = reply
        return whole.removeprefix(begun) if whole.startswith(begun) else ""

    return answer


def _reply(replies: Mapping[str, str], question: str) -> str:
    return next((reply for asked, reply in replies.items() if question.endswith(asked)), "I see.")


class Listener:
    """Everything that a conversation told."""

    def __init__(self, conversation: Conversation) -> None:
        self.events: list[ChatEvent] = []
        self._news = asyncio.Event()
        conversation.observe(self)

    def __call__(self, event: ChatEvent, /) -> None:
        self.events.append(event)
        self._news.set()

    async def until(self, found: Callable[[], Found | None], *, seconds: float = 20.0) -> Found:
        """Wait for something to be there, looking at each event."""
        async with asyncio.timeout(seconds):
            while not (value := found()):
                self._news.clear()
                await self._news.wait()
        return value

    async def ended(self, count: int = 1) -> Turn:
        """Wait for the end of so many turns; returns the last."""

        def last() -> Turn | None:
            ends = [event for event in self.events if isinstance(event, TurnEnded)]
            return ends[count - 1].turn if len(ends) >= count else None

        return await self.until(last)

    async def came(self, text: str) -> None:
        """Wait until an answer holds `text`."""
        await self.until(lambda: text in self.text or None)

    @property
    def text(self) -> str:
        """All answer text that came."""
        return "".join(each.text for each in self.events if isinstance(each, AnswerText))

    @property
    def thinking(self) -> str:
        """All thoughts that came."""
        return "".join(each.text for each in self.events if isinstance(each, ThinkingText))


def chat_settings(url: str, *, model: str = "qwen3.6:27b", **chat: bool) -> Settings:
    """Return settings that lead to a stub."""
    return Settings(
        ollama=OllamaSettings(endpoint=url, model=model), chat=msgspec.convert(chat, ChatSettings)
    )


@asynccontextmanager
async def chatting(
    stub: StubOllama, folder: Path, *, model: str = "qwen3.6:27b", **chat: bool
) -> AsyncGenerator[tuple[Conversation, Listener]]:
    """Hold a started conversation whose workspace and store lie in `folder`."""
    workspace = folder / "workspace"
    workspace.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
            patch.setenv(name, str(folder / "home"))
        conversation = open_conversation(
            chat_settings(stub.url, model=model, **chat),
            workspace,
            store_path=folder / "state" / "sessions.sqlite3",
            trust_store=TrustStore(folder / "trust"),
        )
        listener = Listener(conversation)
        await conversation.start()
        try:
            yield conversation, listener
        finally:
            await conversation.aclose()


def question(text: str) -> Question:
    """Return a question without attachments."""
    return Question(text=text)
