"""A probe of a server's prompt cache: which prompt to send next, until the cache is known.

Servers do not say how much of a prompt they reused: Ollama's count of prompt tokens includes the
cached ones. Only the time spent on a prompt tells. So a probe sends a prompt, a longer one, that
one with a key at its end and with a key in front of its last lines, and compares
(`probe_evidence`). A hybrid cache evaluates about twice the longest prompt for it, a dense one
less, one that reuses nothing stops after the shorter prompt was sent twice more.
"""

from __future__ import annotations

from fimble.completion.measured_cache import ProbeResult
from fimble.completion.probe_evidence import Evidence, Measurement, judge
from fimble.completion.probe_prompts import ProbeStep, ProbeText
from fimble.completion.window import CountTokens

_TWICE = 2
_OFTEN = 4
"""Two of so many measurements agree also on a busy machine."""


class CacheProbe:
    """Names the next prompt, takes what the server said of it, and judges in the end.

    Args:
        seed: Any number that no earlier probe of this server had.
        window_tokens: The context window that every prompt must fit into.
        count: Estimates tokens from above, as whoever sends the prompts does.
    """

    def __init__(
        self,
        *,
        seed: int,
        window_tokens: int,
        count: CountTokens,
    ) -> None:
        self._text = ProbeText(seed)
        self._window_tokens = window_tokens
        self._count = count
        self._measurements: list[Measurement] = []

    @property
    def next_step(self) -> ProbeStep | None:
        """The step to take now; None when the probe is over."""
        evidence = self._evidence
        if not evidence.times(ProbeStep.PILOT):
            return ProbeStep.PILOT
        if not evidence.times(ProbeStep.HEAD):
            return ProbeStep.HEAD
        if evidence.trouble:
            return None
        return _after_head(evidence)

    @property
    def next_prompt(self) -> str | None:
        """The prompt to send now, for one token; None when the probe is over."""
        step = self.next_step
        return None if step is None else self._text.prompt(step, self._evidence.times(step))

    def record(self, *, prompt_tokens: int, prompt_eval_s: float, delayed_s: float = 0.0) -> None:
        """Take what the server said of `next_prompt`; see `Measurement`."""
        step = self.next_step
        if step is None:
            raise ValueError("the probe is over")
        if step is ProbeStep.PILOT:
            pilot = self._text.prompt(step)
            self._text.fit(
                pilot_tokens=max(1, prompt_tokens),
                pilot_s=prompt_eval_s,
                longest=self._window_tokens / self._count(pilot),
            )
        self._measurements.append(
            Measurement(
                step=step,
                prompt_tokens=prompt_tokens,
                prompt_eval_s=prompt_eval_s,
                delayed_s=delayed_s,
            )
        )

    def result(self) -> ProbeResult:
        """Judge what has been measured."""
        return judge(self._evidence)

    @property
    def _evidence(self) -> Evidence:
        return Evidence(measurements=tuple(self._measurements), sizes=self._text.sizes)


def _after_head(evidence: Evidence) -> ProbeStep | None:
    """Return the next step of a probe whose head was sent; None at its end."""
    if not evidence.times(ProbeStep.AGAIN) or evidence.reuses is not True:
        return _once_more(evidence, ProbeStep.AGAIN)
    if not evidence.times(ProbeStep.WHOLE):
        return ProbeStep.WHOLE
    return None if evidence.too_quick else _after_whole(evidence)


def _after_whole(evidence: Evidence) -> ProbeStep | None:
    """Return the next step of a probe that has a prompt to type in."""
    if not evidence.times(ProbeStep.APPEND) or evidence.appends is not True:
        return _once_more(evidence, ProbeStep.APPEND)
    if evidence.noisy and evidence.times(ProbeStep.APPEND) < _TWICE:
        return ProbeStep.APPEND
    if not evidence.times(ProbeStep.SUFFIX_KEY) or evidence.rolls_back is None:
        return _once_more(evidence, ProbeStep.SUFFIX_KEY, at_most=_OFTEN)
    last = ProbeStep.MIDDLE_EDIT if evidence.rolls_back else ProbeStep.WARM_SUFFIX
    if not evidence.times(last):
        return last
    return _once_more(evidence, last) if evidence.implausible(last) else None


def _once_more(evidence: Evidence, step: ProbeStep, *, at_most: int = _TWICE) -> ProbeStep | None:
    """Return a step that has not been clear yet, unless it was taken often enough."""
    return step if evidence.times(step) < at_most else None
