"""What the durations of a cache probe mean.

Durations are compared within one probe only. Noise (a busy processor or card) only ever adds to
them: of repeated steps the shortest counts, a cheap step proves reuse, and a costly one proves
nothing until it was costly twice. What stays between two cases is called unclear.

Typical figures, llama-server with 1,600 tokens and batches of 512: a key in front of the last 13
tokens makes a dense model evaluate 16 tokens and a hybrid one 513; a key at the end 1 and 5; the
same prompt again 1 and 4; an edit in the middle 798 and 1604.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.measured_cache import ProbeResult
from fimble.completion.probe_prompts import ProbeSizes, ProbeStep

_RESOLUTION_S = 0.001
"""Hundreds of tokens in less time than this were not evaluated: the server reports no times."""

_DISTURBED_S = 0.5
"""A request that waits longer before its prompt is read waits for somebody else's."""

_REUSED_SHARE = 0.5
_ALL_SHARE = 0.75
"""Shares of the time for reading everything, below and above which reuse is clear."""

_CLEARLY = 4 / 3
"""Distance, as a ratio, from the border between two cases at which a measurement is clear."""

_BATCH_TOKENS = 504
"""Least that a hybrid cache reads again for a change before its last few tokens: one batch, of
512 tokens at least as Ollama starts llama-server; a little less, as sizes are estimates."""

_NOISY_TOKENS = 64
"""A key at the end costs a few tokens; one that seems to cost more shows how loud the noise is."""

_ABOVE_NOISE = 4.0
"""How many times louder than the noise a cost must be to count as one."""

_TRUE_TO_SPEED = 0.5
"""A step of known size that seems smaller than this share of it shows that the speed is wrong."""

_TELLING_S = 0.06
"""Where reading the tokens that tell two caches apart takes less than this, noise is louder."""

_ALIKE = 1.5
"""Ratio up to which two durations of one step say the same; what disturbs one seldom disturbs the
other by as much. Of 25 simulated dense caches on a machine that is busy for up to 0.3 s in every
third request, 14 passed for hybrid ones when a single costly measurement was enough."""

