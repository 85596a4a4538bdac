"""From a place in a document to a suggestion: reuse, plan, prompt, stream, cut, post-process.

The order is the product: an answer from what is kept costs nothing and is never delayed; a
running stream that agrees with what was typed is joined; only then is the model asked, by one
request at a time, and the newest request wins. Everything decided here is decided by the pure
rooms; this module owns the tasks.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from fimble.completion.agreement import StreamStart
from fimble.completion.planning import Plan, Skip, TokenLimits, Trigger, plan_request, silence
from fimble.completion.prompt_session import left_to_the_model
from fimble.completion.reception import Reception
from fimble.completion.reuse import ReuseHit
from fimble.completion.surroundings import Extent, Surroundings, look_around
from fimble.completion.trail import DecisionTrail
from fimble.completion.typing_rhythm import TypingRhythm
from fimble.engine.protocol import Engine, GenerateRequest, GenerationStatistics, Hole
from fimble.errors import PromptTooLong
from fimble.pipeline.completion_context import CompletionContext
from fimble.pipeline.engine_router import EngineRouter
from fimble.pipeline.generation import Generation
from fimble.pipeline.idle_work import IDLE_S, IdleTimer
from fimble.pipeline.layout_templates import LayoutTemplates
from fimble.pipeline.prompt_builder import PromptBuilder
from fimble.pipeline.result import CompletionResult, Suggestion
from fimble.pipeline.slot import Slot
from fimble.pipeline.suggestion_keeper import SuggestionKeeper, nothing, shown, without_item
from fimble.pipeline.warm_up import WarmUp
from fimble.syntax.promise import Tree
from fimble.text.edit import ByteEdit
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

_SUPERSEDED = "superseded by a newer request"

OnAsked = Callable[[DecisionTrail], None]
"""Told of every request to a model server when it ends, a cancelled one or a warm-up too."""


class Completer:
    """Answers completion requests for one editor or one command."""

    def __init__(
        self,
        *,
        router: EngineRouter,
        prompts: PromptBuilder,
        limits: TokenLimits,
        debounce_s: float | None = None,
        temperature: float = 0.0,
        prefetch: bool = True,
        idle_s: float = IDLE_S,
        min_mean_logprob: float | None = None,
        explain_embedded: Callable[[], str] = str,
        on_asked: OnAsked | None = None,
        context: CompletionContext | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._router = router
        self._prompts = prompts
        self._limits = limits
        self._debounce_s = debounce_s
        self._temperature = temperature
        self._now = now
        self._rhythm = TypingRhythm()
        self._reception = Reception()
        self._kept = SuggestionKeeper(min_mean_logprob=min_mean_logprob)
        self._wants_logprobs = min_mean_logprob is not None
        self._prefetch = prefetch
        self._explain_embedded = explain_embedded
        self._on_asked: OnAsked = on_asked or (lambda _: None)
        self._context = context
        self._slot = Slot()
        self._idle = IdleTimer(idle_s=idle_s)
        self._ticket = 0

    def document_changed(self, snapshot: Snapshot, edits: Sequence[ByteEdit | None]) -> None:
        """Follow the edits that led to `snapshot`; None stands for a whole new text.

        A key that diverges from the running stream closes it here, before the editor asks again.
        """
        self._idle.put_off()
        self._rhythm.key(self._now())
        for edit in edits:
            self._prompts.document_edited(snapshot.uri, edit)
        running = self._slot.running
        if running is None or running.uri != snapshot.uri:
            return
        last = edits[-1] if edits else None
        cursor = Position(0, 0) if last is None else snapshot.position_at_byte(last.new_end_byte)
        if not running.follow(snapshot, cursor):
            self._slot.close_soon(running)

    def document_closed(self, uri: str) -> None:
        """Forget everything about a document."""
        self._prompts.document_closed(uri)
        self._kept.forget(uri)
        running = self._slot.running
        if running is not None and running.uri == uri:
            self._slot.close_soon(running)

    def engine_changed(self) -> None:
        """Another engine answers from now on; what the last one said is not offered again."""
        self._kept.clear()

    def use_prompts(self, prompts: PromptBuilder) -> None:
        """Build prompts another way from now on: the model turned out to be different."""
        self._prompts = prompts

    def use_templates(self, templates: LayoutTemplates) -> None:
        """Begin the next new prompt with other templates."""
        self._prompts.use_templates(templates)

    def window_of(self, hole: Hole) -> tuple[int, int]:
        """Return the lines of the document that a new prompt for `hole` shows."""
        return self._prompts.window(hole)

    def prompt_for(self, hole: Hole) -> str:
        """Return exactly what would be sent for `hole`, without sending it."""
        return self._prompts.build(hole, DecisionTrail())

    async def complete(self, hole: Hole, *, tree: Tree, trigger: Trigger) -> CompletionResult:
        """Answer one request; cancelling the caller's task gives the request up.

        Never raises for an engine's failure: the router makes a status of it, and the result is
        empty with the reason in its trail.
        """
        started = self._now()
        self._ticket += 1
        ticket = self._ticket
        self._idle.put_off()
        self._router.user_active()
        result = await self._complete(hole, tree, trigger, ticket)
        result.why.total_s = self._now() - started
        if self._ticket == ticket:
            self._idle.schedule(lambda: self._use_pause(hole, result))
        return result

    async def _complete(
        self, hole: Hole, tree: Tree, trigger: Trigger, ticket: int
    ) -> CompletionResult:
        hit = self._known(hole)
        if hit is not None and (hit.text or trigger is Trigger.AUTOMATIC):
            return shown(hole, hit, DecisionTrail(reused="a kept suggestion", engine=hit.engine))
        running = self._agreeing_stream(hole)
        if running is not None:
            trail = DecisionTrail(reused="the running stream", engine=running.engine_name)
            joined = await self._follow(running, hole, trail)
            if joined.items or ticket != self._ticket:
                return joined
        around = look_around(hole.snapshot, hole.cursor, tree)
        plan = self._plan(hole, around, trigger)
        if isinstance(plan, Skip):
            return nothing(f"skipped: {plan.reason}")
        asked = self._now()
        await self._prepare_context(hole)
        is_its_turn = await self._turn(hole, ticket, trigger)
        waited_s = self._now() - asked
        if not is_its_turn:
            return nothing(_SUPERSEDED, waited_s=waited_s)
        engine = self._router.current
        if engine is None:
            return nothing("no engine can answer", waited_s=waited_s)
        generation = self._start(engine, hole, around, plan)
        generation.trail.waited_s = waited_s
        if trigger is Trigger.INVOKED:
            generation.trail.while_typing = silence(around) or ""
        return await self._follow(generation, hole, generation.trail)

    def _known(self, hole: Hole) -> ReuseHit | None:
        """Return what can be shown at once; more than before where the stream has said more."""
        hit = self._kept.find(hole)
        if hit is not None:
            self._reception.agreed(hit.typed_characters)
        if hit is not None and hit.complete:
            return hit
        running = self._slot.running
        if running is None or running.uri != hole.snapshot.uri or not running.extend_unit():
            return hit
        return self._kept.find(hole)

    def unanswered(self, hole: Hole, *, tree: Tree) -> Surroundings | None:
        """Return a place where the model would be asked for the rest of a line; asks nobody.

        What waits to be asked at another place is given up, as by any new request.
        """
        self._ticket += 1
        if self._router.server is None or self._router.current is not self._router.server:
            return None
        if self._known(hole) is not None:
            return None
        around = look_around(hole.snapshot, hole.cursor, tree)
        plan = self._plan(hole, around, Trigger.AUTOMATIC)
        if isinstance(plan, Skip) or plan.extent is not Extent.LINE:
            return None
        return around

    def draft_shown(self, hole: Hole) -> None:
        """Keep a stream that agrees for the request that follows a draft."""
        running = self._agreeing_stream(hole)
        if running is not None:
            self._slot.keep(running)

    async def _prepare_context(self, hole: Hole) -> None:
        """Find what other code a new prompt shows, where one has to be begun."""
        if self._context is None or self._router.current is not self._router.server:
            return
        window = self._prompts.opens(hole)
        if window is not None:
            await self._context.prepare(hole, window)

    def _plan(self, hole: Hole, around: Surroundings, trigger: Trigger) -> Plan | Skip:
        """Decide what to ask for, also by what the model has said up to here."""
        plan = plan_request(around, trigger, self._limits)
        used_up = self._kept.used_up(hole)
        if used_up is None or isinstance(plan, Skip):
            return plan
        self._reception.agreed(len(used_up.text))
        ended = used_up.end == "answer" or (used_up.end == "line" and plan.extent is Extent.LINE)
        if trigger is Trigger.AUTOMATIC and ended:
            return Skip(reason="the model has said already that nothing follows here")
        return plan

    def _agreeing_stream(self, hole: Hole) -> Generation | None:
        running = self._slot.running
        if running is None:
            return None
        return running if running.follow(hole.snapshot, hole.cursor) else None

    async def _turn(self, hole: Hole, ticket: int, trigger: Trigger) -> bool:
        """Wait for a pause in typing and for the slot; False when a newer request came."""
        if trigger is Trigger.AUTOMATIC and self._router.current is not self._router.embedded:
            await asyncio.sleep(self._pause_s(hole))
        if ticket == self._ticket:
            await self._slot.free()
        return ticket == self._ticket

    def _pause_s(self, hole: Hole) -> float:
        if self._debounce_s is not None:
            return self._debounce_s
        return self._rhythm.delay_s(
            self._now(),
            first_token_s=self._prompts.first_token_s(hole),
            patience=self._reception.patience,
        )

    def _start(self, engine: Engine, hole: Hole, around: Surroundings, plan: Plan) -> Generation:
        trail = DecisionTrail(engine=engine.name)
        if engine is not self._router.embedded:
            self._reception.asked(hole.snapshot.uri, hole.cursor.line)
            trail.prompt = self._prompts.build(hole, trail)
        left_out = left_to_the_model(around.before) if trail.prompt else ""
        start = StreamStart.at(around, left_out=left_out)
        return self._generate(engine, hole, around, plan, trail, start)

    def _generate(  # noqa: PLR0917 - one private call, in the order of the pipeline
        self,
        engine: Engine,
        hole: Hole,
        around: Surroundings,
        plan: Plan,
        trail: DecisionTrail,
        start: StreamStart,
    ) -> Generation:
        request = GenerateRequest(
            prompt=trail.prompt,
            max_tokens=plan.max_tokens,
            stop=plan.stop + (self._prompts.stops if trail.prompt else ()),
            temperature=self._temperature,
            logprobs=self._wants_logprobs,
            hole=hole,
        )
        generation = Generation(
            engine=engine,
            request=request,
            around=around,
            plan=plan,
            trail=trail,
            on_unit=self._kept.keep_unit,
            on_result=self._result,
            on_end=self._ended,
            now=self._now,
            start=start,
        )
        self._slot.occupy(generation)
        return generation

    def _use_pause(self, hole: Hole, result: CompletionResult) -> None:
        """Have an idle model read what the next keys keep, or go on from what is shown."""
        engine = self._router.current
        if self._slot.busy or engine is None or engine is not self._router.server:
            return
        prompt = self._prompts.to_warm(hole)
        if prompt is not None:
            self._slot.occupy(WarmUp(engine, prompt, self._warmed))
        elif self._prefetch and result.items and result.items[0].engine == engine.name:
            self._go_on(engine, hole, result.items[0])

    def _go_on(self, engine: Engine, hole: Hole, shown_item: Suggestion) -> None:
        """Continue the suggestion on show as if it were accepted."""
        hit = self._kept.find(hole)
        if hit is None or not hit.complete or hit.end == "answer":
            return  # More of it is coming, or its model has said all.
        snapshot, edit = hole.snapshot.replace(
            shown_item.replace, shown_item.text, version=hole.snapshot.version
        )
        ahead = Hole(snapshot=snapshot, cursor=snapshot.position_at_byte(edit.new_end_byte))
        if self._kept.find(ahead) is not None:
            return
        around = look_around(snapshot, ahead.cursor, None)
        plan = plan_request(around, Trigger.AUTOMATIC, self._limits)
        is_last = not around.rest.strip()
        said = hit.beyond if is_last else ""
        prompt = self._prompts.build_ahead(hole, edit, ahead, said=said)
        if isinstance(plan, Skip) or prompt is None:
            return
        if is_last:
            # A finished line goes on with the next one, which a stop at its end would hide.
            plan = Plan(extent=Extent.BLOCK, max_tokens=plan.max_tokens, stop=())
        lead = shown_item.text.replace("\r\n", "\n")
        start = StreamStart.at(look_around(hole.snapshot, hole.cursor, None), lead, said=said)
        trail = DecisionTrail(engine=engine.name, prompt=prompt, reused="a prefetch")
        trail.expected_evaluated_tokens = self._prompts.forecast.expect(prompt)
        self._generate(engine, ahead, around, plan, trail, start)

    def _result(self, generation: Generation) -> None:
        if generation.error is None:
            self._kept.keep(generation)
        elif isinstance(generation.error, PromptTooLong):
            self._prompts.prompt_was_too_long()
        elif self._is_servers(generation):
            self._router.note_failure(generation.error)

    def _is_servers(self, generation: Generation) -> bool:
        """Whether it says something of the model server that a stream went well or did not."""
        server = self._router.server
        return server is not None and generation.engine_name == server.name

    def _ended(self, generation: Generation) -> None:
        if generation.chunks and generation.error is None and self._is_servers(generation):
            self._router.note_success()
        if generation.prompt:
            generation.trail.generated_tokens = generation.generated_tokens
            self._on_asked(generation.trail)
            self._prompts.generation_ended(
                generation.prompt, generation.generated, generation.statistics
            )
        elif generation.text:
            generation.trail.source = self._explain_embedded()
        elif not generation.cancelled:
            generation.trail.decision = "nothing: the embedded engine is not sure of anything here"

    def _warmed(self, prompt: str, generated: str, statistics: GenerationStatistics) -> None:
        server = self._router.server
        self._on_asked(
            DecisionTrail(
                engine="" if server is None else server.name,
                prompt=prompt,
                expected_evaluated_tokens=self._prompts.forecast.expect(prompt),
                generated_tokens=statistics.generated_tokens,
            )
        )
        self._prompts.generation_ended(prompt, generated, statistics)

    async def _follow(
        self, generation: Generation, hole: Hole, trail: DecisionTrail
    ) -> CompletionResult:
        """Wait until the stream has something for this place, or has ended."""
        generation.waiters += 1
        try:
            # A stream that has just begun has said nothing: let its request go out first.
            if not generation.chunks:
                await generation.advance()
            while True:
                # The first unit first; what is whole beyond it is shown when asked for again.
                hit = self._kept.find(hole) or self._known(hole)
                if hit is not None:
                    return shown(hole, hit, trail)
                if generation.finished:
                    return without_item(generation, trail)
                await generation.advance()
        finally:
            generation.waiters -= 1
            if generation.waiters == 0 and not generation.finished:
                self._slot.close_unless_wanted(generation)

    async def aclose(self) -> None:
        """Close the running stream and the engines."""
        self._idle.put_off()
        await self._slot.aclose()
        await self._router.aclose()
