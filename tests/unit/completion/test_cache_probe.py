"""Which prompts a probe sends, against the rules of llama-server's cache, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.cache_probe import CacheProbe
from fimble.completion.measured_cache import ProbeResult
from fimble.completion.probe_prompts import ProbeStep
from support.stub_ollama import PrefixCache, tokenize

Noise = Callable[[ProbeStep, int], float]
"""From a step and how often it was taken to a factor for its duration."""


def half(text: str) -> int:
    """Estimate from above: the stub counts about 2.4 characters to a token."""
    return len(text) // 2


def still(_step: ProbeStep, _turn: int) -> float:
    return 1.0


@dataclass
class Run:
    """A probe against the rules of a cache."""

    result: ProbeResult
    steps: list[ProbeStep] = field(default_factory=list[ProbeStep])
    prompts: list[str] = field(default_factory=list[str])
    evaluated: int = 0


def run(
    cache: PrefixCache,
    *,
    speed: float = 1_700,
    overhead_s: float = 0.03,
    reuse: bool = True,
    noise: Noise = still,
    window_tokens: int = 16_384,
    seed: int = 1,
) -> Run:
    probe = CacheProbe(seed=seed, window_tokens=window_tokens, count=half)
    made = Run(result=probe.result())
    while (prompt := probe.next_prompt) is not None and (step := probe.next_step) is not None:
        evaluation = (cache if reuse else PrefixCache(kind="dense")).evaluate(tokenize(prompt))
        turn = made.steps.count(step)
        duration = (overhead_s + evaluation.evaluated / speed) * noise(step, turn)
        probe.record(prompt_tokens=len(tokenize(prompt)), prompt_eval_s=duration)
        made.steps.append(step)
        made.prompts.append(prompt)
        made.evaluated += evaluation.evaluated
    made.result = probe.result()
    return made


BATCHES = (512, 1024, 2048)
MACHINES = ((10, 0.9), (150, 0.12), (1_700, 0.03), (7_000, 0.01))
"""Prompt tokens per second and overhead in seconds, from a processor to a large card."""


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(("speed", "overhead_s"), MACHINES)
def test_a_dense_cache_is_found_for_less_than_one_and_a_half_prompts(
    batch: int, speed: float, overhead_s: float
) -> None:
    made = run(PrefixCache(kind="dense", n_batch=batch), speed=speed, overhead_s=overhead_s)

    assert made.result.kind is CacheKind.DENSE
    assert made.evaluated <= 1.4 * made.result.whole_tokens
    assert made.steps[-1] is ProbeStep.MIDDLE_EDIT


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize(("speed", "overhead_s"), MACHINES)
def test_a_hybrid_cache_is_found_for_about_two_prompts(
    batch: int, speed: float, overhead_s: float
) -> None:
    made = run(PrefixCache(kind="hybrid", n_batch=batch), speed=speed, overhead_s=overhead_s)

    assert made.result.kind is CacheKind.HYBRID
    assert made.evaluated <= 2.1 * made.result.whole_tokens
    assert made.result.append_tokens is not None
    assert made.result.append_tokens <= 8
    assert made.steps[-1] is ProbeStep.WARM_SUFFIX


def test_reuse_switched_off_is_found_without_sending_the_whole() -> None:
    made = run(PrefixCache(kind="dense"), reuse=False)

    assert made.result.kind is CacheKind.NONE
    assert made.steps == [ProbeStep.PILOT, ProbeStep.HEAD, ProbeStep.AGAIN, ProbeStep.AGAIN]
    assert made.evaluated < 2_000


def test_the_longest_prompt_has_the_size_that_a_large_model_can_bear() -> None:
    made = run(PrefixCache(kind="hybrid"))

    assert 1_100 <= made.result.whole_tokens <= 1_600


def test_a_slow_machine_gets_shorter_prompts() -> None:
    made = run(PrefixCache(kind="hybrid"), speed=20)

    assert made.result.kind is CacheKind.HYBRID
    assert made.result.whole_tokens < 600


@pytest.mark.parametrize("window_tokens", [2_048, 2_600, 16_384])
def test_every_prompt_fits_the_window_by_the_senders_own_count(window_tokens: int) -> None:
    made = run(PrefixCache(kind="dense"), window_tokens=window_tokens)

    assert max(map(half, made.prompts)) < window_tokens


@settings(deadline=None)
@given(st.integers(0, 2**63))
def test_prompts_go_on_from_each_other_and_begin_anew_with_each_probe(seed: int) -> None:
    made = run(PrefixCache(kind="hybrid"), seed=seed)
    pilot, head, again, whole, append, suffix_key, once_more, warm = made.prompts
    other = run(PrefixCache(kind="hybrid"), seed=seed + 1).prompts[0]

    assert head.startswith(pilot)
    assert whole.startswith(head)
    assert warm.startswith(head)
    assert again == head
    assert append != whole
    assert len({append, suffix_key, once_more}) == 3
    assert len(_shared(pilot, other)) < 64


def _shared(one: str, other: str) -> str:
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return one[:index]
    return one


@pytest.mark.parametrize(
    "step", [ProbeStep.PILOT, ProbeStep.AGAIN, ProbeStep.APPEND, ProbeStep.SUFFIX_KEY]
)
@pytest.mark.parametrize("kind", ["dense", "hybrid"])
def test_one_burst_of_noise_changes_no_verdict(kind: str, step: ProbeStep) -> None:
    """The machine is twenty times slower for one request."""

    def burst(taken: ProbeStep, turn: int) -> float:
        return 20.0 if taken is step and turn == 0 else 1.0

    cache = PrefixCache(kind="dense" if kind == "dense" else "hybrid")
    result = run(cache, noise=burst).result

    assert result.kind is CacheKind(kind)


def with_noise(kind: str, factors: list[float]) -> CacheKind | None:
    left = list(factors)
    cache = PrefixCache(kind="dense" if kind == "dense" else "hybrid")
    return run(cache, noise=lambda _step, _turn: left.pop()).result.kind


@pytest.mark.parametrize("kind", ["dense", "hybrid"])
@settings(deadline=None)
@given(factors=st.lists(st.floats(0.85, 1.15), min_size=13, max_size=13))
def test_a_little_noise_on_every_request_changes_no_verdict(
    kind: str, factors: list[float]
) -> None:
    assert with_noise(kind, factors) is CacheKind(kind)


@pytest.mark.parametrize("kind", ["dense", "hybrid"])
@settings(deadline=None)
@given(factors=st.lists(st.floats(0.7, 1.4), min_size=13, max_size=13))
def test_more_noise_may_leave_it_unclear_but_is_not_taken_for_the_other_kind(
    kind: str, factors: list[float]
) -> None:
    assert with_noise(kind, factors) in (CacheKind(kind), None)


@settings(deadline=None)
@given(factors=st.lists(st.floats(0.01, 100), min_size=13, max_size=13))
def test_any_noise_ends_in_a_bounded_number_of_requests_and_a_usable_result(
    factors: list[float],
) -> None:
    left = list(factors)
    made = run(PrefixCache(kind="hybrid"), noise=lambda _step, _turn: left.pop())

    assert len(made.steps) <= 13
    assert made.result.certain == (made.result.reason == "")
    assert made.result.final or not made.result.certain


def test_a_model_that_reads_at_once_is_not_examined_further() -> None:
    made = run(PrefixCache(kind="hybrid"), speed=60_000, overhead_s=0.001)

    assert made.steps[-1] is ProbeStep.WHOLE
    assert made.result.final
    assert not made.result.certain


@pytest.mark.parametrize("stalls", [1, 2])
def test_a_busy_machine_does_not_make_a_dense_cache_a_hybrid_one(stalls: int) -> None:
    """A key inside the prompt seems to cost hundreds of tokens, but not twice the same."""

    def busy(step: ProbeStep, turn: int) -> float:
        return (9.0, 5.0)[turn] if step is ProbeStep.SUFFIX_KEY and turn < stalls else 1.0

    assert run(PrefixCache(kind="dense"), noise=busy).result.kind is CacheKind.DENSE


def test_costs_that_never_agree_are_unclear() -> None:
    def growing(step: ProbeStep, turn: int) -> float:
        return 9.0 * 1.6**turn if step is ProbeStep.SUFFIX_KEY else 1.0

    made = run(PrefixCache(kind="dense"), noise=growing)

    assert made.steps.count(ProbeStep.SUFFIX_KEY) == 4
    assert made.result.kind is None


def test_a_costly_key_inside_the_prompt_is_measured_twice() -> None:
    made = run(PrefixCache(kind="hybrid"))

    assert made.steps.count(ProbeStep.SUFFIX_KEY) == 2
    assert made.result.kind is CacheKind.HYBRID


def test_a_probe_that_is_over_takes_nothing_more() -> None:
    probe = CacheProbe(seed=1, window_tokens=4_096, count=half)
    while probe.next_prompt is not None:
        probe.record(prompt_tokens=100, prompt_eval_s=0.0)

    with pytest.raises(ValueError, match="over"):
        probe.record(prompt_tokens=100, prompt_eval_s=0.1)