_IMPLAUSIBLE = 2.0
"""No step can take longer than this many times what reading everything takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What the server said of one step."""

    step: ProbeStep
    prompt_tokens: int
    """All tokens of the prompt, cached ones included."""
    prompt_eval_s: float
    """Time spent on the tokens that were evaluated."""
    delayed_s: float = 0.0
    """Time spent on neither prompt nor answer: queueing and loading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The measurements of one probe, so far."""

    measurements: Sequence[Measurement]
    sizes: ProbeSizes

    def times(self, step: ProbeStep) -> int:
        """How often `step` was measured."""
        return sum(one.step is step for one in self.measurements)

    def _best(self, step: ProbeStep) -> Measurement:
        """The shortest measurement of `step`, which has been made."""
        found = (one for one in self.measurements if one.step is step)
        return min(found, key=lambda one: one.prompt_eval_s)

    def _seconds(self, step: ProbeStep) -> float:
        return self._best(step).prompt_eval_s

    @property
    def trouble(self) -> str:
        """Why nothing can be said, as the end of a sentence; empty when all is well."""
        if any(
            one.delayed_s > _DISTURBED_S
            for one in self.measurements
            if one.step is not ProbeStep.PILOT  # It may have to wait for a load.
        ):
            return "something else used the model at the same time"
        if self.times(ProbeStep.HEAD) and self._seconds(ProbeStep.HEAD) < _RESOLUTION_S:
            return "the server reports no durations that could be compared"
        return ""

    @property
    def reuses(self) -> bool | None:
        """Whether an identical prompt is not read again; None when unclear."""
        return _cheap(self._seconds(ProbeStep.AGAIN) / self._seconds(ProbeStep.HEAD))

    @property
    def appends(self) -> bool | None:
        """Whether a key at the end leaves the rest in the cache; None when unclear."""
        return _cheap(self._seconds(ProbeStep.APPEND) / self._all_s)

    @property
    def rolls_back(self) -> bool | None:
        """Whether only what follows a changed place is read again; None when unclear."""
        border = sqrt(self.fresh_tokens(ProbeStep.SUFFIX_KEY) * self._telling_tokens)
        cost = self.cost(ProbeStep.SUFFIX_KEY)
        if cost * _CLEARLY <= border:
            return True
        loud = max(border * _CLEARLY, self.cost(ProbeStep.APPEND) * _ABOVE_NOISE)
        if cost < loud or self.implausible(ProbeStep.SUFFIX_KEY):
            return None
        return False if self._is_confirmed(ProbeStep.SUFFIX_KEY) else None

    def _is_confirmed(self, step: ProbeStep) -> bool:
        """Whether the two shortest measurements of a step say the same."""
        seconds = sorted(one.prompt_eval_s for one in self.measurements if one.step is step)
        return len(seconds) > 1 and seconds[1] <= _ALIKE * seconds[0]

    @property
    def too_quick(self) -> bool:
        """Whether tokens are read so quickly that what is reused can be neither told nor felt."""
        return self._telling_tokens * self.per_token_s < _TELLING_S

    @property
    def _telling_tokens(self) -> int:
        """Least that a hybrid cache reads again where a dense one reads next to nothing.

        It goes back a batch, or to the end of the head, which was sent alone.
        """
        return min(_BATCH_TOKENS, self.tokens(ProbeStep.WHOLE) - self.tokens(ProbeStep.HEAD))

    @property
    def noisy(self) -> bool:
        """Whether a key at the end seemed to cost more than any cache makes it cost."""
        return self.cost(ProbeStep.APPEND) > _NOISY_TOKENS

    @property
    def contradictory(self) -> bool:
        """Whether an edit read its tokens faster than the server reads any."""
        middle = ProbeStep.MIDDLE_EDIT
        return bool(self.times(middle)) and (
            self.cost(middle) < _TRUE_TO_SPEED * self.fresh_tokens(middle)
        )

    def implausible(self, step: ProbeStep) -> bool:
        """Whether `step` took longer than reading all of its prompt can have taken."""
        return self._seconds(step) > _IMPLAUSIBLE * self._all_s

    def fresh_tokens(self, step: ProbeStep) -> int:
        """About how many tokens a cache that can roll back reads anew for `step`."""
        sizes = self.sizes
        characters = {
            ProbeStep.SUFFIX_KEY: sizes.suffix,
            ProbeStep.MIDDLE_EDIT: sizes.whole - sizes.middle,
            ProbeStep.WARM_SUFFIX: sizes.suffix,
        }[step]
        key_tokens = 4
        return key_tokens + round(self.tokens(ProbeStep.WHOLE) * characters / sizes.whole)

    def cost(self, step: ProbeStep) -> int:
        """How many tokens `step` made the server evaluate, computed from its duration."""
        beyond_s = self._seconds(step) - self.overhead_s
        return max(1, round(beyond_s / self.per_token_s))

    @property
    def per_token_s(self) -> float:
        """Time for one prompt token, the overhead of a request left out."""
        head = self._best(ProbeStep.HEAD)
        if self.reuses is not True:
            again_s = self._seconds(ProbeStep.AGAIN)
            return min(head.prompt_eval_s, again_s) / head.prompt_tokens
        steps = [(head, head.prompt_tokens - self.tokens(ProbeStep.PILOT))]
        if self.times(ProbeStep.WHOLE):
            whole = self._best(ProbeStep.WHOLE)
            steps.append((whole, whole.prompt_tokens - head.prompt_tokens))
        return min(self._beyond_overhead_s(one) / max(1, fresh) for one, fresh in steps)

    def _beyond_overhead_s(self, long: Measurement) -> float:
        """Time of a step of hundreds of tokens without its overhead, which noise may inflate."""
        return max(long.prompt_eval_s - self.overhead_s, long.prompt_eval_s / 2)

    @property
    def overhead_s(self) -> float:
        """Time for an evaluation of a few tokens."""
        few = [ProbeStep.AGAIN, ProbeStep.APPEND]
        return min(self._seconds(step) for step in few if self.times(step))

    @property
    def _all_s(self) -> float:
        """Time for reading the whole, of which its own step read only the second half."""
        whole, head = self._best(ProbeStep.WHOLE), self._best(ProbeStep.HEAD)
        return whole.prompt_eval_s + head.prompt_eval_s

    def tokens(self, step: ProbeStep) -> int:
        """How many tokens the prompt of `step` had, as the server counted."""
        return self._best(step).prompt_tokens


