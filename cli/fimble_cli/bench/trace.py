"""A typing trace: a file with gaps, and every key that fills them, with its time.

Traces are made and not recorded, so that they can be made from anybody's own code: the keys are
what stood in the gap, the times come from `cadence`, and corrections, jumps between places,
accepts and rejects are drawn from the same seed. Steps name places in the target text, so that a
trace fits whatever was accepted before.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fimble_cli.bench.cadence import Cadence
from fimble_cli.bench.gaps import Gap, choose_gaps
from fimble_cli.bench.ghost import Portion

_KEY: Final = re.compile(r"\n[ \t]*|.")
"""Enter brings the indentation with it, as editors do; every other key is one character."""

_NEIGHBOURS: Final = dict(
    zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopqsdfghjklaxcvbnmz", strict=True)
)
"""The key to the right, for slips of the finger."""


class StepKind(StrEnum):
    """What a person does."""

    KEY = "key"
    SLIP = "slip"
    """A wrong key, to be taken back."""
    BACKSPACE = "backspace"
    ACCEPT = "accept"
    """Tab, if what is shown is what is wanted."""
    DISMISS = "dismiss"
    """Escape, if anything is shown."""
    JUMP = "jump"
    """Go to a gap, to the end of what has been typed there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action after a pause."""

    kind: StepKind
    gap: int
    at: int
    """How much of the gap stands there already, in code points, when the step is due."""
    pause_s: float
    text: str = ""
    portion: Portion = Portion.WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often a person does what, as probabilities per opportunity."""

    slips: float = 0.0
    """Of word characters. People take back about 6 of 100 keys (Dhakal et al. 2018, ECPC)."""
    accepts: float = 0.0
    """Of token starts: looks at the suggestion and takes it if it is right."""
    dismissals: float = 0.0
    """Of token starts."""
    interruptions: float = 0.0
    """Of line ends inside a gap: goes to the next gap first and comes back."""


TYPES_THROUGH: Final = Habits()
"""Types what the model would say, and never takes it."""

EVERYDAY: Final = Habits(slips=0.04, accepts=0.2, dismissals=0.02, interruptions=0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What is done to one file."""

    name: str
    uri: str
    language_id: str
    target: str
    """The file when everything has been typed."""
    gaps: tuple[Gap, ...]
    steps: tuple[Step, ...]

    @property
    def cut_text(self) -> str:
        """The file with its gaps, as it is opened."""
        parts: list[str] = []
        end = 0
        for gap in self.gaps:
            parts.append(self.target[end : gap.start])
            end = gap.end
        return "".join((*parts, self.target[end:]))

    def wanted(self, gap: int) -> str:
        """Return what belongs into a gap."""
        return self.target[self.gaps[gap].start : self.gaps[gap].end]

    @property
    def duration_s(self) -> float:
        """How long a replay takes when nothing is accepted."""
        return sum(step.pause_s for step in self.steps)


def make_trace(
    text: str,
    *,
    uri: str,
    language_id: str,
    name: str,
    gap_count: int,
    habits: Habits,
    seed: str,
) -> Trace:
    """Cut gaps into `text` (line feeds only) and plan how they are filled."""
    where = random.Random(f"{seed}:gaps:{uri}")  # noqa: S311 - to be repeatable
    gaps = choose_gaps(text, language_id, count=gap_count, chance=where)
    trace = Trace(
        name=name, uri=uri, language_id=language_id, target=text, gaps=tuple(gaps), steps=()
    )
    what = random.Random(f"{seed}:{name}:{uri}")  # noqa: S311 - to be repeatable
    writer = _Writer(trace, habits, what)
    return Trace(
        name=name,
        uri=uri,
        language_id=language_id,
        target=text,
        gaps=tuple(gaps),
        steps=tuple(writer.steps()),
    )


class _Writer:
    """Plans the steps of one trace."""

    def __init__(self, trace: Trace, habits: Habits, chance: random.Random) -> None:
        self._trace = trace
        self._habits = habits
        self._chance = chance
        self._cadence = Cadence(chance)

    def steps(self) -> Iterator[Step]:
        pending = [self._chunks(gap) for gap in range(len(self._trace.gaps))]
        for gap, chunks in enumerate(pending):
            while chunks:
                yield self._jump(gap, chunks)
                yield from chunks.pop(0)
                following = pending[gap + 1 : gap + 2]
                if chunks and following and following[0]:
                    yield self._jump(gap + 1, following[0])
                    yield from following[0].pop(0)

    def _jump(self, gap: int, chunks: Sequence[Sequence[Step]]) -> Step:
        return Step(
            kind=StepKind.JUMP, gap=gap, at=chunks[0][0].at, pause_s=self._cadence.to_move()
        )

    def _chunks(self, gap: int) -> list[list[Step]]:
        """Return the steps of a gap, split where the person leaves it for a while."""
        text = self._trace.wanted(gap)
        chunks: list[list[Step]] = [[]]
        for key in _KEY.finditer(text):
            leaves = key[0].startswith("\n") and chunks[-1]
            if leaves and self._chance.random() < self._habits.interruptions:
                chunks.append([])
            chunks[-1].extend(self._around_key(gap, text, key))
        return chunks

    def _around_key(self, gap: int, text: str, key: re.Match[str]) -> Iterator[Step]:
        at, typed = key.start(), key[0]
        before = self._trace.target[: self._trace.gaps[gap].start] + text[:at]
        if _begins_token(before, typed):
            if self._chance.random() < self._habits.accepts:
                portion = self._chance.choice(tuple(Portion))
                pause_s = self._cadence.to_read()
                yield Step(kind=StepKind.ACCEPT, gap=gap, at=at, pause_s=pause_s, portion=portion)
            elif self._chance.random() < self._habits.dismissals:
                pause_s = self._cadence.to_read()
                yield Step(kind=StepKind.DISMISS, gap=gap, at=at, pause_s=pause_s)
        elif typed in _NEIGHBOURS and self._chance.random() < self._habits.slips:
            yield from self._slip(gap, at, before, typed, text[at + 1 : at + 2])
        pause_s = self._cadence.before_key(before, typed[0])
        yield Step(kind=StepKind.KEY, gap=gap, at=at, text=typed, pause_s=pause_s)

    def _slip(self, gap: int, at: int, before: str, key: str, following: str) -> Iterator[Step]:
        """Type a wrong key, perhaps the right one after it, notice, and take it all back."""
        wrong = _NEIGHBOURS[key]
        if following.isalpha() and self._chance.random() < 0.5:  # noqa: PLR2004 - a coin
            wrong += following
        for character in wrong:
            pause_s = self._cadence.before_key(before, character)
            yield Step(kind=StepKind.SLIP, gap=gap, at=at, text=character, pause_s=pause_s)
        for number in range(len(wrong)):
            pause_s = self._cadence.to_delete() if number else self._cadence.to_notice()
            yield Step(kind=StepKind.BACKSPACE, gap=gap, at=at, pause_s=pause_s)


def _begins_token(before: str, typed: str) -> bool:
    last = before[-1:]
    return (typed.isalnum() or typed == "_") and not (last.isalnum() or last == "_")
