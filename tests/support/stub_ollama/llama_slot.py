"""The llama-server behind one loaded model: a slot, its prefix cache, and timed generation.

The slot works in a task of its own, apart from the request that asked, because that is where the
measured cancellation rules come from: when a client goes away Ollama frees its semaphore at once,
while the slot first ends the running batch (or the running token). The next request waits here.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from support.stub_ollama.answers import LIKELY, Reply
from support.stub_ollama.journal import Journal, RequestRecord
from support.stub_ollama.prefix_cache import PrefixCache
from support.stub_ollama.script import Timing
from support.stub_ollama.stopping import StopScanner
from support.stub_ollama.tokens import Tokens, tokenize

FinishReason = Literal["stop", "length"]
CONTEXT_PADDING = 256
"""llama.cpp rounds the context up to a multiple of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotToken:
    """One token out of the slot; its text is empty while a stop string may be beginning."""

    text: str
    token: str
    logprob: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFinished:
    """The end of a generation that nobody cancelled."""

    reason: FinishReason
    prompt_tokens: int
    prompt_eval_s: float
    generated_tokens: int
    eval_s: float


@dataclass(slots=True, kw_only=True)
class Completion:
    """One request to the slot and the channel on which it answers."""

    prompt: Tokens
    reply: Callable[[], Reply]
    """Called when the prompt is evaluated, so that only requests that got so far take answers."""
    token_limit: int | None
    stop: tuple[str, ...]
    num_ctx: int
    num_keep: int | None
    """Tokens that a context shift keeps; None where the model cannot shift (recurrent layers)."""
    record: RequestRecord
    events: asyncio.Queue[SlotToken | SlotFinished | Exception] = field(
        default_factory=asyncio.Queue[SlotToken | SlotFinished | Exception]
    )
    """An exception is a defect of the script's answer and ends the events."""
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled_at: float = math.inf

    def cancel(self) -> None:
        """The connection to llama-server was closed."""
        if not self.cancelled.is_set():
            self.cancelled_at = time.monotonic()
            self.cancelled.set()


class LlamaSlot:
    """One slot, one completion at a time, in order of asking."""

    def __init__(self, cache: PrefixCache, timing: Timing, journal: Journal) -> None:
        self._cache = cache
        self._timing = timing
        self._journal = journal
        self._free = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, completion: Completion) -> None:
        """Queue a completion; it answers through its `events`."""
        task = asyncio.create_task(self._run(completion))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Kill the runner: all completions end without another word."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, completion: Completion) -> None:
        async with self._free:
            if completion.cancelled.is_set():
                return  # a deferred task is dropped when its connection is gone
            started = time.monotonic()
            try:
                prompt_eval_s = await self._evaluate_prompt(completion, started)
                if prompt_eval_s is not None:
                    await self._generate(completion, prompt_eval_s)
            except Exception as error:  # noqa: BLE001 - raised again where the request is handled
                completion.events.put_nowait(error)
            finally:
                completion.record.slot_freed_at = time.monotonic()
                self._journal.changed()

    async def _evaluate_prompt(self, completion: Completion, started: float) -> float | None:
        """Evaluate batch by batch; None when cancelled on the way. Seconds spent otherwise."""
        evaluation = self._cache.begin(completion.prompt)
        record = completion.record
        record.cached_tokens = evaluation.cached
        self._journal.changed()
        due = started + self._timing.seconds(self._timing.base_s)
        if due > started:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(completion.cancelled.wait(), due - time.monotonic())
        for batch_tokens in evaluation.batches:
            if self._noticed(completion, started):
                return None
            due += self._timing.seconds(self._timing.per_prompt_token_s) * batch_tokens
            await sleep_until(due)
            self._cache.advance(evaluation, batch_tokens)
            record.evaluated_tokens += batch_tokens
            self._journal.changed()
        if self._noticed(completion, started):
            return None
        return max(due - started, 1e-6)

    def _noticed(self, completion: Completion, started: float) -> bool:
        """Whether llama-server knows by now that its client is gone (it polls for it)."""
        if not completion.cancelled.is_set():
            return False
        poll = self._timing.seconds(self._timing.cancel_poll_s)
        if poll <= 0:
            return True
        polls = max(1, math.ceil((completion.cancelled_at - started) / poll))
        return started + polls * poll <= time.monotonic()

    async def _generate(self, completion: Completion, prompt_eval_s: float) -> None:
        reply = completion.reply()
        answer = tokenize(reply.text)
        scanner = StopScanner(completion.stop)
        step = self._timing.seconds(self._timing.per_generated_token_s)
        began = due = time.monotonic()
        room = _round_up(completion.num_ctx) - len(completion.prompt)
        generated = 0
        reason: FinishReason | None = None
        while reason is None:
            at_end = generated == len(answer)
            token = "" if at_end else answer[generated]
            if generated > 0:
                due += step
                await sleep_until(due)
                self._cache.generated(answer[generated - 1])
                if completion.num_keep is not None and generated >= room:
                    room += self._cache.shift(completion.num_keep)
                if completion.cancelled.is_set():
                    return
            generated += 1
            completion.record.generated_tokens = generated
            if at_end:  # the end-of-generation token: counted, shown as what was held back
                reason = "stop"
                self._emit(completion, SlotToken(text=scanner.rest(), token="", logprob=LIKELY))
                break
            text = scanner.add(token)
            logprob = reply.logprobs[generated - 1 : generated] or (LIKELY,)
            self._emit(completion, SlotToken(text=text, token=token, logprob=logprob[0]))
            limit = completion.token_limit
            if scanner.stopped:
                reason = "stop"
            elif (limit is not None and generated >= limit) or (
                generated >= room and completion.num_keep is None
            ):
                reason = "length"
        completion.events.put_nowait(
            SlotFinished(
                reason=reason,
                prompt_tokens=len(completion.prompt),
                prompt_eval_s=prompt_eval_s,
                generated_tokens=generated,
                eval_s=max(due - began, 1e-6),
            )
        )

    def _emit(self, completion: Completion, token: SlotToken) -> None:
        if completion.record.first_token_at is None:
            completion.record.first_token_at = time.monotonic()
        completion.events.put_nowait(token)
        self._journal.changed()


async def sleep_until(due: float) -> None:
    """Sleep to a point of `time.monotonic()`; always gives the loop one turn."""
    await asyncio.sleep(max(0.0, due - time.monotonic()))


def _round_up(num_ctx: int) -> int:
    return max(1, -(-num_ctx // CONTEXT_PADDING)) * CONTEXT_PADDING
