"""The one object that a chat holds: asks one question after the other and tells what happens.

Questions wait in a queue while the model is busy, absent or loading; each is stored when it is
asked, so that none is lost. Everything runs on one event loop; observers are called on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fimble.chat.events import (
    BranchChanged,
    ChatObserver,
    PromptsChanged,
    QueueChanged,
    ServerState,
    ServerStatus,
    StatusChanged,
    TurnBegan,
    TurnEnded,
)
from fimble.chat.transcript import Answer, AnswerState, Question, SessionSummary, Turn
from fimble.conversation.answer_queue import AnswerQueue, Job
from fimble.conversation.answering import Answering, NotYet
from fimble.conversation.branch import Branch
from fimble.conversation.drafting import Drafting
from fimble.conversation.facilities import Facilities
from fimble.conversation.observers import Observers
from fimble.conversation.pricing import Pricing, PromptPreview
from fimble.conversation.server_watch import MOST_FAILURES, ServerWatch
from fimble.conversation.turn_keeper import OpenStore, TurnKeeper
from fimble.conversation.turn_request import answer_tokens, turn_request
from fimble.errors import EngineBusy, FimbleError
from fimble.pipeline.cancelling import cancel_once

if TYPE_CHECKING:
    from pathlib import Path

    from fimble.chat.meter import ContextMeter
    from fimble.conversation.followed_prompts import FollowedPrompts
    from fimble.conversation.model_server import ModelServer
    from fimble.conversation.question_expander import Expansion, QuestionExpander

_CONTINUABLE: Final = frozenset({AnswerState.STOPPED, AnswerState.CUT, AnswerState.LENGTH})
_ANSWERS: Final = frozenset({ServerState.READY, ServerState.LOADING})


class Conversation:
    """A session with a model."""

    def __init__(
        self,
        *,
        make_server: Callable[[str], ModelServer],
        model: str,
        open_store: OpenStore,
        directory: Path,
        expander: QuestionExpander,
        think: bool = False,
        patient: bool = True,
        exclude: tuple[str, ...] = (),
        prompts: FollowedPrompts | None = None,
    ) -> None:
        """Open the store; nothing is asked before `start`.

        Args:
            make_server: Returns the server with a model of that name.
            model: The first model.
            open_store: Opens the file of sessions.
            directory: The workspace.
            expander: Turns questions into prompts.
            think: Whether the model may think where the template leaves it open.
            patient: Whether a question waits for a server that is gone, or fails at once.
            exclude: The user's own globs of files that mentions do not read.
            prompts: What the expander's templates and rules are taken from; followed from `start`.

        Raises:
            EngineNotLocalError: The model or the endpoint is not on this machine.
        """
        self._make_server = make_server
        self._server = make_server(model)
        self._retired: list[ModelServer] = []
        self._expander = expander
        self._prompts = prompts
        self._observers = Observers()
        self._tell = self._observers.tell
        self._branch = Branch()
        self._queue = AnswerQueue(
            self._answered,
            ended=self._note_end,
            changed=lambda: self._tell(QueueChanged(self.waiting)),
        )
        self.think = think
        self._patient = patient
        self.directory = directory
        self.keeper = TurnKeeper(
            open_store, directory=directory, on_problem=self._observers.tell_store_problem
        )
        self.pricing = Pricing(counter=lambda: self._server.engine.own_tokens.current)
        self.drafting = Drafting(
            directory,
            exclude=exclude,
            count_tokens=self.pricing.tokens,
            catalogue=expander.catalogue,
            store=lambda: self.keeper.store,
        )
        self._facilities = Facilities(
            self.keeper, directory=directory, settings=lambda: self._server.settings
        )
        self._learning: asyncio.Task[None] | None = None
        self._to_be_read = 0
        self._watch = ServerWatch(lambda: self._server, self._status_changed)

    @property
    def session(self) -> SessionSummary:
        """The session; its number is 0 until the first question."""
        return self.keeper.session

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The branch, oldest first, without the questions that wait."""
        unasked = self._queue.unasked
        return tuple(turn for turn in self._branch.turns if turn.turn_id not in unasked)

    @property
    def waiting(self) -> tuple[Question, ...]:
        """Questions that wait, oldest first."""
        return self._queue.waiting

    @property
    def status(self) -> ServerStatus:
        """The model server's state."""
        return self._watch.status

    @property
    def model(self) -> str:
        """The model that the next question goes to."""
        return self._server.model

    @property
    def server(self) -> ModelServer:
        """The server with that model."""
        return self._server

    @property
    def facilities(self) -> Facilities:
        """Its store, its workspace's files and its model server, for screens and commands."""
        return self._facilities

    @property
    def busy(self) -> bool:
        """Whether a question is being answered, or waits for the server."""
        return self._queue.active is not None

    def observe(self, observer: ChatObserver) -> Callable[[], None]:
        """Tell `observer` every event from now on; returns what ends that."""
        return self._observers.add(observer)

    async def start(self) -> None:
        """Begin to look after the model server."""
        self._watch.start()
        if self._prompts is not None:
            self._prompts.start(
                lambda sentence: self._tell(PromptsChanged(sentence)),
                has_begun=lambda: bool(self._branch.turns),
            )

    async def aclose(self) -> None:
        """Stop what runs, keep what came, and close every connection and the store."""
        if self._prompts is not None:
            await self._prompts.aclose()
        await self._queue.aclose()
        await self._watch.aclose()
        if self._learning is not None:
            await cancel_once(self._learning)
        for server in (*self._retired, self._server):
            await server.aclose()
        await asyncio.to_thread(self.drafting.close)
        self.keeper.close()

    def ask(self, question: Question) -> Turn:
        """Store a question and answer it when its turn comes."""
        turn = self.keeper.begin(question, parent=self._branch.newest_id, model=self.model)
        self._branch.append(turn)
        self._queue.put(Job(turn))
        return turn

    async def stop(self) -> None:
        """End the answer that is coming; what came of it is kept."""
        await self._queue.stop()

    def carry_on(self) -> None:
        """Go on with the newest answer where it ended; asks again when nothing had come.

        Raises:
            FimbleError: There is nothing to go on with.
        """
        self._refuse_while_busy()
        turn = self._branch.newest
        if turn is None or turn.answer.state is AnswerState.FINISHED:
            raise FimbleError("There is no unfinished answer to go on with.")
        can = turn.answer.state in _CONTINUABLE and bool(turn.answer.text or turn.answer.thinking)
        self._queue.put(Job(turn, carry_on=can))

    def regenerate(self, turn_id: int) -> None:
        """Ask the same question once more, in a branch beside the old answer.

        Raises:
            FimbleError: Something is being answered, or there is no such turn.
        """
        self._refuse_while_busy()
        self.ask(self._cut(turn_id).question)

    def rewind(self, turn_id: int) -> Question:
        """End the branch before a turn and return its question for editing; nothing is deleted.

        Raises:
            FimbleError: Something is being answered, or there is no such turn.
        """
        self._refuse_while_busy()
        return replace(self._cut(turn_id).question, expanded="", system="")

    def fork(self, turn_id: int) -> SessionSummary:
        """Begin a session whose branch ends at a turn, and go on in it.

        Raises:
            FimbleError: Something is being answered, or the store cannot be written.
        """
        self._refuse_while_busy()
        self._enter(self.keeper.fork(turn_id))
        return self.session

    def take_back(self, index: int) -> Question:
        """Take a waiting question out of the queue, for editing.

        Raises:
            FimbleError: There is none at `index`.
        """
        turn = self._queue.take(index)
        self.keeper.withdraw(turn.turn_id)
        self._branch.withdraw(turn.turn_id)
        self._tell(QueueChanged(self.waiting))
        return turn.question

    async def switch_model(self, name: str) -> None:
        """Ask another model from the next question on; an answer that is coming goes on.

        Raises:
            EngineNotLocalError: The name asks for a cloud model.
        """
        server = self._make_server(name)
        self._retired.append(self._server)
        self._server = server
        self.pricing.held = ()
        self.pricing.tokens_per_s = None
        self._watch.poke()
        await self._watch.look()

    async def look_at_server(self) -> ServerStatus:
        """Ask the server for its state now; a question that waits for it is tried again."""
        self._watch.poke()
        return await self._watch.look()

    def meter(self, draft: Question) -> ContextMeter:
        """Return what `draft` would cost; cheap enough for every key."""
        return self.preview(draft).meter

    def preview(self, draft: Question) -> PromptPreview:
        """Return the exact prompt for `draft`, by segments."""
        expansion: Expansion | None = None
        problem = ""
        if draft.text or draft.attachments or draft.prompt:
            try:
                expansion = self._expander.expand(draft, opening=self._branch.opening)
            except FimbleError as error:
                problem = str(error)
        return self.pricing.preview(
            self._branch.turns,
            expansion,
            window_tokens=self._server.window_tokens,
            reserved_tokens=answer_tokens(expansion),
            problem=problem,
            unexpanded=draft if problem else None,
        )

    def has_prompt(self, name: str) -> bool:
        """Whether a template of that name is there, broken or not."""
        return self._expander.has(name)

    def new_session(self) -> None:
        """Begin an empty session.

        Raises:
            FimbleError: Something is being answered.
        """
        self._refuse_while_busy()
        self.keeper.leave()
        self._enter(())

    def resume(self, session_id: int) -> None:
        """Go on in a stored session.

        Raises:
            FimbleError: Something is being answered, or the session cannot be read.
        """
        self._refuse_while_busy()
        self._enter(self.keeper.enter(session_id))

    def rename(self, name: str) -> None:
        """Name the session.

        Raises:
            SessionStoreError: There is none yet, or it cannot be written.
        """
        self.keeper.rename(name)

    def _note_end(self, active: Turn, answer: Answer) -> None:
        turn = self.keeper.end(active, answer)
        self._branch.put(turn)
        if answer.text:
            if answer.model == self.model:
                self._server.note_answered()
            self.pricing.note_answered(self.turns)
            self.pricing.note_speed(self._to_be_read, answer.statistics.prompt_eval_s)
        self._watch.note(self._server.status().state)
        self._tell(TurnEnded(turn))

    async def _answered(self, job: Job) -> Answer:
        self._to_be_read = 0
        try:
            turn, request = turn_request(
                job.turn,
                self._branch.before(job.turn.turn_id),
                self._expander,
                think=self.think,
                carry_on=job.carry_on,
            )
        except FimbleError as error:
            self._tell(TurnBegan(job.turn))
            return replace(job.turn.answer, state=AnswerState.FAILED, problem=str(error))
        self._queue.active = turn
        self._branch.put(turn)
        self._tell(TurnBegan(turn))
        # In a thread: a pasted megabyte takes its time, and keys are answered meanwhile.
        self._to_be_read = (await asyncio.to_thread(self.meter, job.turn.question)).to_be_read
        failures = 0
        while True:
            server = self._server
            try:
                if (await self._watch.look()).state is ServerState.READY:
                    self._watch.note(ServerState.READING)
                self.keeper.note_sent(turn, prompt_digest=server.prompt_digest(request))
                answering = Answering(
                    turn=turn,
                    request=request,
                    server=server,
                    keeper=self.keeper,
                    tell=self._tell,
                    note_state=self._watch.note,
                )
                return await answering.run()
            except NotYet as not_yet:
                failures += 1
                hopeless = failures > MOST_FAILURES and not isinstance(not_yet.cause, EngineBusy)
                if hopeless or not self._patient:
                    problem = str(not_yet.cause)
                    return replace(turn.answer, state=AnswerState.FAILED, problem=problem)
                if not await self._watch.until_well(failures=failures):
                    failures = 0

    def _enter(self, turns: tuple[Turn, ...]) -> None:
        self._branch = Branch(turns)
        if self._prompts is not None:
            self._prompts.session_begins()
        self.pricing.held = ()
        self._tell(BranchChanged(self.turns))

    def _cut(self, turn_id: int) -> Turn:
        turn = self._branch.cut(turn_id)
        self.keeper.set_head(self._branch.newest_id)
        self._tell(BranchChanged(self.turns))
        return turn

    def _refuse_while_busy(self) -> None:
        if not self._queue.idle:
            raise FimbleError("An answer is being written.", hint="Stop it first, with Escape.")

    def _status_changed(self, status: ServerStatus) -> None:
        self._tell(StatusChanged(status))
        learning = self._learning is not None and not self._learning.done()
        if status.state in _ANSWERS and not learning and not self._server.counts_asked:
            self._learning = asyncio.create_task(self._learn_to_count(), name="fimble-chat-tokens")

    async def _learn_to_count(self) -> None:
        """Count with the model's own tokenizer from now on, where the server states it."""
        await self._server.learn_to_count()
        self._tell(StatusChanged(self._watch.status))
