"""Traces are repeatable, fill exactly what was cut out, and hold what their habits say."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from fimble_cli.bench import typist as typist_module
from fimble_cli.bench.brackets import auto_closed
from fimble_cli.bench.cadence import Cadence
from fimble_cli.bench.gaps import choose_gaps
from fimble_cli.bench.ghost import Portion
from fimble_cli.bench.trace import EVERYDAY, TYPES_THROUGH, Habits, Step, StepKind, make_trace
from fimble_cli.bench.typist import Typist
from support.typing_cases import SOURCE, Prompter, keys_of, trace_of


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(typist_module, "_AFTERWARDS_S", 0.0)


def make(habits: Habits = EVERYDAY, seed: str = "1"):
    return make_trace(
        SOURCE,
        uri="file:///work/area.py",
        language_id="python",
        name="made",
        gap_count=4,
        habits=habits,
        seed=seed,
    )


def test_the_same_seed_makes_the_same_trace_and_another_seed_another():
    assert make() == make()
    assert make().steps != make(seed="2").steps


def test_gaps_are_code_apart_and_in_order():
    gaps = make().gaps

    assert len(gaps) == 4
    for former, latter in pairwise(gaps):
        assert SOURCE.count("\n", former.end, latter.start) > 6
    assert all(SOURCE[gap.start : gap.end].strip() for gap in gaps)


def test_no_gap_begins_in_a_comment_or_a_text():
    text = (
        '"""Long text\n' + "that goes on and on and on and on and on and on and on\n" * 40 + '"""\n'
    )

    assert choose_gaps(text, "python", count=3, chance=random.Random(1)) == []


def test_without_habits_every_key_types_the_text_and_nothing_else():
    trace = make(TYPES_THROUGH)
    typed = "".join(step.text for step in trace.steps if step.kind is StepKind.KEY)

    assert {step.kind for step in trace.steps} == {StepKind.KEY, StepKind.JUMP}
    assert typed == "".join(trace.wanted(gap) for gap in range(len(trace.gaps)))


def test_enter_brings_the_indentation_with_it():
    keys = [step.text for step in make(TYPES_THROUGH).steps if step.text.startswith("\n")]

    assert keys
    assert set(keys) == {"\n    "}


def test_habits_bring_slips_that_are_taken_back_and_jumps_that_return():
    often = Habits(slips=0.5, accepts=0.3, dismissals=0.3, interruptions=1.0)
    counts = Counter(step.kind for step in make(often).steps)

    assert counts[StepKind.SLIP] == counts[StepKind.BACKSPACE] > 0
    assert counts[StepKind.JUMP] > 4
    assert counts[StepKind.ACCEPT] > 0
    assert counts[StepKind.DISMISS] > 0


def test_people_write_code_at_about_the_published_speed_inside_a_line():
    """52 words of five characters a minute are 231 ms for each key (Dhakal et al. 2018)."""
    cadence = Cadence(random.Random(7))
    line = "    total = compute(width, height) + offset"
    intervals = [
        cadence.before_key(line[:at], line[at]) for _ in range(400) for at in range(5, len(line))
    ]

    assert statistics.mean(intervals) == pytest.approx(0.231, rel=0.15)


@pytest.mark.parametrize("seed", ["1", "2", "3"])
async def test_a_replay_ends_with_the_target_whatever_is_suggested(seed):
    trace = make(seed=seed)
    trace = replace(trace, steps=tuple(replace(step, pause_s=0.0) for step in trace.steps))

    def says(before: str) -> str:
        place = next(
            (it for it in range(len(SOURCE), 0, -1) if before.endswith(SOURCE[:it][-60:])), None
        )
        return "" if place is None else SOURCE[place : place + 25]

    typist = Typist(trace, Prompter(says))
    await typist.replay()

    assert typist.document.text == SOURCE


async def test_brackets_are_closed_by_the_editor_and_typed_over():
    contestant = Prompter(lambda _: "")
    await Typist(trace_of("a = f(b)\n", "f(b)"), contestant).replay()

    assert contestant.texts == ["a = f\n", "a = f()\n", "a = f(b)\n", "a = f(b)\n"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("f(a, [b])", {1: 8, 5: 7}),
        ("f(\n)", {}),
        ("say('it')", {3: 8, 4: 7}),
        ("isn't (x)", {}),
        ('"""doc"""', {}),
    ],
)
def test_only_what_closes_on_its_line_is_closed_by_the_editor(text, pairs):
    assert auto_closed(text) == pairs


async def test_accepting_spares_the_keys_that_it_wrote():
    wanted = "total = 1"
    accept = Step(kind=StepKind.ACCEPT, gap=0, at=3, pause_s=0.0, portion=Portion.WHOLE)
    keys = keys_of(wanted)
    contestant = Prompter(lambda before: "al = 1" if before.endswith("tot") else "")
    await Typist(
        trace_of("total = 1\n", wanted, (*keys[:3], accept, *keys[3:])), contestant
    ).replay()

    assert len(contestant.texts) == 4
    assert [key.accepted for key in contestant.log.keys if key.accepted] == ["al = 1"]


async def test_what_is_wrong_is_not_accepted():
    wanted = "total = 1"
    accept = Step(kind=StepKind.ACCEPT, gap=0, at=3, pause_s=0.0)
    keys = keys_of(wanted)
    contestant = Prompter(lambda before: "ally" if before.endswith("tot") else "")
    await Typist(
        trace_of("total = 1\n", wanted, (*keys[:3], accept, *keys[3:])), contestant
    ).replay()

    assert not any(key.accepted for key in contestant.log.keys)
