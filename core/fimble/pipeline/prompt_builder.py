"""The raw prompt for a place: template, model profile and session brought together.

A session's head is rendered once; a key costs one slice of the document and its neutralisation.
What was rendered into the head is frozen there, so two prompts of one session can differ only in
their growing tail (and, where the layout has a live suffix, in what follows it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fimble.completion.cache_forecast import (
    FIRST_TOKENS_PER_S,
    CacheForecast,
    CacheKind,
    PromptSpeed,
)
from fimble.completion.layout import Layout
from fimble.completion.prompt_session import (
    Prompt,
    PromptSession,
    ReanchorReason,
    SessionStore,
)
from fimble.completion.trail import DecisionTrail, SegmentCost
from fimble.completion.window import choose_anchor_line, text_after
from fimble.engine.profiles import ModelProfile
from fimble.engine.protocol import GenerationStatistics, Hole
from fimble.engine.token_estimate import TokenEstimator
from fimble.policy.control_tokens import neutralise
from fimble.prompting.render import Renderer
from fimble.prompting.rendered import Rendered
from fimble.prompting.template import Template
from fimble.text.edit import ByteEdit

_RESERVE_TOKENS = 64
"""Kept free for what an estimate cannot see, such as a beginning-of-text token."""

_TEMPLATE_TOKENS = 300
_TOKENS_A_LINE = 10
"""For guesses only; what is sent is counted."""

_COLD_PROMPT_S = 0.6
"""A prompt for a new place is to be read within this, or the thought it is for has passed."""

_SMALLEST_WINDOW = 300
_SUFFIX_SHARE = 0.25
"""Part of a new prompt's tokens that the text after the cursor may take."""

