"""What a probe found out about a server's prompt cache, and what follows for prompts.

The layout, because a cache that cannot roll back makes every key of the prefix-suffix-middle
order cost hundreds of tokens; the budgets, because a prompt that takes a minute to read is worth
nothing, however good it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.layout import Layout

_COLD_PROMPT_S = 6.0
"""Longest evaluation of a prompt that is paid once for each place."""

_EVERY_PROMPT_S = 0.8
"""Longest evaluation of a prompt that is paid for each request, where nothing is reused."""

_KEY_S = 0.1
"""Longest evaluation of what a key makes a server read again."""

_LEAST_PREFIX_TOKENS = 256
_LEAST_SUFFIX_TOKENS = 64
_LEAST_LIVE_SUFFIX_TOKENS = 16


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
    """Of layouts that freeze it."""
    live_suffix: int
    """Of layouts that send it anew with every key."""


def choose_layout(measured: ProbeResult | None, available: Sequence[Layout]) -> Layout:
    """Return the layout to use, of those that a model can do, best answers first.

    A cache that cannot roll back gets the best one whose prompts only grow, where there is one.
    """
    if measured is not None and measured.kind is CacheKind.HYBRID:
        growing = [layout for layout in available if layout.freezes_suffix]
        return growing[0] if growing else available[0]
    return available[0]


def fit_budgets(measured: ProbeResult | None, wanted: SectionBudgets) -> SectionBudgets:
    """Return `wanted`, lowered to what this machine reads in bearable time; never raised."""
    if measured is None or not measured.certain or measured.prompt_tokens_per_s <= 0:
        return wanted
    speed = measured.prompt_tokens_per_s
    bearable_s = _EVERY_PROMPT_S if measured.kind is CacheKind.NONE else _COLD_PROMPT_S
    share = min(1.0, bearable_s * speed / max(1, wanted.prefix + wanted.suffix))
    for_key = _KEY_S * speed
    if measured.kind is CacheKind.HYBRID:
        for_key /= 2  # The line before the cursor is read again too: the checkpoint is above it.
    return replace(
        wanted,
        prefix=_lowered(wanted.prefix, wanted.prefix * share, _LEAST_PREFIX_TOKENS),
        suffix=_lowered(wanted.suffix, wanted.suffix * share, _LEAST_SUFFIX_TOKENS),
        live_suffix=_lowered(wanted.live_suffix, for_key, _LEAST_LIVE_SUFFIX_TOKENS),
    )


def _lowered(wanted: int, bearable: float, least: int) -> int:
    return min(wanted, max(least, int(bearable)))
