"""What happens while a question is being answered, in the order in which it happens.

The conversation (`fimble.conversation`) tells these to whoever shows it: the terminal's screen,
its plain mode, `fimble ask`. Text in them is the model's and untrusted: it is shown through
`policy.printable`, never as markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from fimble.chat.transcript import Answer, Question, Turn


class ServerState(StrEnum):
    """What a status line says of the model and its server."""

    READY = "ready"
    THINKING = "thinking"
    ANSWERING = "answering"
    READING = "reading"
    """The prompt is being evaluated; no token yet."""
    LOADING = "loading"
    """The server reads the model from disk."""
    OFFLINE = "offline"
    """Nobody answers at the endpoint; questions wait."""
    MODEL_MISSING = "model missing"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """The state in words."""

    state: ServerState
    model: str = ""
    message: str = ""
    """One sentence with the next step; empty when all is well."""
    spilled_share: float = 0.0
    """The part of the model that is not in video memory, 0 to 1."""
    context_tokens: int | None = None
    """The effective window, from `/api/ps`; None while the model is not loaded."""


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """A question was stored and is next; its answer is empty."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ThinkingText:
    """More of what the model thinks before it answers."""

    turn_id: int
    text: str


@dataclass(frozen=True, slots=True)
class AnswerText:
    """More of the answer."""

    turn_id: int
    text: str


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The answer's state is final; `turn` holds all of it, also when it failed."""

    turn: Turn

    @property
    def answer(self) -> Answer:
        """What came."""
        return self.turn.answer


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Questions that wait, oldest first."""

    waiting: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The model or its server changed its state."""

    status: ServerStatus


@dataclass(frozen=True, slots=True)
class BranchChanged:
    """The turns of the session are others now: resumed, rewound, forked, cleared."""

    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class StoreProblem:
    """The store cannot be written (full, read-only); the chat goes on in memory."""

    sentence: str


@dataclass(frozen=True, slots=True)
class PromptsChanged:
    """Templates were read again, or one of them is broken; the next question uses what holds."""

    sentence: str


ChatEvent: TypeAlias = (
    TurnBegan
    | ThinkingText
    | AnswerText
    | TurnEnded
    | QueueChanged
    | StatusChanged
    | BranchChanged
    | StoreProblem
    | PromptsChanged
)


class ChatObserver(Protocol):
    """Somebody who shows a conversation; called on the event loop, must not block."""

    def __call__(self, event: ChatEvent, /) -> None:
        """Take note of `event`."""
        ...
