"""What a probe found out about a server's prompt cache, and what follows for prompts.

The budgets, because a prompt that takes a minute to read is worth nothing, however good it is.
Not the layout: the prompts of all of them only grow, so that the model's best is the one to use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fimble.completion.cache_forecast import CacheKind

_COLD_PROMPT_S = 6.0
"""Longest evaluation of a prompt that is paid once for each place."""

_EVERY_PROMPT_S = 0.8
"""Longest evaluation of a prompt that is paid for each request, where nothing is reused."""

_LEAST_PREFIX_TOKENS = 256
_LEAST_SUFFIX_TOKENS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """A measured prompt cache; token counts are computed from durations and so are rounded."""

    kind: CacheKind | None
    """None when the measurement was not clear: `reason` says why, nothing shall follow from it."""
    reason: str = ""
    prompt_tokens_per_s: float = 0.0
    """Speed of evaluating a prompt; 0 when unknown."""
    overhead_s: float = 0.0
    """What an evaluation of a few tokens takes."""
    whole_tokens: int = 0
    """Length of the longest prompt of the probe, as the server counted it."""
    suffix_tokens: int = 0
    """Length of the suffix that the probe used, about."""
    append_tokens: int | None = None
    """Evaluated again after a key at the end of a prompt of `whole_tokens`."""
    suffix_key_tokens: int | None = None
    """Evaluated again after a key in front of the suffix."""
    middle_edit_tokens: int | None = None
    """Evaluated again after an edit in the third quarter; not measured for hybrid caches."""
    warm_suffix_tokens: int | None = None
    """Evaluated for a line and a suffix behind a head that was sent before, alone."""

    @property
    def certain(self) -> bool:
        """Whether something may follow from it."""
        return self.kind is not None

    @property
    def final(self) -> bool:
        """Whether measuring again would tell no more: it is certain, or does not matter."""
        return self.certain or self.prompt_tokens_per_s > 0

    def evaluation_s(self, tokens: int) -> float:
        """Predict how long the server takes to evaluate `tokens`, in seconds."""
        if self.prompt_tokens_per_s <= 0:
            return 0.0
        return self.overhead_s + tokens / self.prompt_tokens_per_s


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionBudgets:
    """Upper bounds for the parts of a prompt, in tokens."""

    prefix: int
    suffix: int


def fit_budgets(measured: ProbeResult | None, wanted: SectionBudgets) -> SectionBudgets:
    """Return `wanted`, lowered to what this machine reads in bearable time; never raised."""
    if measured is None or not measured.certain or measured.prompt_tokens_per_s <= 0:
        return wanted
    speed = measured.prompt_tokens_per_s
    bearable_s = _EVERY_PROMPT_S if measured.kind is CacheKind.NONE else _COLD_PROMPT_S
    share = min(1.0, bearable_s * speed / max(1, wanted.prefix + wanted.suffix))
    return replace(
        wanted,
        prefix=_lowered(wanted.prefix, wanted.prefix * share, _LEAST_PREFIX_TOKENS),
        suffix=_lowered(wanted.suffix, wanted.suffix * share, _LEAST_SUFFIX_TOKENS),
    )


def _lowered(wanted: int, bearable: float, least: int) -> int:
    return min(wanted, max(least, int(bearable)))
