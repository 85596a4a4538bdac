"""Whatever the text: no exception, one visible line, and never more than a step of work."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.engine.protocol import Hole
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

CODE = st.lists(
    st.sampled_from(
        ["foo", "bar_baz", "x", "(", ")", " ", "  ", "\n", "\n", "\r\n", '"""', "'", "#", ".", "=",
         "\t", "//", "/*", "*/", "`", "\ud800", "\x00", "\u202e", "\u2028", "é", "12", "\f"]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@given(
    CODE,
    st.integers(0, 12),
    st.integers(0, 20),
    st.sampled_from(["python", "typescript", "rust", "lua", "html", ""]),
)
def test_f16_any_text_gives_one_visible_line_or_nothing(text, line, character, language_id):
    snapshot = Snapshot.from_text(text, uri="file:///w/a", language_id=language_id)
    engine = EmbeddedEngine(confidence=0.0)
    found = engine.suggest(Hole(snapshot=snapshot, cursor=Position(line, character)))

    assert found is None or (found.text.isprintable() and len(found.text.strip()) >= 3)
    assert found is None or found.sentence()


def test_f17_reading_is_cut_into_steps_by_the_clock(tmp_path: Path):
    (tmp_path / "big.py").write_text("value = compute(one, two)\n" * 4_000)
    ticks = iter(range(10**9))
    engine = EmbeddedEngine(now=lambda: next(ticks) / 1000)
    engine.index_workspace(tmp_path)

    assert sum(1 for _ in engine.index_steps()) >= 15
    assert engine.report.files == 1


def test_an_abandoned_reading_goes_on_where_it_stopped(tmp_path: Path):
    for number in range(20):
        (tmp_path / f"{number}.py").write_text("value = compute(one, two)\n" * 500)
    ticks = iter(range(10**9))
    engine = EmbeddedEngine(now=lambda: next(ticks) / 1000)
    engine.index_workspace(tmp_path)
    next(engine.index_steps())
    for _ in engine.index_steps():
        pass

    assert engine.report.files == 20


def test_a_document_opened_meanwhile_is_read_by_the_next_steps(tmp_path: Path):
    engine = EmbeddedEngine(confidence=0.05)
    engine.index_workspace(tmp_path)
    for _ in engine.index_steps():
        pass
    other = "registry.register_handler(name, handler, priority=10)\n" * 3
    engine.observe(Snapshot.from_text(other, uri="file:///w/b.py", language_id="python"))
    for _ in engine.index_steps():
        pass
    typed = "registry.register_handler("
    snapshot = Snapshot.from_text(typed, uri="file:///w/a.py", language_id="python")
    found = engine.suggest(Hole(snapshot=snapshot, cursor=Position(0, len(typed))))

    assert found is not None
    assert (found.text, found.scope) == ("name, handler, priority=10)", "an open file")


def test_moving_between_versions_of_a_document_forgets_nothing_and_keeps_nothing():
    engine = EmbeddedEngine(confidence=0.05)
    first = "alpha_call(one, two)\nalpha_call(one, two)\nalpha_call("
    second = "beta_call(three)\nbeta_call(three)\nalpha_call("
    for text, expected in ((first, "one, two)"), (second, "three)"), (first, "one, two)")):
        snapshot = Snapshot.from_text(text, uri="file:///w/a.py", language_id="python")
        found = engine.suggest(Hole(snapshot=snapshot, cursor=Position(2, 11)))

        assert (None if found is None else found.text) == expected
