"""A conversation without a model or a store: its answers are scripted, token by token.

It implements `fimble_tui.conversation_port.ConversationPort` over plain asyncio, for pictures and
for tests of the screen alone; behaviour is tested through the real conversation and the stub.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fimble.chat.events import (
    AnswerText,
    BranchChanged,
    ChatEvent,
    ChatObserver,
    QueueChanged,
    ServerState,
    ServerStatus,
    StatusChanged,
    ThinkingText,
    TurnBegan,
    TurnEnded,
)
from fimble.chat.meter import ContextMeter, MeterSegment
from fimble.chat.transcript import (
    Answer,
    AnswerState,
    AnswerStatistics,
    Question,
    SessionSummary,
    Turn,
)
from fimble.config.schema import OllamaSettings
from fimble.context.index.candidates import Candidate
from fimble.conversation.context_reader import Gathered
from fimble.conversation.facilities import Facilities
from fimble.conversation.pricing import PreviewSegment, PromptPreview
from fimble.conversation.turn_keeper import TurnKeeper
from fimble.history.sessions.session_store import SessionStore
from fimble.prompting.catalogue import PromptEntry

NOTHING_READ = Gathered()


class ScriptedDrafting:
    """Mentions, candidates, prompts and a past that were set."""

    def __init__(
        self,
        *,
        gathered: Gathered = NOTHING_READ,
        candidates: Sequence[Candidate] = (),
        prompts: Sequence[PromptEntry] = (),
        past: Sequence[str] = (),
    ) -> None:
        self.gathered = gathered
        self.candidates = tuple(candidates)
        self._prompts = tuple(prompts)
        self._past = tuple(past)

    def gather(self, text: str) -> Gathered:
        """Return what was set, once something is mentioned."""
        return self.gathered if "@" in text else NOTHING_READ

    def find(self, text: str, limit: int) -> Sequence[Candidate]:
        """Return what holds the text."""
        return [it for it in self.candidates if text.lower() in it.label.lower()][:limit]

    def symbols_came(self) -> bool:
        """Return that there was nothing to wait for."""
        return False

    def prompts(self) -> tuple[PromptEntry, ...]:
        """Return what was set."""
        return self._prompts

    def past_questions(self) -> list[str]:
        """Return what was set."""
        return list(self._past)


READY = ServerStatus(state=ServerState.READY, model="qwen3.6:27b", context_tokens=16384)


class ScriptedConversation:
    """Answers each question with the next script, or echoes it."""

    def __init__(
        self,
        *,
        turns: Iterable[Turn] = (),
        answers: Iterable[Sequence[str]] = (),
        thinking: Sequence[str] = (),
        status: ServerStatus = READY,
        pace_s: float = 0.0,
        drafting: ScriptedDrafting | None = None,
    ) -> None:
        """Begin with `turns`; `answers` are the tokens of the answers to come, in order."""
        self.drafting = drafting or ScriptedDrafting()
        self._turns = list(turns)
        self._answers = deque(tuple(tokens) for tokens in answers)
        self._thinking = tuple(thinking)
        self._status = status
        self._pace_s = pace_s
        self._observers: list[ChatObserver] = []
        self._queue: deque[Question] = deque()
        self._task: asyncio.Task[None] | None = None
        self._next_id = max((turn.turn_id for turn in self._turns), default=0) + 1
        self._name = "retry policy"
        directory = Path("/src/shop")
        keeper = TurnKeeper(
            lambda: SessionStore(None), directory=directory, on_problem=lambda _: None
        )
        self.facilities = Facilities(keeper, directory=directory, settings=OllamaSettings)
        self.gate = asyncio.Event()
        """Answers wait before each token while it is cleared."""
        self.gate.set()

    @property
    def session(self) -> SessionSummary:
        """The only session."""
        return SessionSummary(
            session_id=1,
            name=self._name if self._turns else "",
            directory="/src/shop",
            created_at=0,
            updated_at=0,
            turns=len(self._turns),
            head=self._turns[-1].turn_id if self._turns else None,
        )

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The branch."""
        return tuple(self._turns)

    @property
    def waiting(self) -> tuple[Question, ...]:
        """The queue."""
        return tuple(self._queue)

    @property
    def status(self) -> ServerStatus:
        """The state that was set."""
        return self._status

    @property
    def busy(self) -> bool:
        """Whether an answer runs."""
        return self._task is not None and not self._task.done()

    def observe(self, observer: ChatObserver, /) -> Callable[[], None]:
        """Tell `observer` everything."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def tell(self, event: ChatEvent) -> None:
        """Tell an event to everybody."""
        if isinstance(event, StatusChanged):
            self._status = event.status
        for observer in tuple(self._observers):
            observer(event)

    async def start(self) -> None:
        """Nothing to look at."""

    async def aclose(self) -> None:
        """Stop."""
        self._queue.clear()
        await self.stop()

    def ask(self, question: Question) -> Turn | None:
        """Answer now, or queue."""
        if self.busy:
            self._queue.append(question)
            self.tell(QueueChanged(self.waiting))
            return None
        parent = self._turns[-1].turn_id if self._turns else None
        turn = Turn(
            turn_id=self._next_id, parent=parent, question=question, answer=Answer(), created_at=0
        )
        self._next_id += 1
        self._turns.append(turn)
        self.tell(TurnBegan(turn))
        self._task = asyncio.create_task(self._answer(turn, self._tokens(question)))
        return turn

    def _tokens(self, question: Question) -> Sequence[str]:
        return self._answers.popleft() if self._answers else (f"You asked: {question.text}",)

    async def _answer(self, turn: Turn, tokens: Sequence[str]) -> None:
        text = turn.answer.text
        state = AnswerState.FINISHED
        try:
            for piece in self._thinking:
                await self._wait()
                self.tell(ThinkingText(turn.turn_id, piece))
            for token in tokens:
                await self._wait()
                text += token
                self.tell(AnswerText(turn.turn_id, token))
        except asyncio.CancelledError:
            state = AnswerState.STOPPED
        answer = Answer(
            text=text,
            thinking="".join(self._thinking),
            state=state,
            statistics=AnswerStatistics(
                prompt_tokens=900,
                generated_tokens=max(len(tokens), 1),
                first_token_s=0.5,
                total_s=0.5 + max(len(tokens), 1) / 40,
            ),
        )
        ended = replace(turn, answer=answer)
        self._turns = [ended if one.turn_id == turn.turn_id else one for one in self._turns]
        self._task = None
        self.tell(TurnEnded(ended))
        if self._queue:
            question = self._queue.popleft()
            self.tell(QueueChanged(self.waiting))
            self.ask(question)

    async def _wait(self) -> None:
        await self.gate.wait()
        await asyncio.sleep(self._pace_s)

    async def stop(self) -> None:
        """End the running answer."""
        task = self._task
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def carry_on(self) -> None:
        """Add to the newest answer."""
        turn = self._turns[-1]
        self.tell(TurnBegan(replace(turn, answer=replace(turn.answer, state=AnswerState.WAITING))))
        self._task = asyncio.create_task(self._answer(turn, self._tokens(turn.question)))

    def regenerate(self, turn_id: int) -> None:
        """Ask again."""
        self.ask(self.rewind(turn_id))

    def rewind(self, turn_id: int) -> Question:
        """End the branch before that turn."""
        number = [turn.turn_id for turn in self._turns].index(turn_id)
        question = self._turns[number].question
        del self._turns[number:]
        self.tell(BranchChanged(self.turns))
        return question

    def fork(self, turn_id: int) -> SessionSummary:
        """Keep the branch up to that turn."""
        self._turns = [turn for turn in self._turns if turn.turn_id <= turn_id]
        self._name = "retry policy (fork)"
        self.tell(BranchChanged(self.turns))
        return self.session

    def take_back(self, index: int) -> Question:
        """Take one out of the queue."""
        question = self._queue[index]
        del self._queue[index]
        self.tell(QueueChanged(self.waiting))
        return question

    async def switch_model(self, name: str) -> None:
        """Show another name."""
        self.tell(StatusChanged(replace(self._status, model=name)))

    def meter(self, draft: Question) -> ContextMeter:
        """Price by characters."""
        return ContextMeter(
            segments=(
                MeterSegment(name="rules", tokens=210, reused=True),
                MeterSegment(name="conversation", tokens=640 * len(self._turns), reused=True),
                *(
                    MeterSegment(name=it.label, tokens=it.tokens, reused=False)
                    for it in draft.attachments
                ),
                MeterSegment(name="question", tokens=len(draft.text) // 4, reused=False),
            ),
            window_tokens=16384,
            reserved_tokens=2048,
            exact=True,
            tokens_per_s=850.0,
        )

    def preview(self, draft: Question) -> PromptPreview:
        """Return the draft's parts as they are."""
        named = [("rules and role", "You answer in a terminal.", 210, True)]
        for number, turn in enumerate(self._turns, 1):
            named.append((f"question {number}", turn.question.text, 240, True))
            named.append((f"answer {number}", turn.answer.text, 400, True))
        named += [(it.label, it.text, it.tokens, False) for it in draft.attachments]
        named.append(("question", draft.text, len(draft.text) // 4, False))
        segments = tuple(
            PreviewSegment(name=name, text=text, tokens=tokens, reused=reused)
            for name, text, tokens, reused in named
        )
        return PromptPreview(segments=segments, meter=self.meter(draft))

    def new_session(self) -> None:
        """Drop every turn."""
        self._turns.clear()
        self.tell(BranchChanged(()))

    def resume(self, session_id: int) -> None:
        """There is only one."""
        self.tell(BranchChanged(self.turns))

    def rename(self, name: str) -> None:
        """Name it."""
        self._name = name
