"""What the stub's model "says": a function from the prompt to a reply, and a few ready ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LIKELY = -0.105
"""Natural logarithm of 0.9: the log-probability of a token when a reply gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the model, before `stop` and `num_predict` cut it.

    The text goes out as it stands, also what looks like a control token.
    """

    text: str
    thinking: str = ""
    """Sent as `thinking` when the request lets the model think; else dropped."""
    logprobs: tuple[float, ...] = ()
    """For the first tokens of `text`; the others are `LIKELY`."""


Answer = Callable[[str], str | Reply]
"""From the prompt as the model sees it (raw or rendered) to the reply."""


def fixed(text: str) -> Answer:
    """Always `text`."""
    return lambda _prompt: text


def queue(texts: Iterable[str | Reply], *, otherwise: str = "") -> Answer:
    """One after the other, one for each generation; `otherwise` when all are used up."""
    remaining = iter(tuple(texts))
    lock = threading.Lock()

    def answer(_prompt: str) -> str | Reply:
        with lock:
            return next(remaining, otherwise)

    return answer


def noise(answer: Answer, *, right_for: int, junk: str = "zq_wrong(") -> Answer:
    """`answer` for its first `right_for` characters, then something else of the same length."""

    def noisy(prompt: str) -> str | Reply:
        reply = answer(prompt)
        text = reply.text if isinstance(reply, Reply) else reply
        if len(text) <= right_for:
            return reply
        wrong = (junk * (len(text) // len(junk) + 1))[: len(text) - right_for]
        return text[:right_for] + wrong

    return noisy
