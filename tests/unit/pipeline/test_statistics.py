"""What is counted, once each: shown, accepted, kept, asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fimble.completion.trail import DecisionTrail
from fimble.engine.protocol import Hole
from fimble.history.statistics_store import StatisticsStore
from fimble.pipeline.result import CompletionResult, Suggestion
from fimble.pipeline.statistics import StatisticsRecorder
from fimble.text.position import Range
from support.marked import CURSOR, marked


def result(hole: Hole, text: str, *, asked: bool = True) -> CompletionResult:
    trail = DecisionTrail(engine="ollama", total_s=0.03)
    if asked:
        trail.prompt, trail.expected_evaluated_tokens, trail.generated_tokens = "p", 7, 4
    else:
        trail.reused = "a kept suggestion"
    item = Suggestion(text=text, replace=Range(hole.cursor, hole.cursor), engine="ollama")
    return CompletionResult(items=(item,), why=trail)


async def counted(recorder: StatisticsRecorder, store: StatisticsStore) -> dict[str, float]:
    await recorder.aclose()
    return {count.counter: count.value for count in store.read()}


async def test_a_suggestion_typed_through_and_accepted_is_counted_once(tmp_path: Path) -> None:
    store = StatisticsStore(tmp_path / "s.sqlite3")
    recorder = StatisticsRecorder(store, today=lambda: date(2026, 1, 1))
    snapshot, cursor = marked(f"value = {CURSOR}\n")
    hole = Hole(snapshot=snapshot, cursor=cursor)
    recorder.answered(hole, result(hole, "compute(total)"))
    snapshot, edit = snapshot.replace(Range(cursor, cursor), "c", version=2)
    recorder.changed(snapshot, [edit])
    cursor = snapshot.position_at_byte(edit.new_end_byte)
    hole = Hole(snapshot=snapshot, cursor=cursor)
    recorder.answered(hole, result(hole, "ompute(total)", asked=False))
    snapshot, edit = snapshot.replace(Range(cursor, cursor), "ompute(total)", version=3)
    recorder.changed(snapshot, [edit])

    assert await counted(recorder, store) == {
        "shown": 1,
        "accepted": 1,
        "accepted_characters": 13,
        "kept_characters": 13,
        "requests": 1,
        "evaluated_tokens": 7,
        "generated_tokens": 4,
        "latency_50ms": 2,
    }


async def test_an_unwritable_place_costs_the_counts_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    recorder = StatisticsRecorder(StatisticsStore(blocked / "s.sqlite3"))
    snapshot, cursor = marked(f"value = {CURSOR}\n")
    hole = Hole(snapshot=snapshot, cursor=cursor)
    recorder.answered(hole, result(hole, "x y"))

    await recorder.aclose()
    assert blocked.read_text() == "in the way"
