"""A model that knows the file, and is wrong where a seed says so: the answers of the stub.

Right or wrong depends on the place in the file and on nothing else, so every contestant meets the
same model, however it arranges its prompt.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from fimble_cli.bench.gaps import Gap
from fimble_cli.bench.trace import Trace
from support.stub_ollama.answers import Reply
from support.stub_ollama.cursor_in_prompt import cursor_context
from support.stub_ollama.tokens import common_prefix

_PROBE = 12
_COMPARED = 2_000
_CLOSERS = ")]}\"'`"
_CODE_LINE = re.compile(r"^[ \t]*\w.{8,}$", re.MULTILINE)
_WORD_START = re.compile(r"(?<!\w)\w")

_WRONG_GAPS = 0.25
"""Share of the gaps in which the model never knows what is wanted."""

_RIGHT_RUN = 45
"""Mean number of characters the model is right for in the other gaps."""

_WRONG_RUN = 12
"""So many characters after an error it goes on to be wrong, until it has seen what was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSpan:
    """Places of the file at which the model says something else."""

    start: int
    end: int
    says: str


class ScriptedModel:
    """Callable as the answer of a stub; holds for one trace."""

    def __init__(self, trace: Trace, wrong: Sequence[WrongSpan] = ()) -> None:
        self._target = trace.target
        self._ends = [gap.end for gap in trace.gaps]
        self._wrong = sorted(wrong, key=lambda span: span.start)

    def __call__(self, prompt: str) -> Reply:
        """Return what the model says at the end of `prompt`."""
        context = cursor_context(_repaired(prompt))
        start = self._place(context.before)
        if start is None:
            return Reply(text="")
        text = self._says(start, _closers_of(context.after or ""))
        return Reply(text=f"{text}\n{context.fence}\n" if context.fence else text)

    def _says(self, start: int, closers: str) -> str:
        """Return the rest of the gap as the model sees it, and none of the closers after it."""
        number = bisect_right(self._ends, start)
        end = self._ends[number] if number < len(self._ends) else len(self._target)
        text = self._target[start:end]
        for span in self._wrong:
            if span.end > start and span.start < end:
                right = text[: max(0, span.start - start)]
                text = right + span.says
                break
        while closers and not text.endswith(closers):
            closers = closers[:-1]
        return text[: len(text) - len(closers)]

    def _place(self, before: str) -> int | None:
        """Return the place in the file that the text before the cursor leads up to."""
        probe = before[-_PROBE:]
        best: tuple[int, int] | None = None
        tail = before[-_COMPARED:][::-1]
        found = self._target.find(probe) if len(before) >= _PROBE else -1
        while found >= 0:
            place = found + len(probe)
            agreeing = common_prefix(self._target[max(0, place - _COMPARED) : place][::-1], tail)
            best = max(best or (0, 0), (agreeing, place))
            found = self._target.find(probe, found + 1)
        return None if best is None else best[1]


def _repaired(prompt: str) -> str:
    """Give back a prefix token that was cut off: real models do without it."""
    if "<|fim_suffix|>" in prompt and "<|fim_prefix|>" not in prompt:
        return f"<|fim_prefix|>{prompt}"
    return prompt


def _closers_of(after: str) -> str:
    end = next((at for at, it in enumerate(after) if it not in _CLOSERS), len(after))
    return after[:end]


def errors_for(trace: Trace, *, seed: str) -> list[WrongSpan]:
    """Draw where a model is wrong in the gaps of `trace`, and what it says there instead."""
    chance = random.Random(f"{seed}:errors:{trace.uri}")
    instead = [found[0].strip() for found in _CODE_LINE.finditer(trace.target)]
    spans: list[WrongSpan] = []
    hopeless = chance.sample(range(len(trace.gaps)), round(len(trace.gaps) * _WRONG_GAPS))
    for number, gap in enumerate(trace.gaps):
        if number in hopeless:
            spans += _span(trace.target, gap, gap.start, gap.end, chance.choice(instead))
            continue
        place = gap.start + int(chance.expovariate(1 / _RIGHT_RUN))
        while place < gap.end:
            spans += _span(trace.target, gap, place, place + _WRONG_RUN, chance.choice(instead))
            place += _WRONG_RUN + int(chance.expovariate(1 / _RIGHT_RUN))
    return spans


def _span(target: str, gap: Gap, start: int, end: int, says: str) -> list[WrongSpan]:
    """Let an error begin with a word, as the errors of models do."""
    found = _WORD_START.search(target, start, gap.end)
    if found is None:
        return []
    start = found.start()
    if says.startswith(target[start]):
        says = f"self.{says}" if target[start] != "s" else f"not {says}"
    return [WrongSpan(start=start, end=min(gap.end, max(end, start + 1)), says=f"{says}\n")]
