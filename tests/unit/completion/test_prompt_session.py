"""A prompt grows at its end while its owner types, and is begun anew only when it must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.completion.layout import Layout
from fimble.completion.prompt_session import PromptSession
from fimble.completion.session_store import SessionStore
from fimble.completion.window import choose_anchor_line, text_after
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot
from support.marked import CURSOR, marked

URI = "file:///w/a.py"


def session_at(
    snapshot: Snapshot, cursor: Position, *, layout: Layout = Layout.SPM, anchor: int = 0
) -> PromptSession:
    return PromptSession(
        uri=snapshot.uri,
        layout=layout,
        head="<HEAD>",
        window_line=anchor,
        anchor_line=anchor,
        suffix_line=cursor.line,
        suffix_rest=len(snapshot.line(cursor.line)) - cursor.character,
        tail_budget_tokens=1_000,
    )


def typed(
    snapshot: Snapshot, cursor: Position, text: str, store: SessionStore
) -> tuple[Snapshot, Position]:
    after, edit = snapshot.replace(Range(cursor, cursor), text, version=snapshot.version + 1)
    store.apply_edit(snapshot.uri, edit)
    return after, after.position_at_byte(edit.new_end_byte)


def store_with(session: PromptSession) -> SessionStore:
    store = SessionStore()
    store.remember(session)
    return store


@given(st.lists(st.sampled_from(["a", "b ", "(", "x\n", "\n    ", "é", "😀"]), max_size=30))
def test_each_prompt_extends_the_one_before(keys: list[str]) -> None:
    snapshot, cursor = marked(f"import os\n\ndef f(a):\n    {CURSOR}\n\nend = 1\n")
    session = session_at(snapshot, cursor)
    store = store_with(session)
    previous = session.prompt_for(snapshot, cursor)

    for key in keys:
        snapshot, cursor = typed(snapshot, cursor, key, store)
        current, reason = store.find(snapshot, cursor, layout=Layout.SPM, count=len)

        assert current is not None, reason
        prompt = current.prompt_for(snapshot, cursor)
        assert prompt.head == previous.head
        assert prompt.growing == previous.growing + key
        assert prompt.text == previous.text + key
        previous = prompt


def test_what_can_be_warmed_ends_at_the_line_start() -> None:
    snapshot, cursor = marked(f"a = 1\nb = {CURSOR}\n")

    assert session_at(snapshot, cursor).prompt_for(snapshot, cursor).warmable == "<HEAD>a = 1\n"


@pytest.mark.parametrize(
    ("place", "text", "reason"),
    [
        pytest.param(Range(Position(0, 0), Position(0, 0)), "# top\n", None, id="above the window"),
        pytest.param(Range(Position(0, 0), Position(1, 0)), "", None, id="a line above goes"),
        pytest.param(Range(Position(9, 0), Position(9, 0)), "more\n", None, id="far below"),
        pytest.param(
            Range(Position(1, 0), Position(3, 0)), "x\n", "edit above", id="over the anchor"
        ),
    ],
)
def test_edits_elsewhere_move_a_session_or_end_it(
    place: Range, text: str, reason: str | None
) -> None:
    source = "one\ntwo\nthree\nfour\nfive\n    " + CURSOR + "\nsix\nseven\neight\nnine\nten\n"
    snapshot, cursor = marked(source)
    session = session_at(snapshot, cursor, anchor=2)
    growing = session.prompt_for(snapshot, cursor).growing
    store = store_with(session)
    after, edit = snapshot.replace(place, text, version=2)
    store.apply_edit(URI, edit)
    moved_by = after.line_count - snapshot.line_count if place.start.line < cursor.line else 0

    found, why = store.find(
        after, Position(cursor.line + moved_by, cursor.character), layout=Layout.SPM, count=len
    )

    if reason is None:
        assert found is not None, why
        assert (
            found.prompt_for(after, Position(cursor.line + moved_by, cursor.character)).growing
            == growing
        )
    else:
        assert found is None
        assert why == reason


@pytest.mark.parametrize(
    ("line", "serves"),
    [(0, False), (3, False), (4, True), (5, True), (6, True), (7, False)],
)
def test_a_cursor_near_the_frozen_suffix_is_served_a_far_one_is_a_jump(
    line: int, serves: bool
) -> None:
    snapshot, cursor = marked(f"0\n1\n2\n3\n4\n5\n{CURSOR}\n7\n8\n")
    store = store_with(session_at(snapshot, cursor, anchor=1))

    found, reason = store.find(snapshot, Position(line, 0), layout=Layout.SPM, count=len)

    assert (found is not None) is serves
    assert serves or reason == "jump"


def test_a_full_tail_ends_the_session() -> None:
    snapshot, cursor = marked("x" * 1_001 + CURSOR)
    store = store_with(session_at(snapshot, cursor))

    assert store.find(snapshot, cursor, layout=Layout.SPM, count=len) == (None, "tail full")


def test_edits_below_make_the_frozen_suffix_stale_and_idle_time_renews_it() -> None:
    snapshot, cursor = marked(f"{CURSOR}\n" + "a\n" * 12)
    store = store_with(session_at(snapshot, cursor))
    for _ in range(20):
        snapshot, _ = typed(snapshot, Position(3, 0), "x", store)
    in_one_line = store.newest(URI)
    for line in range(3, 11):
        snapshot, _ = typed(snapshot, Position(line, 0), "x", store)
    in_many_lines = store.newest(URI)

    assert in_one_line is not None
    assert not in_one_line.wants_refresh, "a word typed below is no reason"
    assert in_many_lines is not None
    assert in_many_lines.wants_refresh


def test_a_document_replaced_as_a_whole_starts_over() -> None:
    snapshot, cursor = marked(f"{CURSOR}\n")
    store = store_with(session_at(snapshot, cursor))
    store.apply_edit(URI, None)

    assert store.find(snapshot, cursor, layout=Layout.SPM, count=len) == (None, "document replaced")
    assert store.latest is not None
    assert store.latest.broken == "document replaced"


def test_going_back_to_an_earlier_place_finds_its_session_again() -> None:
    snapshot, first = marked(f"a\n{CURSOR}\n" + "filler\n" * 20)
    here, there = session_at(snapshot, first), session_at(snapshot, Position(15, 0))
    store = store_with(here)
    store.remember(there)

    assert store.find(snapshot, first, layout=Layout.SPM, count=len)[0] is here
    assert store.find(snapshot, Position(15, 0), layout=Layout.SPM, count=len)[0] is there


def test_a_small_file_is_anchored_at_its_start_a_large_one_as_far_up_as_the_tokens_go() -> None:
    small = Snapshot.from_text("a\nb\n")
    large = Snapshot.from_text("def f():\n    pass\n" * 500)

    assert choose_anchor_line(small, Position(2, 0), target_tokens=50, count=len) == 0
    line = choose_anchor_line(large, Position(900, 0), target_tokens=500, count=len)
    assert 900 - line <= 500 / 9 * 2
    assert large.line(line) == "def f():", "a window begins where a statement does"


def test_the_suffix_is_whole_lines_within_its_budget() -> None:
    snapshot, cursor = marked(f"ab{CURSOR}cd\nsecond\nthird\n")

    assert text_after(snapshot, cursor, budget_tokens=10, count=len) == "cd\nsecond\n"
    assert text_after(snapshot, cursor, budget_tokens=1, count=len) == "c"
