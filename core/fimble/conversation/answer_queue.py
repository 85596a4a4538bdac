"""The questions of a conversation that wait, and the one that is being answered.

One is answered after the other, each by a task of its own that `stop` may end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from fimble.chat.transcript import Answer, AnswerState, Question, Turn
from fimble.errors import FimbleError


@dataclass(frozen=True, slots=True)
class Job:
    """A turn that is to be answered."""

    turn: Turn
    carry_on: bool = False


AnswerJob: TypeAlias = Callable[[Job], Coroutine[Any, Any, Answer]]


class AnswerQueue:
    """Works while there is something to answer; a cancelled answer counts as stopped."""

    def __init__(
        self,
        answer: AnswerJob,
        *,
        ended: Callable[[Turn, Answer], None],
        changed: Callable[[], None],
    ) -> None:
        """Take what is called on the event loop.

        Args:
            answer: Answers one job; expected failures are answers too.
            ended: Takes the active turn and its final answer.
            changed: Called when `waiting` is another than before.
        """
        self._answer_job = answer
        self._ended = ended
        self._changed = changed
        self._jobs: deque[Job] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._answer: asyncio.Task[Answer] | None = None
        self.active: Turn | None = None
        """The turn that is being answered, as it is known now; whoever answers replaces it."""

    @property
    def waiting(self) -> tuple[Question, ...]:
        """Questions that wait, oldest first."""
        return tuple(job.turn.question for job in self._jobs)

    @property
    def unasked(self) -> frozenset[int]:
        """Numbers of the turns that wait and have never been answered."""
        return frozenset(job.turn.turn_id for job in self._jobs if not job.carry_on)

    @property
    def idle(self) -> bool:
        """Whether nothing is being answered and nothing waits."""
        return self.active is None and not self._jobs

    def put(self, job: Job) -> None:
        """Answer a job when its turn comes."""
        self._jobs.append(job)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="fimble-chat")
        else:
            self._changed()

    def take(self, index: int) -> Turn:
        """Take a waiting turn out; the caller tells of it.

        Raises:
            FimbleError: There is none at `index`.
        """
        if not 0 <= index < len(self._jobs):
            raise FimbleError("That question does not wait any more.")
        job = self._jobs[index]
        del self._jobs[index]
        return job.turn

    async def stop(self) -> None:
        """End the answer that is coming, and wait for its end."""
        task = self._answer
        if task is not None and not task.done():
            if not task.cancelling():
                task.cancel()
            await asyncio.wait([task])

    async def aclose(self) -> None:
        """Forget what waits, and end what runs."""
        self._jobs.clear()
        await self.stop()
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        waited = len(self._jobs) > 1
        while self._jobs:
            job = self._jobs.popleft()
            self.active = job.turn
            if waited:
                self._changed()
            self._answer = asyncio.create_task(self._answer_job(job), name="fimble-chat-answer")
            try:
                await asyncio.wait([self._answer])
                answer = self._answer.result()
            except asyncio.CancelledError:
                answer = replace(job.turn.answer, state=AnswerState.STOPPED)
            turn = self.active
            self.active = self._answer = None
            self._ended(turn, answer)
            waited = True
