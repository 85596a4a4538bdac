"""How prompts are built for a model: what the user wants, the model can do and the cache allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.layout import Layout
from fimble.completion.measured_cache import (
    ProbeResult,
    SectionBudgets,
    fit_budgets,
)
from fimble.engine.profiles import ModelProfile
from fimble.pipeline.prompt_sizes import CacheTraits, PromptBudgets

if TYPE_CHECKING:
    from fimble.config.schema import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptChoices:
    """What a `PromptBuilder` is made with."""

    layout: Layout
    profile: ModelProfile
    """The model's, with what was measured in place of what was presumed of its cache."""
    budgets: PromptBudgets
    cache: CacheTraits


def choose_prompts(
    settings: Settings, profile: ModelProfile, measured: ProbeResult | None
) -> PromptChoices:
    """Choose layout and budgets; a layout that the user names is used where the model knows it."""
    completion, window = settings.completion, settings.model_server.num_ctx
    sections = fit_budgets(
        measured,
        SectionBudgets(
            prefix=min(completion.max_prefix_tokens, window // 2),
            suffix=min(completion.max_suffix_tokens, window // 4),
        ),
    )
    if measured is not None and measured.certain:
        profile = replace(profile, hybrid=measured.kind is CacheKind.HYBRID)
    cache = CacheTraits.presumed(profile)
    if measured is not None:
        cache = replace(
            cache,
            kind=measured.kind or cache.kind,
            tokens_per_s=measured.prompt_tokens_per_s or cache.tokens_per_s,
        )
    return PromptChoices(
        layout=_layout(completion.layout, profile),
        profile=profile,
        budgets=PromptBudgets(
            context_window=window,
            answer=max(completion.max_block_tokens, completion.max_line_tokens),
            prefix=sections.prefix,
            suffix=sections.suffix,
        ),
        cache=replace(cache, batch_tokens=_batch_tokens(window)),
    )


def _batch_tokens(window: int) -> int:
    """Return the batch that Ollama takes for a context window where memory allows it.

    ollama/ollama:server/sched.go `generationBatchForContext`.
    """
    small, large = 4_096, 32_768
    if window <= small:
        return 512
    return 1_024 if window <= large else 2_048


def _layout(wanted: str, profile: ModelProfile) -> Layout:
    if wanted != "auto" and Layout(wanted) in profile.layouts:
        return Layout(wanted)
    return profile.default_layout
