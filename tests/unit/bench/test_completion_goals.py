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


def lines(**systems):
    return [str(it) for it in verdicts({("agreeing", name): it for name, it in systems.items()})]


def test_the_best_peer_counts_however_little_it_shows_the_model():
    said = lines(
        **{
            "fimble spm": figures(evaluated=1000, prompt_tokens=2000),
            "small": figures(evaluated=500, prompt_tokens=100),
            "large": figures(evaluated=20_000, prompt_tokens=3000),
        }
    )

    assert "10.0 against 5.0 of small, 2.000: MISSED" in "\n".join(said)
    assert "at least half of our context: 10.0 against 200.0 of large, 0.050: met" in "\n".join(
        said
    )


def test_too_many_requests_are_a_miss():
    said = lines(**{"fimble psm": figures(evaluated=1, prompt_tokens=9, requests=16)})

    assert said[0] == "- psm, agreeing: requests/char at most 0.15: 0.160: MISSED."


def test_without_peers_nothing_is_compared():
    assert not any(
        "peer" in it for it in lines(**{"fimble spm": figures(evaluated=1, prompt_tokens=9)})
    )
