"""The pause before a request follows the typist and the machine."""

from __future__ import annotations

from fimble.completion.typing_rhythm import TypingRhythm


def typist(interval_s: float, keys: int = 30) -> tuple[TypingRhythm, float]:
    rhythm, now = TypingRhythm(), 100.0
    for _ in range(keys):
        now += interval_s
        rhythm.key(now)
    return rhythm, now


def test_the_delay_is_longer_than_the_usual_gap_between_keys() -> None:
    for interval_s in (0.08, 0.15, 0.3):
        rhythm, now = typist(interval_s)

        assert interval_s < rhythm.delay_s(now) <= interval_s * 1.5


def test_time_since_the_last_key_counts() -> None:
    rhythm, now = typist(0.1)

    assert rhythm.delay_s(now + 10) == 0


def test_a_slow_model_is_asked_later() -> None:
    rhythm, now = typist(0.1)

    assert rhythm.delay_s(now, first_token_s=1.0) > rhythm.delay_s(now, first_token_s=0.1)


def test_pauses_for_thought_do_not_count_as_rhythm() -> None:
    rhythm, now = typist(0.1)
    rhythm.key(now + 60)

    assert rhythm.usual_interval_s < 0.11


def test_the_delay_stays_within_bounds() -> None:
    fast, now = typist(0.001)
    assert fast.delay_s(now) > 0.03
    slow, now = typist(0.9)
    assert slow.delay_s(now, first_token_s=1.9) < 0.5


def test_an_answer_that_comes_too_late_for_a_typing_pause_waits_for_a_real_one() -> None:
    rhythm, now = typist(0.1)

    assert rhythm.delay_s(now, first_token_s=5.0) >= 1.0
    assert rhythm.delay_s(now + 0.9, first_token_s=5.0) < 0.2


def test_patience_lengthens_the_pause_up_to_a_real_one() -> None:
    rhythm, now = typist(0.2)
    usual = rhythm.delay_s(now)

    assert usual < rhythm.delay_s(now, patience=2.0) < rhythm.delay_s(now, patience=3.0)
    assert rhythm.delay_s(now, patience=1_000.0) == 1.0
