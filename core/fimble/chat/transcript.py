"""What was asked and answered: the values that the store keeps and every screen shows.

A turn is one question with its answer, so that neither can be stored, dropped or replayed without
the other. Turns form a tree through `parent`: editing an earlier question begins a new branch, a
fork is a session whose newest turn was made in another one, and nothing is ever overwritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

PLAIN_PROMPT: Final = "ask"
"""The name of the template of kind chat for questions that name none."""


class AnswerState(StrEnum):
    """How far an answer came."""

    WAITING = "waiting"
    """Asked; nothing came yet (queued, the model loads, the server is down)."""
    STREAMING = "streaming"
    FINISHED = "finished"
    STOPPED = "stopped"
    """The user stopped it; what came is kept."""
    CUT = "cut"
    """The process or the connection ended; what came is kept."""
    LENGTH = "length"
    """The answer's budget or the context window was full; it can be continued."""
    FAILED = "failed"
    """The server answered with an error; `Answer.problem` says which."""

    @property
    def final(self) -> bool:
        """Whether nothing more will come by itself."""
        return self not in {AnswerState.WAITING, AnswerState.STREAMING}


class AttachmentKind(StrEnum):
    """Where an attachment's text comes from."""

    FILE = "file"
    DIRECTORY = "dir"
    SYMBOL = "symbol"
    DIFF = "diff"
    STAGED = "staged"
    ERRORS = "errors"
    MAP = "map"
    INPUT = "input"
    """Standard input of `fimble ask`."""
    SELECTION = "selection"


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """Text that goes to the model with a question, as it was when it was asked."""

    kind: AttachmentKind
    label: str
    """What people read and can mention again: `src/shop.py`, `src/shop.py:10-40`, `@diff`."""
    text: str
    """Secrets are already masked."""
    language: str = ""
    """The name for a Markdown fence; empty when unknown."""
    tokens: int = 0
    masked: int = 0
    """How many values the secrets gate replaced."""
    around: Mapping[str, str] = field(default_factory=dict[str, str], compare=False, repr=False)
    """What the file says of the place, as values for a template (`imports`, `before`, …); not
    stored, since what was sent is."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal: equal texts are stored once."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def masking(self) -> str:
        """What to tell people of the gate's work: `2 secrets masked`; empty when there is none."""
        return f"{self.masked} secret{'s' * (self.masked > 1)} masked" if self.masked else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptUse:
    """The template that a question was asked through."""

    name: str
    """`chat/review`."""
    inputs: tuple[tuple[str, str], ...] = ()
    template_digest: str = ""
    """Of the template's text with its partials."""
    examples: tuple[tuple[str, str], ...] = ()
    """Role and text of the messages that the template shows before the question itself."""
    begun: str = ""
    """The beginning of the answer that the template prescribes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the user asked, and everything that was sent with it."""

    text: str
    """As typed."""
    attachments: tuple[Attachment, ...] = ()
    prompt: PromptUse | None = None
    expanded: str = ""
    """The user message that was really sent; empty until it was. Replayed as it is for ever, so
    that the conversation's prompt only grows."""
    system: str = ""
    """The system message that a template set; only the first turn's counts in a session."""

    @property
    def typed(self) -> str:
        """The text with the prompt's name before it, as one types it again."""
        name = self.prompt.name.removeprefix("chat/") if self.prompt else PLAIN_PROMPT
        return self.text if name == PLAIN_PROMPT else f"/{name} {self.text}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStatistics:
    """What an answer cost."""

    prompt_tokens: int = 0
    evaluated_tokens: int | None = None
    """Prompt tokens that were computed, not taken from the server's cache; None when unknown."""
    generated_tokens: int = 0
    prompt_eval_s: float = 0.0
    """The server's own time for the tokens that it evaluated."""
    first_token_s: float = 0.0
    total_s: float = 0.0
    segments: int = 1
    """In how many requests it was generated (time slicing)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model said."""

    text: str = ""
    thinking: str = ""
    state: AnswerState = AnswerState.WAITING
    problem: str = ""
    """One sentence with the next step when `state` is FAILED or CUT."""
    model: str = ""
    model_digest: str = ""
    prompt_digest: str = ""
    """SHA-256 of the whole prompt that was sent, so that the answer can be replayed."""
    statistics: AnswerStatistics = field(default_factory=AnswerStatistics)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question and its answer."""

    turn_id: int
    """The store's number; rising."""
    parent: int | None
    """The turn before it in its branch; None for a first one."""
    question: Question
    answer: Answer
    created_at: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """A session without its text."""

    session_id: int
    name: str
    """Given by the user, or the first words of the first question."""
    directory: str
    """The workspace that it belongs to, resolved."""
    created_at: float
    updated_at: float
    turns: int
    """In the branch that ends at `head`."""
    head: int | None
    """The newest turn; None while the session is empty."""
    model: str = ""
    forked_from: int | None = None
    """The session that it was forked from."""
