"""The raw prompt for a place: sessions kept, gone on with, and begun.

A prompt is an append-only text. Keys grow it at its end; a jump fills its last hole with what the
user has made of it and opens the next one behind (`hole_renderer`), so that it costs the tokens
of the new hole; only a prompt that has become too long, a replaced document or a model without a
separator for documents makes it begin anew. Each prompt is an extension of the one before, or the
trail names the reason why not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from fimble.completion.cache_forecast import CacheForecast, CacheKind, PromptSpeed
from fimble.completion.layout import Layout
from fimble.completion.prompt_session import (
    ClosedPrompt,
    Prompt,
    PromptSession,
    ReanchorReason,
    left_to_the_model,
)
from fimble.completion.session_store import SessionStore
from fimble.completion.trail import DecisionTrail
from fimble.completion.window import text_after, text_before
from fimble.engine.profiles import ModelProfile
from fimble.engine.protocol import GenerationStatistics, Hole
from fimble.engine.token_estimate import TokenEstimator
from fimble.engine.tokens.counter import TokenCounter
from fimble.pipeline.completion_context import CompletionContext
from fimble.pipeline.hole_renderer import (
    HoleRenderer,
    HoleText,
    NamePaths,
    RulesFor,
    clean,
    no_rules,
)
from fimble.pipeline.layout_templates import LayoutTemplates
from fimble.pipeline.prompt_context import PromptContext, showing
from fimble.pipeline.prompt_sizes import (
    SEEN_REGION,
    UNSEEN_REGION,
    CacheTraits,
    HoleSize,
    PromptBudgets,
    cold_suffix_tokens,
    cold_tokens,
)
from fimble.pipeline.segment_costs import segment_costs
from fimble.text.edit import ByteEdit
from fimble.text.position import Position

_TEMPLATE_TOKENS = 300
_TOKENS_A_LINE = 10
"""For guesses only; what is sent is counted."""

_LEAST_TAIL_TOKENS = 256
"""A hole with less room to type in is not worth opening."""

_FULL_SHARE = 0.75
"""Of the longest prompt: beyond it a pause is well spent on a new one."""

_SHRINK = 0.6
"""Cold prompts are multiplied by this when the server calls one too long."""


class _Opened(NamedTuple):
    """A session for a hole, and how it came about."""

    session: PromptSession
    story: str
    """For the trail: "continued", or why there is a new hole, and where it stands."""
    after: PromptSession | None = None
    """The session whose prompt it goes on with."""


class PromptBuilder:
    """Builds prompts for one model in one layout and keeps their sessions."""

    def __init__(
        self,
        *,
        templates: LayoutTemplates,
        layout: Layout,
        profile: ModelProfile,
        budgets: PromptBudgets,
        estimator: TokenEstimator,
        names: NamePaths,
        cache: CacheTraits | None = None,
        detailed: bool = False,
        counter: Callable[[], TokenCounter] | None = None,
        rules: RulesFor = no_rules,
        context: CompletionContext | None = None,
    ) -> None:
        """Make a builder that has no session yet.

        `counter` counts what each part costs for the trail; what is sent is sized by the
        estimator, which is fast enough for every key.
        """
        self.layout = layout
        self.profile = profile
        self.estimator = estimator
        cache = cache or CacheTraits.presumed(profile)
        self.forecast = CacheForecast(
            cache.kind, count=estimator.count, batch_tokens=cache.batch_tokens
        )
        self.speed = PromptSpeed(cache.tokens_per_s)
        self.sessions = SessionStore()
        self._cold_scale = 1.0
        self.stops = _stops(profile, layout, templates)
        self._budgets = budgets
        self._detailed = detailed
        self._counter = counter or (lambda: estimator)
        self._holes = HoleRenderer(
            templates=templates,
            layout=layout,
            profile=profile,
            count=estimator.count,
            names=names,
            rules=rules,
        )
        self._next_templates: LayoutTemplates | None = None
        self._context = PromptContext(context)

    def use_templates(self, templates: LayoutTemplates) -> None:
        """Take other templates from the next new prompt on.

        Open prompts go on as they began: to change what stands at their start would have the
        model read them again while somebody types.
        """
        changed = templates.digests != self._holes.templates.digests
        self._next_templates = templates if changed else None

    def document_edited(self, uri: str, edit: ByteEdit | None) -> None:
        """Move the document's sessions along with an edit; None means a whole new text."""
        self.sessions.apply_edit(uri, edit)

    def document_closed(self, uri: str) -> None:
        """Forget a document: no later prompt shows text of it."""
        self.sessions.forget(uri)

    def prompt_was_too_long(self) -> None:
        """The server refused a prompt for its length: begin anew, smaller."""
        self._budgets = self._budgets.shrunk()
        self._cold_scale *= _SHRINK
        self.sessions.clear()

    def generation_ended(
        self, prompt: str, generated: str, statistics: GenerationStatistics | None = None
    ) -> None:
        """Learn from a prompt that was sent, however its generation ended.

        The estimator is the engine's own and has learnt the prompt's tokens there already.
        """
        if statistics is not None and statistics.prompt_tokens:
            self.speed.observe(self.forecast.expect(prompt), statistics.prompt_eval_s)
        self.forecast.sent(prompt, generated)

    def first_token_s(self, hole: Hole) -> float:
        """Predict the time to the first token of a request for `hole`, in seconds."""
        opened = self._serving(hole) or self._following(hole)
        if opened is None:
            return self.speed.seconds(self._rough_tokens(hole))
        return self.speed.seconds(self.forecast.expect(_prompt(opened.session, hole).text))

    def _rough_tokens(self, hole: Hole) -> int:
        """Guess the size of a prompt for a new place from line counts, without making it."""
        text = hole.snapshot.line_count * _TOKENS_A_LINE
        return _TEMPLATE_TOKENS + min(self._cold_tokens(), text)

    def build(self, hole: Hole, trail: DecisionTrail) -> str:
        """Return the prompt for `hole`, going on with the one before where that can be done.

        What `left_to_the_model` names of the cursor's line is left out at its end.
        """
        opened = self._serving(hole) or self._following(hole) or self._begun(hole)
        prompt = _prompt(opened.session, hole)
        left_out = left_to_the_model(hole.snapshot.line(hole.cursor.line)[: hole.cursor.character])
        prompt = replace(prompt, growing=prompt.growing.removesuffix(left_out))
        self._keep(opened, asked=prompt.growing)
        trail.layout = self.layout.value
        trail.session = opened.story
        trail.expected_evaluated_tokens = self.forecast.expect(prompt.text)
        if self._detailed:
            counter = self._counter()
            kept = self.forecast.kept_characters(prompt.text)
            trail.segments = segment_costs(opened.session, prompt, counter, kept)
            trail.counted_by = counter.name
        return prompt.text

    def build_ahead(self, hole: Hole, edit: ByteEdit, ahead: Hole, *, said: str = "") -> str | None:
        """Return the prompt for `ahead`, the place after `edit` has been made at `hole`.

        `said` is put behind it, what the model is known to say next: only a longer text goes on
        from what its slot holds. None when it would not continue the session of `hole`: then it
        is not worth the tokens.
        """
        session, _ = self._session_for(hole)
        if session is None:
            return None
        moved = session.edited(edit)
        if moved.refusal(ahead.snapshot, ahead.cursor, count=self.estimator.count) is not None:
            return None
        prompt = _prompt(moved, ahead)
        growing = prompt.growing + said
        self.sessions.remember(replace(session, ahead=growing), instead_of=session)
        return prompt.head + growing

    def to_warm(self, hole: Hole) -> str | None:
        """Return what idle time should have the server evaluate for `hole`, None for nothing.

        A place that the cursor rests at gets its hole before the first key there; a frozen
        suffix that many edits have made stale is shown anew, and a prompt that has become long
        begins anew here and not in the middle of a word.
        """
        if self.forecast.kind is CacheKind.NONE:
            return None
        opened = self._serving(hole)
        if opened is None:
            opened = self._following(hole)
        elif self._is_long(opened.session) or self._context.is_lacking(
            opened.session, hole, self._holes
        ):
            opened = self._begun(hole)
        elif opened.session.wants_refresh:
            opened = self._following(hole) or self._begun(hole)
        else:
            return None
        if opened is None:
            return None
        self._keep(opened)
        prompt = _prompt(opened.session, hole).warmable
        return None if self.forecast.holds(prompt) else prompt

    def _keep(self, opened: _Opened, *, asked: str | None = None) -> None:
        """Make a session the newest, after it was asked for a prompt."""
        session = opened.session if asked is None else opened.session.asked(asked)
        self.sessions.remember(session, instead_of=opened.after or opened.session)

    def _session_for(self, hole: Hole) -> tuple[PromptSession | None, ReanchorReason]:
        return self.sessions.find(
            hole.snapshot, hole.cursor, layout=self.layout, count=self.estimator.count
        )

    def _reason(self, hole: Hole) -> ReanchorReason:
        """Say why `hole` is opened anew."""
        session, reason = self._session_for(hole)
        if session is None:
            return reason
        return "suffix stale" if session.wants_refresh else "edit above"

    def _serving(self, hole: Hole) -> _Opened | None:
        """Return the open session for `hole`, unless a new hole is cheaper than an edit in it."""
        session, _ = self._session_for(hole)
        if session is None or self._was_edited_above(session, hole):
            return None
        return _Opened(session, "continued")

    def _was_edited_above(self, session: PromptSession, hole: Hole) -> bool:
        """Whether so much of the growing text changed that a new hole is read faster."""
        prompt = _prompt(session, hole)
        if session.grows(prompt.growing) or not self._can_go_on(session):
            return False
        return self.forecast.expect(prompt.text) > UNSEEN_REGION.prefix + UNSEEN_REGION.suffix

    def _can_go_on(self, session: PromptSession | None) -> bool:
        return (
            session is not None
            and session.broken != "document replaced"
            and self._holes.goes_on
            and self.forecast.kind is not CacheKind.NONE
        )

    def _following(self, hole: Hole) -> _Opened | None:
        """Open `hole` behind the prompt that went out last; None where that cannot be done."""
        last = self.sessions.latest
        if last is None or self._next_templates is not None or not self._can_go_on(last):
            return None
        same = last.uri == hole.snapshot.uri
        closed = last.closed(hole.snapshot if same else None, clean=clean)
        size = self._size_behind(closed, last, hole)
        context = self._context.behind(hole, last, self._holes)
        text = self._holes.following(hole, size, context.snippets)
        if size is SEEN_REGION:
            # What it leaves out above stands further up in the prompt, and so counts as shown.
            top = self._holes.window_line(hole, UNSEEN_REGION.prefix)
            text = replace(text, window=clean(_lines(hole, top, text.anchor_line)))
        room = self._budgets.long_prompt - self.estimator.count(closed.text + text.head)
        begun = self.estimator.count(text_before(hole.snapshot, text.anchor_line, hole.cursor))
        if room < begun + _LEAST_TAIL_TOKENS:
            return None
        reason = self._reason(hole)
        session = self._session(hole, text, earlier=closed.text, tail_tokens=room)
        session = replace(session, documents=session.documents | last.documents, shown=closed.shown)
        session = showing(session, context, last)
        return _Opened(session, f"{reason}: a new hole behind the last one", after=last)

    def _size_behind(self, closed: ClosedPrompt, last: PromptSession, hole: Hole) -> HoleSize:
        """Return how much a new hole has to show: little where the prompt shows it already."""
        if hole.snapshot.uri not in last.documents:
            cold = self._cold_tokens()
            suffix = cold_suffix_tokens(cold, self._budgets)
            return HoleSize(prefix=cold - suffix, suffix=suffix)
        top = self._holes.window_line(hole, UNSEEN_REGION.prefix)
        above = clean(_lines(hole, top, hole.cursor.line))
        seen = bool(above) and any(above in shown for shown in closed.shown)
        return SEEN_REGION if seen else UNSEEN_REGION

    def _begun(self, hole: Hole) -> _Opened:
        """Begin a new prompt at `hole`."""
        reason = self._reason(hole)
        if self.sessions.latest is not None and self._can_go_on(self.sessions.latest):
            reason = "prompt full"
        if self._next_templates is not None:
            reason = "layout changed"
            self._adopt(self._next_templates)
        budgets, cold = self._budgets, self._cold_tokens()
        suffix = cold_suffix_tokens(cold, budgets)
        context = self._context.first(hole, self._holes)
        around = self._holes.fixed_tokens(hole) + suffix
        tail = max(1, min(budgets.prefix, budgets.prompt - around - context.tokens))
        # Half of the tail is left to be typed into; a window that never slides needs the room.
        window = min(tail // 2, max(cold // 2, cold - around))
        text = self._holes.first(hole, HoleSize(prefix=window, suffix=suffix), context.snippets)
        room = max(1, min(tail, budgets.prompt - self.estimator.count(text.head)))
        session = self._session(hole, text, earlier="", tail_tokens=room)
        return _Opened(showing(session, context), reason)

    def opens(self, hole: Hole) -> tuple[int, int] | None:
        """Return the lines that a new hole would show; None where an open one goes on."""
        if not self._context.is_wanted(self._holes):
            return None
        return None if self._serving(hole) is not None else self.window(hole)

    def window(self, hole: Hole) -> tuple[int, int]:
        """Return the lines that a new prompt shows at most."""
        cold = self._cold_tokens()
        suffix = cold_suffix_tokens(cold, self._budgets)
        after = text_after(
            hole.snapshot, hole.cursor, budget_tokens=suffix, count=self.estimator.count
        )
        return self._holes.window_line(hole, cold), hole.cursor.line + after.count("\n")

    def _adopt(self, templates: LayoutTemplates) -> None:
        """Put templates in force; no prompt of the former ones is gone on with."""
        self._holes = self._holes.with_templates(templates)
        self.stops = _stops(self.profile, self.layout, templates)
        self.sessions.clear()
        self._next_templates = None

    def _session(
        self, hole: Hole, text: HoleText, *, earlier: str, tail_tokens: int
    ) -> PromptSession:
        snapshot, cursor = hole.snapshot, hole.cursor
        before = (("earlier", earlier),) if earlier else ()
        return PromptSession(
            uri=snapshot.uri,
            layout=self.layout,
            head=earlier + text.head,
            fence=text.fence,
            window_line=text.window_line,
            anchor_line=text.anchor_line,
            suffix_line=cursor.line,
            suffix_rest=len(snapshot.line(cursor.line)) - cursor.character,
            tail_budget_tokens=tail_tokens,
            window=text.window,
            suffix=text.suffix,
            parts=before + text.parts,
            documents=frozenset({snapshot.uri}),
        )

    def _is_long(self, session: PromptSession) -> bool:
        longest = self._budgets.long_prompt
        return self.estimator.count(session.head) > max(
            longest * _FULL_SHARE, longest - 2 * _LEAST_TAIL_TOKENS
        )

    def _cold_tokens(self) -> int:
        return cold_tokens(self.speed.tokens_per_s, scale=self._cold_scale)


def _stops(profile: ModelProfile, layout: Layout, templates: LayoutTemplates) -> tuple[str, ...]:
    return (*profile.stops(layout), *templates.first.front.sampling.stop)


def _lines(hole: Hole, start: int, end: int) -> str:
    return text_before(hole.snapshot, start, Position(end, 0))


def _prompt(session: PromptSession, hole: Hole) -> Prompt:
    return session.prompt_for(hole.snapshot, hole.cursor, clean=clean)
