"""What is counted, once each: shown, accepted, kept, asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fimble.completion.trail import DecisionTrail
from fimble.engine.protocol import Hole
from fimble.history.statistics_store import StatisticsStore
from fimble.pipeline.result import CompletionResult, Suggestion
from fimble.pipeline.statistics import StatisticsRecorder
from fimble.text.position import Position, Range
from support.marked import CURSOR, marked
from support.pipeline_editor import Editor


def result(hole: Hole, text: str) -> CompletionResult:
    trail = DecisionTrail(engine="ollama", total_s=0.03)
    item = Suggestion(text=text, replace=Range(hole.cursor, hole.cursor), engine="ollama")
    return CompletionResult(items=(item,), why=trail)


class Person:
    """Types, accepts and asks as an editor does; what is counted lands in a file."""

    def __init__(self, folder: Path, source: str = f"value = {CURSOR}\n") -> None:
        self.store = StatisticsStore(folder / "s.sqlite3")
        self.recorder = StatisticsRecorder(self.store, today=lambda: date(2026, 1, 1))
        self.snapshot, self.cursor = marked(source)

    def insert(self, text: str) -> None:
        self.edit(Range(self.cursor, self.cursor), text)

    def edit(self, where: Range, text: str) -> None:
        version = self.snapshot.version + 1
        self.snapshot, edit = self.snapshot.replace(where, text, version=version)
        self.cursor = self.snapshot.position_at_byte(edit.new_end_byte)
        self.recorder.changed(self.snapshot, [edit])

    def sees(self, text: str) -> None:
        hole = Hole(snapshot=self.snapshot, cursor=self.cursor)
        self.recorder.answered(hole, result(hole, text))

    async def counts(self) -> dict[str, float]:
        found = await counted(self.recorder, self.store)
        return {name: value for name, value in found.items() if not name.startswith("latency")}


async def counted(recorder: StatisticsRecorder, store: StatisticsStore) -> dict[str, float]:
    await recorder.aclose()
    return {count.counter: count.value for count in store.read()}


async def test_a_suggestion_typed_through_and_accepted_is_counted_once(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.sees("compute(total)")
    person.insert("c")
    person.sees("ompute(total)")
    person.insert("ompute(total)")

    assert await counted(person.recorder, person.store) == {
        "shown": 1,
        "accepted": 1,
        "accepted_characters": 13,
        "judged_characters": 13,
        "kept_characters": 13,
        "latency_50ms": 2,
    }


async def test_one_accepted_word_by_word_is_one_that_was_accepted(tmp_path: Path) -> None:
    person = Person(tmp_path)
    person.sees("first + second")
    for word, rest in (("first", " + second"), (" +", " second"), (" second", "")):
        person.insert(word)
        if rest:
            person.sees(rest)

    assert await person.counts() == {
        "shown": 1,
        "accepted": 1,
        "accepted_characters": 12,
        "judged_characters": 12,
        "kept_characters": 12,
    }


async def test_one_of_which_a_word_was_taken_counts_as_accepted_in_part_once(
    tmp_path: Path,
) -> None:
    person = Person(tmp_path)
    person.sees("first + second")
    person.insert("first")
    person.sees(" + second")
    person.insert(" +")
    person.insert(" x")
    person.sees("_axis")

    assert await person.counts() == {
        "shown": 2,
        "accepted_in_part": 1,
        "accepted_characters": 6,
        "judged_characters": 6,
        "kept_characters": 6,
    }


async def test_one_typed_ahead_of_the_next_answer_and_then_accepted_counts(tmp_path: Path) -> None:
    """Editors show the rest by themselves: nobody was asked between the key and accepting."""
    person = Person(tmp_path)
    person.sees("compute(total)")
    person.insert("c")
    person.insert("o")
    person.insert("mpute(total)")

    assert (await person.counts())["accepted_characters"] == 12


async def test_one_that_grew_while_it_was_shown_is_still_the_same(tmp_path: Path) -> None:
    person = Person(tmp_path, f"def f():\n    {CURSOR}\n")
    person.sees("a = 1")
    person.sees("a = 1\n    b = 2")
    person.insert("a = 1\n    b = 2")

    counts = await person.counts()
    assert (counts["shown"], counts["accepted"]) == (1, 1)


async def test_what_was_accepted_and_deleted_again_was_not_kept(tmp_path: Path) -> None:
    person = Person(tmp_path)
    start = person.cursor
    person.sees("compute(total)")
    person.insert("compute(total)")
    person.edit(Range(start, person.cursor), "0")

    counts = await person.counts()
    assert counts["judged_characters"] == 14
    assert counts["kept_characters"] == 0


async def test_a_request_is_counted_when_it_ends_also_where_a_key_closed_it(
    tmp_path: Path,
) -> None:
    store = StatisticsStore(tmp_path / "s.sqlite3")
    recorder = StatisticsRecorder(store)
    editor = Editor(f"def f():\n    {CURSOR}\n", on_asked=recorder.asked)
    await editor.router.check_now()
    asked = editor.ask()
    stream = await editor.server.started(1)
    stream.say("one = 1\n")
    assert (await asked).items
    editor.type("x")
    await stream.closed.wait()
    await editor.completer.aclose()

    counts = await counted(recorder, store)
    assert counts["requests"] == 1
    assert counts["evaluated_tokens"] > 0
    assert counts["generated_tokens"] == 1


async def test_idle_work_is_counted_too(tmp_path: Path) -> None:
    """A warm-up and a prefetch make the model work as much as anything else."""
    store = StatisticsStore(tmp_path / "s.sqlite3")
    recorder = StatisticsRecorder(store)
    source = f"first = {CURSOR}\n" + "filler\n" * 20 + "second = 2\n"
    editor = Editor(source, idle_s=0.0, on_asked=recorder.asked)
    await editor.router.check_now()
    editor.server.answers += ["1\n", "x", "y"]
    await editor.asked()
    ahead = await editor.server.started(2)
    await ahead.closed.wait()
    editor.cursor = Position(21, 3)
    await editor.asked()
    warm = await editor.server.started(3)
    await warm.closed.wait()
    await editor.completer.aclose()

    assert (await counted(recorder, store))["requests"] == 3


async def test_an_unwritable_place_costs_the_counts_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    recorder = StatisticsRecorder(StatisticsStore(blocked / "s.sqlite3"))
    snapshot, cursor = marked(f"value = {CURSOR}\n")
    hole = Hole(snapshot=snapshot, cursor=cursor)
    recorder.answered(hole, result(hole, "x y"))

    await recorder.aclose()
    assert blocked.read_text() == "in the way"