_SHRINK = 0.6
"""Budgets are multiplied by this when the server calls a prompt too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptBudgets:
    """Upper bounds in tokens."""

    context_window: int
    """`num_ctx`: prompt and answer together; a prompt beyond it would be cut silently."""
    answer: int
    prefix: int
    suffix: int
    live_suffix: int = 128
    """The suffix of layouts that send it anew with every key."""

    def shrunk(self) -> PromptBudgets:
        """Return smaller budgets for a model whose tokens we underestimated."""
        return PromptBudgets(
            context_window=int(self.context_window * _SHRINK),
            answer=self.answer,
            prefix=int(self.prefix * _SHRINK),
            suffix=int(self.suffix * _SHRINK),
            live_suffix=self.live_suffix,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTraits:
    """What forecasts of a server's work start from."""

    kind: CacheKind
    batch_tokens: int = 512
    """How far before a prompt's end the older of its two checkpoints lies."""
    tokens_per_s: float = FIRST_TOKENS_PER_S
    """How fast prompts are evaluated."""

    @classmethod
    def presumed(cls, profile: ModelProfile) -> CacheTraits:
        """What a family's cache does unless it was measured to do something else."""
        return cls(kind=CacheKind.HYBRID if profile.hybrid else CacheKind.DENSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathNames:
    """How a document is called in a prompt."""

    repository: str
    path: str


NamePaths = Callable[[str], PathNames]
"""From a document's URI to what a prompt may say of where it lies."""


class PromptBuilder:
    """Builds prompts for one model in one layout and keeps their sessions."""

    def __init__(
        self,
        *,
        template: Template,
        layout: Layout,
        profile: ModelProfile,
        budgets: PromptBudgets,
        estimator: TokenEstimator,
        names: NamePaths,
        cache: CacheTraits | None = None,
        detailed: bool = False,
    ) -> None:
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
        self.stops = (*profile.stops(layout), *template.front.sampling.stop)
        self._template = template
        self._renderer = Renderer(neutralise=neutralise, count_tokens=estimator.count)
        self._budgets = budgets
        self._names = names
        self._detailed = detailed

    def document_edited(self, uri: str, edit: ByteEdit | None) -> None:
        """Move the document's sessions along with an edit; None means a whole new text."""
        self.sessions.apply_edit(uri, edit)

    def document_closed(self, uri: str) -> None:
        """Forget a document's sessions."""
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
        session, _ = self._session_for(hole)
        if session is None:
            return self.speed.seconds(self._rough_tokens(hole))
        return self.speed.seconds(self.forecast.expect(self._prompt(session, hole).text))

    def _rough_tokens(self, hole: Hole) -> int:
        """Guess the size of a prompt for a new place from line counts, without making it."""
        most = self._cold_tokens()
        text = hole.snapshot.line_count * _TOKENS_A_LINE
        return _TEMPLATE_TOKENS + min(most, text)

    def build(self, hole: Hole, trail: DecisionTrail) -> str:
        """Return the prompt for `hole`, continuing a session where one can serve it."""
        session, reason = self._session_for(hole)
        trail.layout = self.layout.value
        trail.session = "continued" if session is not None else reason
        if session is None:
            session = self._begin(hole)
            self.sessions.remember(session)
        prompt = self._prompt(session, hole)
        trail.expected_evaluated_tokens = self.forecast.expect(prompt.text)
        if self._detailed:
            trail.segments = self._costs(hole, prompt.growing)
        return prompt.text

    def build_ahead(self, hole: Hole, edit: ByteEdit, ahead: Hole) -> str | None:
        """Return the prompt for `ahead`, the place after `edit` has been made at `hole`.

        None when it would not continue the session of `hole`: then it is not worth the tokens.
        """
        session, _ = self._session_for(hole)
        if session is None:
            return None
        moved = session.edited(edit)
        if moved.refusal(ahead.snapshot, ahead.cursor, count=self.estimator.count) is not None:
            return None
        return self._prompt(moved, ahead).text

    def to_warm(self, hole: Hole) -> str | None:
        """Return what idle time should have the server evaluate for `hole`, None for nothing.

        A frozen suffix that many edits have made stale is renewed here, in a session of its own,
        so that the next key finds the new head already read.
        """
        session, _ = self._session_for(hole)
        if session is None or self.forecast.kind is CacheKind.NONE:
            return None
        if session.wants_refresh:
            session = self._begin(hole)
            self.sessions.remember(session)
        elif self.layout.freezes_suffix:
            return None
        prompt = self._prompt(session, hole).warmable
        return None if self.forecast.holds(prompt) else prompt

    def _session_for(self, hole: Hole) -> tuple[PromptSession | None, ReanchorReason]:
        return self.sessions.find(
            hole.snapshot, hole.cursor, layout=self.layout, count=self.estimator.count
        )

    def _prompt(self, session: PromptSession, hole: Hole) -> Prompt:
        closing = "" if self.layout.freezes_suffix else self._live_closing(hole)
        return session.prompt_for(hole.snapshot, hole.cursor, closing=closing, clean=_clean)

    def _begin(self, hole: Hole) -> PromptSession:
        """Freeze head and suffix for a new place."""
        snapshot, cursor = hole.snapshot, hole.cursor
        count = self.estimator.count
        split = self._render(hole, self._suffix(hole)).split("prefix")
        around = count(split.head) + count(split.closing)
        fixed = around + self._budgets.answer + _RESERVE_TOKENS
        tail = max(1, min(self._budgets.prefix, self._budgets.context_window - fixed))
        # Half of the tail is left to be typed into; a window that never slides needs the room.
        window = min(tail // 2, max(self._cold_tokens() // 2, self._cold_tokens() - around))
        return PromptSession(
            uri=snapshot.uri,
            layout=self.layout,
            head=split.head,
            closing=split.closing,
            anchor_line=choose_anchor_line(snapshot, cursor, target_tokens=window, count=count),
            suffix_line=cursor.line,
            suffix_rest=len(snapshot.line(cursor.line)) - cursor.character,
            tail_budget_tokens=tail,
        )

    def _cold_tokens(self) -> int:
        """How many tokens the server reads in the time that a new place may take."""
        tokens = max(2 * _SMALLEST_WINDOW, self.speed.tokens_per_s * _COLD_PROMPT_S)
        return int(tokens * self._cold_scale)

    def _suffix(self, hole: Hole) -> str:
        budgets = self._budgets
        budget = min(budgets.suffix, int(self._cold_tokens() * _SUFFIX_SHARE))
        if not self.layout.freezes_suffix:
            budget = budgets.live_suffix
        return text_after(
            hole.snapshot,
            hole.cursor,
            budget_tokens=min(budget, budgets.context_window // 4),
            count=self.estimator.count,
        ).replace("\r\n", "\n")

    def _live_closing(self, hole: Hole) -> str:
        return self._render(hole, self._suffix(hole)).split("prefix").closing

    def _render(self, hole: Hole, suffix: str, prefix: str = "") -> Rendered:
        names = self._names(hole.snapshot.uri)
        values = {
            **self._control_strings(),
            "repository": names.repository,
            "path": names.path,
            "language": hole.snapshot.language_id,
            "rules": "",
            "context": "",
            "suffix": suffix,
            "prefix": prefix,
        }
        return self._renderer.render(self._template, values)

    def _control_strings(self) -> dict[str, str]:
        profile = self.profile
        strings = {
            "repo_name": profile.repository_marker,
            "file_separator": profile.file_marker,
            "think_off": "",
        }
        if self.layout is Layout.PSM and profile.psm is not None:
            form = profile.psm
            strings |= {"fim_prefix": form.opening, "fim_suffix": form.between}
            strings["fim_middle"] = form.closing
        if self.layout is Layout.SPM and profile.spm is not None:
            form = profile.spm
            strings |= {"fim_suffix": form.opening, "fim_prefix": form.between}
            strings["fim_middle"] = form.closing
        if profile.chat is not None:
            strings |= {
                "turn_system": profile.chat.system_open,
                "turn_user": profile.chat.user_open,
                "turn_assistant": profile.chat.assistant_open,
                "turn_end": profile.chat.turn_end,
            }
        return strings

    def _costs(self, hole: Hole, growing: str) -> list[SegmentCost]:
        rendered = self._render(hole, self._suffix(hole), growing)
        costs: dict[str, int] = {}
        for segment in rendered.segments:
            if segment.text:
                name = segment.variable or "template"
                costs[name] = costs.get(name, 0) + self.estimator.count(segment.text)
        return [SegmentCost(name=name, tokens=tokens) for name, tokens in costs.items()]


def _clean(text: str) -> str:
    """Prompts use LF and hold no control token of any model."""
    return neutralise(text.replace("\r\n", "\n"))
