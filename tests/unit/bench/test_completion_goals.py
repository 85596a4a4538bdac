"""Goals are held against the right peers, and a miss is called a miss."""

from __future__ import annotations

from bench.completion_goals import verdicts

from fimble_cli.bench.metrics import Replay, measure
from fimble_cli.bench.requests import ServedRequest
from fimble_cli.bench.trace import StepKind
from fimble_cli.bench.typing_log import KeyEvent, TypingLog


def figures(*, evaluated: float, prompt_tokens: int, requests: int = 1):
    """Return figures of a hundred typed keys."""
    keys = [KeyEvent(at_s=float(at), kind=StepKind.KEY, text="x") for at in range(100)]
    served = [
        ServedRequest(
            received_at=0.0,
            prompt="p",
            max_tokens=8,
            prompt_tokens=prompt_tokens,
            evaluated_tokens=evaluated / requests,
            generated_tokens=0,
            generated_text="",
            cancelled=False,
        )
        for _ in range(requests)
    ]
    return measure([Replay(log=TypingLog(keys=keys), requests=served)])


def lines(*, extra=(), **systems):
    results = {("agreeing", name): it for name, it in systems.items()}
    return [str(it) for it in verdicts(results, extra=extra)]


def test_the_best_peer_counts_however_little_it_shows_and_extra_rows_by_themselves():
    said = lines(
        extra={"advised"},
        **{
            "fimble spm": figures(evaluated=100, prompt_tokens=2000),
            "small": figures(evaluated=1_000, prompt_tokens=100),
            "large": figures(evaluated=20_000, prompt_tokens=3000),
            "advised": figures(evaluated=500, prompt_tokens=50),
        },
    )

    goal = "- spm, agreeing: evaluated/char at most 0.1 of the best of the"
    assert f"{goal} 2 with their defaults: 1.0 against 10.0 of small, 0.100: met." in said
    assert f"{goal} extra rows: 1.0 against 5.0 of advised, 0.200: MISSED." in said


def test_too_many_requests_are_a_miss():
    said = lines(**{"fimble psm": figures(evaluated=1, prompt_tokens=9, requests=16)})

    assert said[0] == "- psm, agreeing: requests/char at most 0.15: 0.160: MISSED."


def test_without_peers_nothing_is_compared():
    assert not any(
        "best" in it for it in lines(**{"fimble spm": figures(evaluated=1, prompt_tokens=9)})
    )
