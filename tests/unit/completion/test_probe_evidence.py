"""What durations mean, with the token counts that llama-server was measured to evaluate."""

from __future__ import annotations

import pytest

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.probe_evidence import Evidence, Measurement, judge
from fimble.completion.probe_prompts import ProbeSizes, ProbeStep

SIZES = ProbeSizes(pilot=400, head=3_200, whole=6_400, suffix=200, middle=4_800)
"""In characters, four to a token: a whole of 1,600 tokens, an edit 400 before its end."""

PROMPT_TOKENS = {ProbeStep.PILOT: 100, ProbeStep.HEAD: 800, ProbeStep.AGAIN: 800}

DENSE = {
    ProbeStep.PILOT: 100,
    ProbeStep.HEAD: 700,
    ProbeStep.AGAIN: 1,
    ProbeStep.WHOLE: 800,
    ProbeStep.APPEND: 1,
    ProbeStep.SUFFIX_KEY: 50,
    ProbeStep.MIDDLE_EDIT: 402,
}
HYBRID = {
    ProbeStep.PILOT: 100,
    ProbeStep.HEAD: 700,
    ProbeStep.AGAIN: 4,
    ProbeStep.WHOLE: 800,
    ProbeStep.APPEND: 5,
    ProbeStep.SUFFIX_KEY: 513,
    ProbeStep.WARM_SUFFIX: 55,
}
HYBRID_LARGE_BATCH = HYBRID | {ProbeStep.SUFFIX_KEY: 804}
HYBRID_WITHOUT_CHECKPOINTS = HYBRID | {ProbeStep.SUFFIX_KEY: 1604, ProbeStep.WARM_SUFFIX: 855}
NO_REUSE = {ProbeStep.PILOT: 100, ProbeStep.HEAD: 800, ProbeStep.AGAIN: 800}
ONLY_IDENTICAL = HYBRID | {ProbeStep.APPEND: 1_600}

MACHINES = {
    "24 GB card": (1_700, 0.030),
    "fast card": (6_000, 0.020),
    "laptop": (150, 0.120),
    "processor": (12, 0.9),
    "small model": (7_000, 0.005),
}


def evidence(evaluated: dict[ProbeStep, int], machine: str = "24 GB card") -> Evidence:
    speed, overhead_s = MACHINES[machine]
    return Evidence(
        measurements=[
            Measurement(
                step=step,
                prompt_tokens=PROMPT_TOKENS.get(step, 1_600),
                prompt_eval_s=overhead_s + tokens / speed,
            )
            for step, tokens in evaluated.items()
            for _ in range(2 if step is ProbeStep.SUFFIX_KEY else 1)
        ],
        sizes=SIZES,
    )


def slowed(made: Evidence, step: ProbeStep, factor: float) -> Measurement:
    one = next(one for one in made.measurements if one.step is step)
    return Measurement(
        step=step,
        prompt_tokens=one.prompt_tokens,
        prompt_eval_s=one.prompt_eval_s * factor,
    )


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("evaluated", "kind"),
    [
        pytest.param(DENSE, CacheKind.DENSE, id="dense"),
        pytest.param(HYBRID, CacheKind.HYBRID, id="hybrid"),
        pytest.param(HYBRID_LARGE_BATCH, CacheKind.HYBRID, id="hybrid, large batch"),
        pytest.param(HYBRID_WITHOUT_CHECKPOINTS, CacheKind.HYBRID, id="hybrid, reads all"),
        pytest.param(NO_REUSE, CacheKind.NONE, id="no reuse"),
        pytest.param(ONLY_IDENTICAL, CacheKind.NONE, id="identical prompts only"),
    ],
)
def test_each_kind_of_cache_is_recognised_on_machines_of_any_speed(
    evaluated: dict[ProbeStep, int], kind: CacheKind, machine: str
) -> None:
    result = judge(evidence(evaluated, machine))

    assert (result.kind, result.reason) == (kind, "")
    assert result.prompt_tokens_per_s == pytest.approx(MACHINES[machine][0], rel=0.25)


def test_costs_are_the_evaluated_tokens() -> None:
    dense, hybrid = judge(evidence(DENSE)), judge(evidence(HYBRID))

    assert dense.append_tokens == pytest.approx(1, abs=4)
    assert dense.suffix_key_tokens == pytest.approx(50, abs=4)
    assert dense.middle_edit_tokens == pytest.approx(402, abs=6)
    assert dense.warm_suffix_tokens is None
    assert hybrid.append_tokens == pytest.approx(5, abs=4)
    assert hybrid.suffix_key_tokens == pytest.approx(513, abs=10)
    assert hybrid.warm_suffix_tokens == pytest.approx(55, abs=6)
    assert hybrid.middle_edit_tokens is None
    assert hybrid.evaluation_s(1_700) == pytest.approx(1.03, rel=0.05)


