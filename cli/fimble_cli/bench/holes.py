"""Holes asked for by key: how much of what was cut out comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from fimble_cli.bench.document import Document
from fimble_cli.bench.metrics import mean, percentile_ms
from fimble_cli.bench.our_server import OurServer
from fimble_cli.bench.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleOutcome:
    """One hole: what was wanted, as far as the answer claims to go, and what came."""

    wanted: str
    answered: str
    seconds: float

    @property
    def is_exact(self) -> bool:
        """Whether the answer is what stood there, blanks at the ends aside."""
        return bool(self.answered) and self.answered.strip() == self.wanted.strip()

    @property
    def similarity(self) -> float:
        """The part of both texts that matches in order, from 0 to 1 (difflib's ratio)."""
        return SequenceMatcher(None, self.wanted, self.answered, autojunk=False).ratio()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoleFigures:
    """Figures over all holes."""

    holes: int
    answered: int
    exact_share: float | None
    """Of all holes, unanswered ones too."""
    similarity: float | None
    answer_p50_ms: float | None


async def fill_holes(
    server: OurServer, traces: Sequence[Trace], clock: Callable[[], float] = time.monotonic
) -> list[HoleOutcome]:
    """Ask at the start of each gap, every other gap of the file being filled."""
    outcomes: list[HoleOutcome] = []
    for trace in traces:
        for number, gap in enumerate(trace.gaps):
            document = Document(
                trace.target[: gap.start] + trace.target[gap.end :],
                uri=trace.uri,
                language_id=trace.language_id,
            )
            document.cursor = gap.start
            await server.open(document)
            began = clock()
            ghost = await server.ask(document)
            answered = "" if ghost is None else ghost.text
            outcomes.append(
                HoleOutcome(
                    wanted=_as_far_as(trace.wanted(number), answered),
                    answered=answered,
                    seconds=clock() - began,
                )
            )
    return outcomes


def _as_far_as(wanted: str, answered: str) -> str:
    """Cut `wanted` to as many lines as the answer has: a right first line is right."""
    lines = answered.strip("\n").count("\n") + 1
    return "\n".join(wanted.split("\n")[:lines])


def measure_holes(outcomes: Sequence[HoleOutcome]) -> HoleFigures:
    """Reduce outcomes to figures."""
    return HoleFigures(
        holes=len(outcomes),
        answered=sum(bool(outcome.answered) for outcome in outcomes),
        exact_share=mean([outcome.is_exact for outcome in outcomes]),
        similarity=mean([outcome.similarity for outcome in outcomes]),
        answer_p50_ms=percentile_ms([outcome.seconds for outcome in outcomes], 50),
    )
