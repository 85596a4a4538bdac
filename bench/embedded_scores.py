"""What came of hole tasks, added up: exact match, precision of the surest, what the gate shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.gate import decide
from fimble.engine.embedded.ranker import shipped_beginning_weights
from fimble.engine.embedded.suggesting import Pool, rank
from fimble.engine.embedded.vocabulary import Vocabulary
from fimble.engine.embedded.voting import Candidate
from hole_tasks import Task

RATES = (5, 10, 20, 30)
LENGTHS = ((3, 6), (6, 12), (12, 24), (24, 48), (48, 10_000))
_WORD = re.compile(r"\w*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one way of choosing said."""

    confidence: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one task went."""

    task: Task
    project: str
    ranker: Answer
    vote: Answer
    longest: Answer
    """The longest match, the nearest of several: what prompt lookup copies."""
    in_pool: bool
    shown: str
    """What the gate let through."""

    @property
    def target(self) -> str:
        """What should have been said."""
        return self.task.target.strip()


def outcome_of(
    task: Task,
    project: str,
    pool: Pool | None,
    context: CursorContext | None,
    *,
    vocabulary: Vocabulary,
    threshold: float,
) -> Outcome:
    """Choose among the candidates of a task in each way."""
    nobody = Answer()
    if pool is None or context is None or not pool.candidates:
        return Outcome(
            task=task,
            project=project,
            ranker=nobody,
            vote=nobody,
            longest=nobody,
            in_pool=False,
            shown="",
        )
    scored = rank(pool, context, vocabulary)
    voted = max(pool.candidates, key=lambda candidate: candidate.share)
    longest = max(pool.candidates, key=_length)
    decision = decide(
        scored, pool.election, weights=shipped_beginning_weights(), threshold=threshold
    )
    target = task.target.strip()
    return Outcome(
        task=task,
        project=project,
        ranker=Answer(confidence=scored[0][0], text=scored[0][1].text.strip()),
        vote=Answer(confidence=voted.share, text=voted.text.strip()),
        longest=Answer(confidence=float(_length(longest)[0]), text=longest.text.strip()),
        in_pool=any(candidate.text.strip() == target for candidate in pool.candidates),
        shown="" if decision is None else decision.text.strip(),
    )


def _length(candidate: Candidate) -> tuple[int, int, int]:
    return max(
        ((match.length, -match.scope, -match.distance) for match in candidate.supporters),
        default=(0, 0, 0),
    )


def exact(outcomes: Sequence[Outcome], way: str = "ranker") -> float:
    """Return in how many per cent of the tasks the rest of the line is exactly right."""
    right = sum(getattr(outcome, way).text == outcome.target for outcome in outcomes)
    return _percent(right, len(outcomes))


def precision(outcomes: Sequence[Outcome], rate: int, way: str = "ranker") -> float:
    """Return how many per cent are exactly right when the surest `rate` per cent are shown."""
    answers = [(getattr(outcome, way), outcome.target) for outcome in outcomes]
    answers.sort(key=lambda entry: -entry[0].confidence)
    shown = answers[: max(1, len(answers) * rate // 100)]
    return _percent(sum(answer.text == target for answer, target in shown), len(shown))


def identifier_right(outcomes: Sequence[Outcome]) -> float:
    """Return in how many per cent the word at the cursor is finished rightly."""
    right = sum(_word(outcome.ranker.text) == _word(outcome.target) for outcome in outcomes)
    return _percent(right, len(outcomes))


def pool(outcomes: Sequence[Outcome]) -> float:
    """Return in how many per cent the right text is among the candidates."""
    return _percent(sum(outcome.in_pool for outcome in outcomes), len(outcomes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the gate let through, in per cent."""

    shown: float
    beginning: float
    """Of what was shown, right as far as it goes."""
    whole: float
    """Of what was shown, exactly the rest of the line."""
    saved: float
    """Of the characters of all targets, those in texts that were right as far as they go."""


def gate(outcomes: Sequence[Outcome]) -> Shown:
    """Add up what was shown."""
    shown = [outcome for outcome in outcomes if outcome.shown]
    begun = [outcome for outcome in shown if outcome.target.startswith(outcome.shown)]
    return Shown(
        shown=_percent(len(shown), len(outcomes)),
        beginning=_percent(len(begun), len(shown)),
        whole=_percent(sum(outcome.target == outcome.shown for outcome in shown), len(shown)),
        saved=_percent(
            sum(len(outcome.shown) for outcome in begun),
            sum(len(outcome.target) for outcome in outcomes),
        ),
    )


def by_length(outcomes: Sequence[Outcome]) -> Iterable[tuple[str, Sequence[Outcome]]]:
    """Group tasks by the characters of their targets."""
    for low, high in LENGTHS:
        group = [outcome for outcome in outcomes if low <= len(outcome.target) < high]
        if group:
            yield (f"{low} to {high - 1}" if high < LENGTHS[-1][1] else f"{low} and more"), group


def _word(text: str) -> str:
    found = _WORD.match(text)
    return "" if found is None else found[0]


def _percent(part: int, whole: int) -> float:
    return 100 * part / max(1, whole)
