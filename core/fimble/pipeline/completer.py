"""From a place in a document to a suggestion: reuse, plan, prompt, stream, cut, post-process.

The order is the product: an answer from the cache costs nothing and is never delayed; a running
stream that agrees with what was typed is kept; only then is the model asked, by one request at a
time, and the newest request wins. Everything decided here is decided by the pure rooms; this
module owns the clock, the tasks and the engine.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.planning import Plan, Skip, TokenLimits, Trigger, plan_request
from fimble.completion.postprocess import RULES, apply_rules
from fimble.completion.prompt_session import SessionStore
from fimble.completion.reuse import ReuseHit, StoredSuggestion, SuggestionCache, surroundings
from fimble.completion.stopping import first_unit_end
from fimble.completion.surroundings import Surroundings, look_around
from fimble.completion.trail import DecisionTrail
from fimble.engine.protocol import Engine, GenerateRequest, Hole
from fimble.pipeline.engine_router import EngineRouter
from fimble.pipeline.generation import Generation
from fimble.pipeline.prompt_builder import PromptBuilder
from fimble.pipeline.result import CompletionResult, Suggestion
from fimble.syntax.tree import SyntaxTree
from fimble.text.edit import ByteEdit
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

_GRACE_S = 0.03
"""How long a stream lives on that nobody waits for: editors cancel just before they ask again."""

_AGREEING_GRACE_S = 1.0
"""The same while what is typed agrees with it."""

Debounce = Callable[[], float]
"""Seconds to wait before an automatic request goes out."""


class Completer:
    """Answers completion requests for one editor or one command."""

    def __init__(
        self,
        *,
        router: EngineRouter,
        prompts: PromptBuilder,
        limits: TokenLimits,
        debounce: Debounce,
        temperature: float = 0.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._router = router
        self._prompts = prompts
        self._limits = limits
        self._debounce = debounce
        self._temperature = temperature
        self._now = now
        self._cache = SuggestionCache()
        self._sessions = SessionStore()
        self._running: Generation | None = None
        self._ticket = 0
        self._closing: set[asyncio.Task[None]] = set()

    # --- what the editor tells us ----------------------------------------------------------

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Follow edits that led to `snapshot`; None stands for a whole new text.

        A key that diverges from the running stream closes it here, before the editor asks again.
        """
        for edit in edits:
            self._sessions.apply_edit(snapshot.uri, edit)
        running = self._running
        if running is None or running.finished or running.uri != snapshot.uri:
            return
        cursor = _cursor_after(snapshot, edits)
        if cursor is None or cursor.line > running.around.cursor.line + _FAR_BELOW_LINES:
            return
        typed = running.typed_since_start(snapshot, cursor)
        running.wanted = typed is not None and running.agrees_with(typed)
        if not running.wanted:
            self._close_soon(running)

    def document_closed(self, uri: str) -> None:
        """Forget everything about a document."""
        self._sessions.forget(uri)
        self._cache.forget(uri)
        if self._running is not None and self._running.uri == uri:
            self._close_soon(self._running)

    def forget_everything(self) -> None:
        """The model or its settings changed: nothing stored applies any more."""
        self._sessions.clear()
        self._cache.clear()
        if self._running is not None:
            self._close_soon(self._running)

    # --- what the editor asks --------------------------------------------------------------

    async def complete(
        self, hole: Hole, *, tree: SyntaxTree | None, trigger: Trigger
    ) -> CompletionResult:
        """Answer one request; cancelling the caller's task gives the request up.

        Never raises for an engine's failure: the router makes a status of it and the result is
        empty, with the reason in its trail.
        """
        started = self._now()
        self._ticket += 1
        ticket = self._ticket
        hit = self._cache.find(hole.snapshot, hole.cursor)
        if hit is not None and (hit.text or trigger is Trigger.AUTOMATIC):
            trail = DecisionTrail(reused="a cached suggestion", engine=self._engine_name())
            return self._answer(hole, hit, trail, started)
        joined = await self._join_running(hole, started)
        if joined is not None:
            return joined
        around = look_around(hole.snapshot, hole.cursor, tree)
        plan = plan_request(around, trigger, self._limits)
        if isinstance(plan, Skip):
            return _empty(f"skipped: {plan.reason}", started, self._now())
        if not await self._turn(ticket, trigger):
            return _empty("superseded by a newer request", started, self._now())
        engine = self._router.current
        if engine is None:
            return _empty("no engine can answer", started, self._now())
        generation = self._start(engine, hole, around, plan)
        generation.trail.waited_s = self._now() - started
        return await self._follow(generation, hole, generation.trail, started)

    async def _turn(self, ticket: int, trigger: Trigger) -> bool:
        """Wait for the pause in typing and for the slot; False when a newer request came."""
        current = self._router.current
        if trigger is Trigger.AUTOMATIC and current is not self._router.embedded:
            await asyncio.sleep(self._debounce())
        if ticket == self._ticket and self._running is not None:
            await self._running.cancel()
        return ticket == self._ticket

    async def _join_running(self, hole: Hole, started: float) -> CompletionResult | None:
        running = self._running
        if running is None or running.finished:
            return None
        typed = running.typed_since_start(hole.snapshot, hole.cursor)
        if typed is None or not running.agrees_with(typed):
            return None
        trail = DecisionTrail(reused="the running stream", engine=running.engine_name)
        result = await self._follow(running, hole, trail, started)
        return result if result.items or running.finished else None

    async def _follow(
        self, generation: Generation, hole: Hole, trail: DecisionTrail, started: float
    ) -> CompletionResult:
        """Wait until the stream has something for this place, or has ended."""
        generation.waiters += 1
        try:
            while True:
                hit = self._cache.find(hole.snapshot, hole.cursor)
                if hit is not None:
                    return self._answer(hole, hit, trail, started)
                if generation.finished:
                    break
                await generation.advance()
        finally:
            generation.waiters -= 1
            if generation.waiters == 0 and not generation.finished:
                self._close_unless_wanted(generation)
        return self._nothing(generation, trail, started)

    # --- one generation --------------------------------------------------------------------

    def _start(self, engine: Engine, hole: Hole, around: Surroundings, plan: Plan) -> Generation:
        trail = DecisionTrail(engine=engine.name)
        stop = plan.stop
        if engine is not self._router.embedded:
            trail.prompt = self._prompts.build(self._sessions, hole, trail).text
            stop += self._prompts.stops
        request = GenerateRequest(
            prompt=trail.prompt,
            max_tokens=plan.max_tokens,
            stop=stop,
            temperature=self._temperature,
            hole=hole,
        )
        self._running = Generation(
            engine=engine,
            request=request,
            around=around,
            plan=plan,
            trail=trail,
            on_progress=self._keep,
            now=self._now,
        )
        return self._running

    def _keep(self, generation: Generation) -> None:
        """Post-process what a stream has produced and store it for every waiting request."""
        if generation.error is not None:
            self._router.note_failure(generation.error)
            return
        complete = generation.finished
        text = generation.kept
        if not complete:
            end = first_unit_end(text)
            text = text if end is None else text[:end]
        place = Place(around=generation.around, extent=generation.plan.extent, partial=not complete)
        outcome, effects = apply_rules(Draft(text=text), place, RULES)
        generation.trail.rules = list(effects)
        _note_statistics(generation)
        if isinstance(outcome, Dropped):
            if complete:
                self._store(generation, "", 0, complete=True)
            return
        self._store(generation, outcome.text, outcome.replaced_characters, complete=complete)

    def _store(self, generation: Generation, text: str, replaced: int, *, complete: bool) -> None:
        around = generation.around
        before, after = surroundings(around.snapshot, around.cursor)
        ending = around.line_ending
        self._cache.store(
            StoredSuggestion(
                uri=around.snapshot.uri,
                before=before,
                after=after,
                text=text if ending == "\n" else text.replace("\n", ending),
                replaced=around.rest[:replaced],
                complete=complete,
                engine=generation.engine_name,
            )
        )

    def _close_unless_wanted(self, generation: Generation) -> None:
        """Close a stream that nobody waits for, after a grace in which the editor may ask again."""
        grace = _AGREEING_GRACE_S if generation.wanted else _GRACE_S

        def close() -> None:
            if generation.waiters == 0 and not generation.finished:
                self._close_soon(generation)

        asyncio.get_running_loop().call_later(grace, close)

    def _close_soon(self, generation: Generation) -> None:
        task = asyncio.create_task(generation.cancel(), name="fimble-close-stream")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    # --- answers ---------------------------------------------------------------------------

    def _engine_name(self) -> str:
        current = self._router.current
        return "" if current is None else current.name

    def _answer(
        self, hole: Hole, hit: ReuseHit, trail: DecisionTrail, started: float
    ) -> CompletionResult:
        trail.total_s = self._now() - started
        if not hit.text:
            trail.decision = trail.decision or "nothing: the model had nothing to add here"
            return CompletionResult(items=(), why=trail)
        trail.decision = "shown"
        line, character = hole.cursor
        end = Position(line, character + len(hit.replaced))
        item = Suggestion(text=hit.text, replace=Range(hole.cursor, end), engine=hit.engine)
        return CompletionResult(items=(item,), why=trail)

    def _nothing(
        self, generation: Generation, trail: DecisionTrail, started: float
    ) -> CompletionResult:
        trail.total_s = self._now() - started
        if generation.error is not None:
            trail.decision = f"failed: {generation.error}"
        elif generation.cancelled:
            trail.decision = "superseded: the text went another way"
        else:
            generation.raise_defect()
            trail.decision = trail.decision or "nothing to show"
        return CompletionResult(items=(), why=trail)

    async def aclose(self) -> None:
        """Close the running stream and the engines."""
        if self._running is not None:
            await self._running.cancel()
        if self._closing:
            await asyncio.wait(self._closing)
        await self._router.aclose()


_FAR_BELOW_LINES = 200


def _cursor_after(snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> Position | None:
    """Return where the cursor most likely is after the last edit: at its end."""
    if not edits or edits[-1] is None:
        return Position(0, 0)
    return snapshot.position_at_byte(edits[-1].new_end_byte)


def _note_statistics(generation: Generation) -> None:
    trail = generation.trail
    trail.stop = generation.cut.reason if generation.cut is not None else ""
    if generation.first_token_at is not None:
        trail.first_token_s = generation.first_token_at - generation.started_at
    if generation.statistics is not None:
        trail.prompt_tokens = generation.statistics.prompt_tokens
        trail.generated_tokens = generation.statistics.generated_tokens
        trail.evaluated_seconds = generation.statistics.prompt_eval_s


def _empty(decision: str, started: float, now: float) -> CompletionResult:
    return CompletionResult(items=(), why=DecisionTrail(decision=decision, total_s=now - started))