def judge(evidence: Evidence) -> ProbeResult:
    """Return what a probe that has ended says."""
    doubt = _doubt(evidence)
    if doubt:
        return ProbeResult(kind=None, reason=doubt)
    if evidence.reuses and evidence.too_quick:
        return _too_quick(evidence)
    if not (evidence.reuses and evidence.appends):
        return _nothing_reused(evidence)
    return _reusing(evidence, CacheKind.DENSE if evidence.rolls_back else CacheKind.HYBRID)


def _doubt(evidence: Evidence) -> str:
    """Return what keeps the evidence from being clear; empty when it is."""
    if evidence.trouble:
        return evidence.trouble
    if not evidence.times(ProbeStep.AGAIN):
        return "the probe did not come to its end"
    if evidence.reuses is None:
        return "the same prompt sent again took neither long nor short"
    if not evidence.reuses or evidence.too_quick:
        return ""
    return _doubt_about_edits(evidence)


def _doubt_about_edits(evidence: Evidence) -> str:
    if evidence.appends is None:
        return "a key at the end of a prompt took neither long nor short"
    if evidence.appends and evidence.rolls_back is None:
        return "a key inside a prompt took a time that fits neither kind of cache"
    if evidence.contradictory:
        return "the server read some tokens much faster than others"
    return ""


def _too_quick(evidence: Evidence) -> ProbeResult:
    return ProbeResult(
        kind=None,
        reason="prompts are read so quickly that it does not matter what is kept of them",
        prompt_tokens_per_s=1 / evidence.per_token_s,
        overhead_s=evidence.overhead_s,
        whole_tokens=max(one.prompt_tokens for one in evidence.measurements),
    )


def _reusing(evidence: Evidence, kind: CacheKind) -> ProbeResult:
    def cost(step: ProbeStep) -> int | None:
        if not evidence.times(step):
            return None
        return min(evidence.cost(step), evidence.tokens(step))

    whole = max(one.prompt_tokens for one in evidence.measurements)
    return ProbeResult(
        kind=kind,
        prompt_tokens_per_s=1 / evidence.per_token_s,
        overhead_s=evidence.overhead_s,
        whole_tokens=whole,
        suffix_tokens=evidence.fresh_tokens(ProbeStep.SUFFIX_KEY),
        append_tokens=cost(ProbeStep.APPEND),
        suffix_key_tokens=cost(ProbeStep.SUFFIX_KEY),
        middle_edit_tokens=cost(ProbeStep.MIDDLE_EDIT),
        warm_suffix_tokens=cost(ProbeStep.WARM_SUFFIX),
    )


def _nothing_reused(evidence: Evidence) -> ProbeResult:
    whole = max(one.prompt_tokens for one in evidence.measurements)
    return ProbeResult(
        kind=CacheKind.NONE,
        prompt_tokens_per_s=1 / evidence.per_token_s,
        whole_tokens=whole,
        append_tokens=whole,
    )


def _cheap(share: float) -> bool | None:
    """Judge the time of a step by its share of the time for reading everything."""
    if share <= _REUSED_SHARE:
        return True
    return False if share >= _ALL_SHARE else None
