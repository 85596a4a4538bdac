"""What follows from a measured cache: the layout and the budgets."""

from __future__ import annotations

import pytest

from fimble.completion.cache_forecast import CacheForecast, CacheKind
from fimble.completion.layout import Layout
from fimble.completion.measured_cache import (
    ProbeResult,
    SectionBudgets,
    choose_layout,
    fit_budgets,
)

PSM_FIRST = (Layout.PSM, Layout.SPM, Layout.PREFILL)
PREFILL_FIRST = (Layout.PREFILL, Layout.PSM, Layout.SPM)
WANTED = SectionBudgets(prefix=6_000, suffix=1_500, live_suffix=128)


def measured(kind: CacheKind | None, speed: float = 1_700) -> ProbeResult:
    return ProbeResult(kind=kind, prompt_tokens_per_s=speed)


@pytest.mark.parametrize(
    ("kind", "available", "chosen"),
    [
        (CacheKind.DENSE, PSM_FIRST, Layout.PSM),
        (CacheKind.DENSE, PREFILL_FIRST, Layout.PREFILL),
        (CacheKind.HYBRID, PSM_FIRST, Layout.SPM),
        (CacheKind.HYBRID, PREFILL_FIRST, Layout.PREFILL),
        (CacheKind.HYBRID, (Layout.PSM, Layout.PREFILL), Layout.PREFILL),
        (CacheKind.HYBRID, (Layout.PSM,), Layout.PSM),
        (CacheKind.NONE, PSM_FIRST, Layout.PSM),
        (None, PSM_FIRST, Layout.PSM),
    ],
)
def test_a_cache_that_cannot_roll_back_gets_a_layout_that_only_grows(
    kind: CacheKind | None, available: tuple[Layout, ...], chosen: Layout
) -> None:
    assert choose_layout(measured(kind), available) is chosen


def test_without_a_measurement_the_profile_decides() -> None:
    assert choose_layout(None, PSM_FIRST) is Layout.PSM
    assert fit_budgets(None, WANTED) == WANTED


@pytest.mark.parametrize("kind", [CacheKind.DENSE, CacheKind.HYBRID])
def test_a_graphics_card_keeps_the_wanted_prompt(kind: CacheKind) -> None:
    fitted = fit_budgets(measured(kind), WANTED)

    assert (fitted.prefix, fitted.suffix) == (6_000, 1_500)


def test_a_live_suffix_is_what_a_key_may_cost() -> None:
    assert fit_budgets(measured(CacheKind.DENSE), WANTED).live_suffix == 128
    assert fit_budgets(measured(CacheKind.HYBRID), WANTED).live_suffix == 85
    assert fit_budgets(measured(CacheKind.HYBRID, 150), WANTED).live_suffix == 16


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

    assert (fitted.prefix, fitted.suffix, fitted.live_suffix) == (256, 64, 16)


def test_budgets_are_never_raised() -> None:
    small = SectionBudgets(prefix=100, suffix=20, live_suffix=8)

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
