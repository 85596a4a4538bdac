"""Figures on hand-made logs: each is small enough to be worked out on paper."""

from __future__ import annotations

import pytest

from fimble_cli.bench.ghost import Ghost
from fimble_cli.bench.metrics import Replay, measure
from fimble_cli.bench.requests import ServedRequest
from fimble_cli.bench.trace import StepKind
from fimble_cli.bench.typing_log import KeyEvent, ScreenEvent, TypingLog


def key(at_s: float, text: str = "x", *, shown: str = "", expected: str = "", **more) -> KeyEvent:
    return KeyEvent(
        at_s=at_s,
        kind=more.pop("kind", StepKind.KEY),
        text=text,
        shown_before=Ghost(text=shown) if shown else None,
        expected=Ghost(text=expected) if expected else None,
        **more,
    )


def screen(at_s: float, text: str) -> ScreenEvent:
    return ScreenEvent(at_s=at_s, ghost=Ghost(text=text) if text else None)


def request(received_at: float = 0.0, prompt: str = "p", **more) -> ServedRequest:
    values = {
        "received_at": received_at,
        "prompt": prompt,
        "max_tokens": 64,
        "prompt_tokens": 100,
        "evaluated_tokens": 10,
        "generated_tokens": 4,
        "generated_text": "abcd",
        "cancelled": False,
    }
    return ServedRequest(**values | more)


def figures(keys=(), screens=(), requests=()):
    log = TypingLog(keys=list(keys), screens=list(screens))
    return measure([Replay(log=log, requests=requests)])


def test_quotients_are_for_each_typed_key_and_accepted_text_is_none():
    accepted = key(2.0, "", kind=StepKind.ACCEPT, accepted="abc")
    it = figures([key(0.0), key(1.0), accepted], requests=[request(), request(max_tokens=1)])

    assert (it.typed_characters, it.accepted_characters) == (2, 3)
    assert (it.requests_per_character, it.evaluated_per_character) == (1.0, 10.0)
    assert it.warm_ups == 1


def test_nothing_typed_gives_no_figures_and_no_error():
    it = figures()

    assert it.requests_per_character == 0
    assert it.typed_through_share is None
    assert it.shown_p50_ms is None


@pytest.mark.parametrize(
    ("screens", "stays"),
    [
        ([screen(0.0, "b")], True),
        ([screen(0.0, "b"), screen(0.1, "bcd")], True),
        ([screen(0.001, ""), screen(0.010, "b")], True),
        ([screen(0.001, ""), screen(0.030, "b")], False),
        ([screen(0.0, "b"), screen(0.1, "")], False),
        ([screen(0.0, "b"), screen(0.1, "other")], False),
        ([screen(0.0, "b"), screen(0.995, "")], True),
    ],
    ids=["stays", "grows", "one frame", "flickers", "vanishes", "changes", "the next key's own"],
)
def test_typed_through_means_that_the_rest_never_left_the_screen(screens, stays):
    it = figures([key(0.0, "a", shown="ab", expected="b"), key(1.0, "b")], screens)

    assert it.typed_through_share == float(stays)


def test_keys_are_foreseen_that_the_screen_had_said():
    it = figures([key(0.0, "a", shown="ab"), key(1.0, "x", shown="b"), key(2.0, "c")])

    assert it.foreseen_share == pytest.approx(1 / 3)


def test_time_to_show_counts_from_the_last_key_and_not_for_what_was_there():
    keys = [key(0.0), key(1.0), key(2.0, "a", shown="ab", expected="b")]
    it = figures(keys, [screen(1.25, "ab"), screen(2.0, "b"), screen(2.5, "bcd")])

    assert it.shown_p50_ms == it.shown_p90_ms == pytest.approx(250)


def test_prefix_pairs_leave_out_jumps():
    jump = key(2.5, "", kind=StepKind.JUMP)
    prompts = ["a" * 100, "a" * 100 + "b", "c" * 100, "d" * 100]
    requests = [request(float(number), prompt) for number, prompt in enumerate(prompts)]
    it = figures([jump], requests=requests)

    assert (it.prompt_pairs, it.steady_pairs) == (2, 1)


def test_the_first_prompt_that_is_read_after_a_jump_counts_apart():
    jumps = [key(0.0, "", kind=StepKind.JUMP), key(10.0, "", kind=StepKind.JUMP)]
    requests = [
        request(1.0, evaluated_tokens=300, cancelled=True),
        request(2.0, evaluated_tokens=500, first_token_at=3.0, cancelled=True),
        request(4.0, evaluated_tokens=5),
        request(11.0, evaluated_tokens=40),
        request(12.0, evaluated_tokens=7),
    ]
    it = figures([*jumps, key(12.5), key(13.0)], requests=requests)

    assert it.evaluated_after_jumps == 840
    assert it.evaluated_per_character_in_place == 6.0


def test_generated_text_is_wasted_that_was_never_shown():
    half = request(generated_text="abcdefgh", generated_tokens=4)
    it = figures(screens=[screen(1.0, "abcd")], requests=[half, request(max_tokens=1)])

    assert it.wasted_tokens == pytest.approx(2 + 4)


def test_closing_is_timed_from_the_key_that_contradicts():
    closed = request(0.0, cancelled=True, first_token_at=0.5, closed_at=1.02, freed_at=1.05)
    it = figures([key(0.6, "a"), key(1.0, "x"), key(1.01, "y")], requests=[closed])

    assert it.diverged == 1
    assert it.close_p50_ms == pytest.approx(20)
    assert it.free_worst_ms == pytest.approx(50)


def test_a_stream_that_says_something_else_is_known_with_its_first_token():
    closed = request(0.0, cancelled=True, first_token_at=2.0, closed_at=2.01)
    it = figures([key(1.0, "x")], requests=[closed])

    assert it.close_p50_ms == pytest.approx(10)


def test_typing_ahead_of_a_stream_contradicts_it_when_it_gets_there():
    """Four keys at once; the fourth of four characters in a second shows that the last is wrong."""
    closed = request(
        0.0, cancelled=True, first_token_at=1.0, closed_at=2.0, generated_text="abcd", freed_at=2.1
    )
    it = figures([key(0.1, "a"), key(0.2, "b"), key(0.3, "c"), key(0.4, "X")], requests=[closed])

    assert it.close_p50_ms == pytest.approx(0)


def test_a_stream_that_was_cut_because_it_said_enough_did_not_diverge():
    closed = request(0.0, cancelled=True, first_token_at=0.5, closed_at=1.5)
    it = figures([key(1.0, "a")], requests=[closed])

    assert it.diverged == 0


def test_a_continuation_of_the_screen_agrees_with_what_is_typed_of_the_screen():
    closed = request(1.0, cancelled=True, first_token_at=1.1, closed_at=1.5)
    it = figures([key(1.2, "s")], [screen(0.5, "shown ")], [closed])

    assert it.diverged == 0