@pytest.mark.parametrize("step", [ProbeStep.AGAIN, ProbeStep.APPEND, ProbeStep.SUFFIX_KEY])
def test_of_a_repeated_step_the_shorter_duration_counts(step: ProbeStep) -> None:
    clean = evidence(DENSE)
    noisy = Evidence(measurements=[slowed(clean, step, 40), *clean.measurements], sizes=clean.sizes)

    assert judge(noisy) == judge(clean)


@pytest.mark.parametrize(
    ("evaluated", "said"),
    [
        pytest.param(HYBRID | {ProbeStep.AGAIN: 450}, "sent again", id="again"),
        pytest.param(HYBRID | {ProbeStep.APPEND: 960}, "at the end", id="append"),
        pytest.param(HYBRID | {ProbeStep.SUFFIX_KEY: 160}, "inside a prompt", id="suffix key"),
        pytest.param(HYBRID | {ProbeStep.SUFFIX_KEY: 5_000}, "inside a prompt", id="implausible"),
    ],
)
def test_what_lies_between_two_cases_is_unclear_and_says_so(
    evaluated: dict[ProbeStep, int], said: str
) -> None:
    result = judge(evidence(evaluated))

    assert not result.certain
    assert said in result.reason


def test_a_probe_whose_speeds_contradict_each_other_is_unclear() -> None:
    """The edit in the third quarter seems to cost a quarter of what follows it."""
    result = judge(evidence(DENSE | {ProbeStep.MIDDLE_EDIT: 100}))

    assert not result.certain
    assert "faster than others" in result.reason


def test_a_cost_that_noise_could_have_made_is_unclear() -> None:
    """Where a key at the end seems to cost 300 tokens, 700 for another key prove nothing."""
    noisy = HYBRID | {ProbeStep.APPEND: 300, ProbeStep.SUFFIX_KEY: 700}

    assert not judge(evidence(noisy)).certain


def test_where_everything_is_quick_only_the_speed_is_told() -> None:
    def measurement(step: ProbeStep, tokens: int) -> Measurement:
        seconds = 0.001 + tokens / 50_000
        return Measurement(
            step=step, prompt_tokens=PROMPT_TOKENS.get(step, 1_600), prompt_eval_s=seconds
        )

    steps = [ProbeStep.PILOT, ProbeStep.HEAD, ProbeStep.AGAIN, ProbeStep.WHOLE]
    made = Evidence(measurements=[measurement(one, HYBRID[one]) for one in steps], sizes=SIZES)

    assert made.too_quick
    result = judge(made)
    assert (result.certain, result.final) == (False, True)
    assert result.prompt_tokens_per_s == pytest.approx(50_000, rel=0.1)


def test_a_server_that_reports_no_durations_is_not_judged() -> None:
    silent = [
        Measurement(step=step, prompt_tokens=800, prompt_eval_s=1e-6)
        for step in (ProbeStep.PILOT, ProbeStep.HEAD)
    ]

    result = judge(Evidence(measurements=silent, sizes=SIZES))

    assert not result.certain
    assert "no durations" in result.reason


def test_a_step_that_waited_for_somebody_else_spoils_the_probe() -> None:
    made = evidence(HYBRID)
    waited = Measurement(
        step=ProbeStep.WARM_SUFFIX, prompt_tokens=1_600, prompt_eval_s=0.03, delayed_s=2.0
    )

    result = judge(Evidence(measurements=[*made.measurements, waited], sizes=SIZES))

    assert not result.certain
    assert "something else used the model" in result.reason


def test_the_pilot_may_wait_for_a_load() -> None:
    made = evidence(HYBRID)
    loaded = Measurement(step=ProbeStep.PILOT, prompt_tokens=100, prompt_eval_s=0.1, delayed_s=30.0)

    assert judge(Evidence(measurements=[loaded, *made.measurements[1:]], sizes=SIZES)).certain


def test_a_probe_that_was_given_up_is_unclear() -> None:
    result = judge(evidence({ProbeStep.PILOT: 100, ProbeStep.HEAD: 700}))

    assert (result.kind, result.reason) == (None, "the probe did not come to its end")
