"""One answer, from the request to its final state: streams it, journals it, keeps what came."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from fimble.chat.events import AnswerText, ChatEvent, ServerState, ThinkingText
from fimble.chat.transcript import Answer, AnswerState, AnswerStatistics, Turn
from fimble.engine.protocol import GenerationStatistics, ThinkingChunk
from fimble.errors import (
    EngineBusy,
    EngineError,
    EngineUnavailable,
    FimbleError,
    ModelMissing,
    PromptTooLong,
)

if TYPE_CHECKING:
    from fimble.conversation.model_server import ModelServer
    from fimble.conversation.turn_keeper import TurnKeeper
    from fimble.engine.chat_protocol import ChatRequest

_JOURNAL_EVERY_S: Final = 0.25
"""A killed process loses at most the text of so long."""
_STATE_CHANGES: Final = {True: ServerState.THINKING, False: ServerState.ANSWERING}


_TOO_LONG_HINT: Final = (
    "Attach less, or begin a new session: nothing was cut, and nothing was sent."
)


class NotYet(Exception):
    """Nothing came, and the same question may be asked again when the server is well."""

    def __init__(self, cause: FimbleError) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(slots=True, kw_only=True)
class Answering:
    """The work on one turn."""

    turn: Turn
    request: ChatRequest
    server: ModelServer
    keeper: TurnKeeper
    tell: Callable[[ChatEvent], None]
    note_state: Callable[[ServerState], None]
    now: Callable[[], float] = time.monotonic
    _text: list[str] = field(default_factory=list[str])
    _thinking: list[str] = field(default_factory=list[str])
    _unwritten: tuple[int, int] = (0, 0)
    _written_at: float = 0.0
    _began_at: float = 0.0
    _first_s: float = 0.0
    _statistics: GenerationStatistics | None = None

    async def run(self) -> Answer:
        """Return the answer; cancelling the task stops it and keeps what came.

        Raises:
            NotYet: Nobody answers, the model is missing or the queue is full, and nothing came.
        """
        if self.request.begun:
            self._text.append(self.request.begun)
        if self.turn.answer.thinking:
            self._thinking.append(self.turn.answer.thinking)
        # What a continued answer begins with is stored already, a template's beginning is not.
        stored = int(bool(self.turn.answer.text))
        self._unwritten = (stored, len(self._thinking))
        self._began_at = self._written_at = self.now()
        try:
            await self._stream()
        except asyncio.CancelledError:
            return self._answer(AnswerState.STOPPED)
        except (EngineUnavailable, EngineBusy, ModelMissing) as error:
            if not self._came:
                raise NotYet(error) from error
            return self._answer(AnswerState.CUT, str(error))
        except PromptTooLong as error:
            return self._answer(AnswerState.FAILED, f"{error.sentence} {_TOO_LONG_HINT}")
        except EngineError as error:
            state = AnswerState.CUT if self._came else AnswerState.FAILED
            return self._answer(state, str(error))
        except FimbleError as error:
            return self._answer(AnswerState.FAILED, str(error))
        length = self._statistics is not None and self._statistics.finish == "length"
        return self._answer(AnswerState.LENGTH if length else AnswerState.FINISHED)

    @property
    def _came(self) -> bool:
        return self._first_s > 0

    async def _stream(self) -> None:
        async with aclosing(self.server.chat(self.request)) as pieces:
            async for piece in pieces:
                if isinstance(piece, GenerationStatistics):
                    self._statistics = piece
                    continue
                thinking = isinstance(piece, ThinkingChunk)
                if not self._first_s:
                    self._first_s = max(self.now() - self._began_at, 1e-9)
                self.note_state(_STATE_CHANGES[thinking])
                if thinking:
                    self._thinking.append(piece.text)
                    self.tell(ThinkingText(self.turn.turn_id, piece.text))
                else:
                    self._text.append(piece.text)
                    self.tell(AnswerText(self.turn.turn_id, piece.text))
                if self.now() - self._written_at >= _JOURNAL_EVERY_S:
                    self._journal()

    def _journal(self) -> None:
        text_from, thinking_from = self._unwritten
        self._unwritten = (len(self._text), len(self._thinking))
        self._written_at = self.now()
        self.keeper.journal(
            self.turn.turn_id,
            answer="".join(self._text[text_from:]),
            thinking="".join(self._thinking[thinking_from:]),
        )

    def _answer(self, state: AnswerState, problem: str = "") -> Answer:
        total_s = self.now() - self._began_at
        told = self._statistics
        statistics = AnswerStatistics(first_token_s=self._first_s, total_s=total_s)
        if told is not None:
            statistics = replace(
                statistics,
                prompt_tokens=told.prompt_tokens,
                generated_tokens=told.generated_tokens,
                prompt_eval_s=told.prompt_eval_s,
                segments=told.segments,
            )
        return Answer(
            text="".join(self._text),
            thinking="".join(self._thinking),
            state=state,
            problem=problem,
            model=self.server.model,
            model_digest=self.server.digest,
            prompt_digest=self.server.prompt_digest(self.request),
            statistics=statistics,
        )
