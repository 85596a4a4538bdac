"""What follows from a measured cache: the budgets."""

from __future__ import annotations

import pytest

from fimble.completion.cache_forecast import CacheForecast, CacheKind
from fimble.completion.measured_cache import (
    ProbeResult,
    SectionBudgets,
    fit_budgets,
)

WANTED = SectionBudgets(prefix=6_000, suffix=1_500)


def measured(kind: CacheKind | None, speed: float = 1_700) -> ProbeResult:
    return ProbeResult(kind=kind, prompt_tokens_per_s=speed)


def test_without_a_measurement_the_budgets_are_the_wanted_ones() -> None:
    assert fit_budgets(None, WANTED) == WANTED


@pytest.mark.parametrize("kind", [CacheKind.DENSE, CacheKind.HYBRID])
def test_a_graphics_card_keeps_the_wanted_prompt(kind: CacheKind) -> None:
    fitted = fit_budgets(measured(kind), WANTED)

    assert (fitted.prefix, fitted.suffix) == (6_000, 1_500)


def test_a_slow_machine_reads_a_prompt_in_six_seconds() -> None:
    fitted = fit_budgets(measured(CacheKind.HYBRID, 150), WANTED)

    assert fitted.prefix + fitted.suffix == pytest.approx(6 * 150, abs=2)
    assert fitted.prefix == 4 * fitted.suffix


def test_where_nothing_is_reused_every_request_pays_for_the_whole_prompt() -> None:
    fitted = fit_budgets(measured(CacheKind.NONE), WANTED)

    assert fitted.prefix + fitted.suffix == pytest.approx(0.8 * 1_700, abs=2)


@pytest.mark.parametrize("kind", list(CacheKind))
def test_the_slowest_machine_still_shows_the_model_something(kind: CacheKind) -> None:
    fitted = fit_budgets(measured(kind, 1), WANTED)

    assert (fitted.prefix, fitted.suffix) == (256, 64)


def test_budgets_are_never_raised() -> None:
    small = SectionBudgets(prefix=100, suffix=20)

    assert fit_budgets(measured(CacheKind.HYBRID, 1), small) == small


def test_an_unclear_measurement_changes_nothing() -> None:
    unclear = ProbeResult(kind=None, reason="noise", prompt_tokens_per_s=5)

    assert fit_budgets(unclear, WANTED) == WANTED
    assert not unclear.certain


def test_a_prediction_needs_a_speed() -> None:
    assert ProbeResult(kind=None).evaluation_s(1_000) == 0
    known = ProbeResult(kind=CacheKind.DENSE, prompt_tokens_per_s=1_000, overhead_s=0.03)
    assert known.evaluation_s(500) == pytest.approx(0.53)


def test_a_cache_that_keeps_nothing_reads_every_prompt_again() -> None:
    forecast = CacheForecast(CacheKind.NONE, count=len)
    forecast.sent("prompt", "answer")

    assert forecast.expect("prompt") == len("prompt")
    assert not forecast.holds("prompt")
