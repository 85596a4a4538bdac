"""What an engine offers a chat: whole messages in, thinking and text out.

For models whose chat template we know, `fimble.conversation` renders the prompt itself and asks
`Engine.generate`; this protocol is the way for all others, whose server applies the template.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from fimble.chat.messages import ChatMessage
from fimble.engine.protocol import GenerationStatistics, TextChunk, ThinkingChunk


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One answer that is wanted."""

    messages: tuple[ChatMessage, ...]
    """Oldest first; control tokens in them are already neutralised."""
    begun: str = ""
    """The beginning of the answer, to be continued without being repeated."""
    begun_thinking: str = ""
    """What was thought before it was stopped; only while `begun` is empty."""
    think: bool = False
    max_tokens: int = 4096
    temperature: float | None = None
    """None leaves it to what the model's maker advises."""
    top_p: float | None = None
    stop: tuple[str, ...] = ()


ChatPiece: TypeAlias = TextChunk | ThinkingChunk | GenerationStatistics


class ChatEngine(Protocol):
    """Somebody who answers."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[ChatPiece, None]:
        """Stream an answer: pieces, then exactly one `GenerationStatistics`.

        Closing the generator is the only way to cancel. Raises an `EngineError`.
        """
        ...
