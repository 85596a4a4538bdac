"""What the measured prompt cache means, in words."""

from __future__ import annotations

from collections.abc import Iterator

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.measured_cache import ProbeResult
from fimble.pipeline.prompt_choices import PromptChoices
from fimble_cli.checks.finding import Finding, ok, skipped, warning

MEASURE = "fimble doctor --probe"
_A_FEW_TOKENS = 16
_SLOW_PROMPT_S = 10.0
"""A new place in a file that takes longer to read than this is no help to somebody who types."""


def check_cache(measured: ProbeResult | None, choices: PromptChoices) -> Iterator[Finding]:
    """Say what the cache does and how fast prompts are read."""
    if measured is None:
        for check in ("prompt cache", "prompt speed"):
            yield skipped(check, "Not measured yet; Fimble does it in a pause.", MEASURE)
    elif measured.certain:
        yield _behaviour(measured)
        yield _speed(measured, choices)
    elif measured.final:
        yield ok("prompt cache", f"Not told: {measured.reason}.")
        yield _speed(measured, choices)
    else:
        sentence = f"No clear result: {measured.reason}. The model's profile decides."
        yield warning("prompt cache", sentence, MEASURE)
        yield skipped("prompt speed", "Not known without a clear result.", MEASURE)


def _behaviour(measured: ProbeResult) -> Finding:
    at_the_end = f"a key at the end costs {_tokens(measured.append_tokens)}"
    in_front = (
        f"a key in front of a suffix of {measured.suffix_tokens} tokens "
        f"{_tokens(measured.suffix_key_tokens)}"
    )
    if measured.kind is CacheKind.NONE:
        return warning(
            "prompt cache",
            "Nothing is reused: every request reads its whole prompt, so prompts are kept short. "
            "Measure again while no other program uses the model.",
            f"restart the server without other programs that use the model, then run `{MEASURE}`",
        )
    if measured.kind is CacheKind.DENSE:
        middle = f"an edit further up {_tokens(measured.middle_edit_tokens)}"
        return ok("prompt cache", f"Rolls back: {at_the_end}, {in_front}, {middle}.")
    return ok(
        "prompt cache",
        f"Cannot roll back (hybrid model): {at_the_end}, {in_front}, an edit further up "
        "everything below the last checkpoint.",
    )


def _speed(measured: ProbeResult, choices: PromptChoices) -> Finding:
    budgets = choices.budgets
    longest = min(budgets.prefix + budgets.suffix, budgets.context_window)
    takes_s = measured.evaluation_s(longest)
    sentence = (
        f"{rounded(measured.prompt_tokens_per_s)} tokens a second: a new place in a file costs "
        f"up to {takes_s:.1f} s ({longest} tokens)."
    )
    if takes_s > _SLOW_PROMPT_S:
        return warning("prompt speed", sentence, "use a smaller model: set ollama.model")
    return ok("prompt speed", sentence)


def _tokens(count: int | None) -> str:
    if count is None:
        return "an unknown number of tokens"
    return "a few tokens" if count < _A_FEW_TOKENS else f"about {count}"


def rounded(number: float) -> str:
    """Two figures are what a measurement of this kind is worth."""
    return f"{float(f'{number:.2g}'):,.0f}"
