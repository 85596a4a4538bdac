"""Sessions keep every acknowledged word, in one branch or several, and forget what is purged."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from fimble.chat.search_query import parse_search
from fimble.chat.transcript import (
    Answer,
    AnswerState,
    AnswerStatistics,
    Attachment,
    AttachmentKind,
    PromptUse,
    Question,
    Turn,
)
from fimble.errors import SessionStoreError
from fimble.history.sessions.session_store import SessionStore

SHOP = Attachment(
    kind=AttachmentKind.FILE, label="src/shop.py", text="SKU = 1\n", language="python", tokens=5
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    with SessionStore(tmp_path / "state" / "sessions.sqlite3") as opened:
        yield opened


def ask(store: SessionStore, session: int, text: str, answer: str = "Yes.", **more: object) -> Turn:
    head = store.summary(session).head
    turn = store.begin_turn(session, Question(text=text, **more), parent=head, model="m")
    return store.end_turn(turn.turn_id, Answer(text=answer, state=AnswerState.FINISHED, model="m"))


def test_a_turn_comes_back_as_it_was(store: SessionStore) -> None:
    session = store.create("/w", model="qwen").session_id
    question = Question(
        text="Why?",
        attachments=(SHOP, SHOP),
        prompt=PromptUse(name="chat/review", inputs=(("focus", "speed"),), template_digest="ab"),
    )
    answer = Answer(
        text="So.\n```py src/a.py\nx\n```\n",
        thinking="Hm.",
        state=AnswerState.FINISHED,
        model="qwen",
        model_digest="d",
        prompt_digest="p",
        statistics=AnswerStatistics(prompt_tokens=7, evaluated_tokens=3, generated_tokens=2),
    )

    begun = store.begin_turn(session, question, parent=None)
    ended = store.end_turn(begun.turn_id, answer)

    assert begun.answer == Answer()
    assert begun.question == question
    assert ended.answer == answer
    assert store.turns(session) == (ended,)
    assert store.summary(session).turns == 1
    assert store.summary(session).model == "qwen"


def test_what_is_journalled_is_the_answer_until_it_ends(store: SessionStore) -> None:
    session = store.create("/w").session_id
    turn = store.begin_turn(session, Question(text="?"), parent=None)

    store.journal(turn.turn_id, thinking="a")
    store.journal(turn.turn_id, answer="1")
    store.journal(turn.turn_id, answer="2", thinking="b")

    streaming = store.turn(turn.turn_id).answer
    assert (streaming.text, streaming.thinking) == ("12", "ab")
    assert streaming.state is AnswerState.STREAMING

    store.end_turn(turn.turn_id, Answer(text="12", state=AnswerState.STOPPED))
    assert store.turn(turn.turn_id).answer == Answer(text="12", state=AnswerState.STOPPED)


def test_a_turn_whose_process_is_gone_is_cut_with_what_had_come(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with SessionStore(path) as first:
        session = first.create("/w").session_id
        turn = first.begin_turn(session, Question(text="?"), parent=None)
        first.journal(turn.turn_id, answer="half")

    with SessionStore(path, alive=lambda _: False) as second:
        answer = second.turns(session)[0].answer

    assert answer.state is AnswerState.CUT
    assert answer.text == "half"
    assert "ended" in answer.problem


def test_a_rewound_branch_keeps_the_old_turns_and_a_fork_shares_them(store: SessionStore) -> None:
    session = store.create("/w").session_id
    first = ask(store, session, "one")
    second = ask(store, session, "two")

    fork = store.fork(session, first.turn_id)
    store.set_head(session, first.turn_id)
    other = ask(store, session, "two, better")

    assert store.turns(session) == (first, other)
    assert store.turns(fork.session_id) == (first,)
    assert store.turn(second.turn_id) == second
    assert fork.forked_from == session
    assert fork.name == "one"

    store.set_head(session, None)
    assert store.turns(session) == ()


def test_sessions_are_those_of_a_directory_newest_first(store: SessionStore) -> None:
    one, two, empty = (store.create(directory).session_id for directory in ("/a", "/b", "/a"))
    ask(store, one, "first in a")
    ask(store, two, "first in b\nsecond line")
    store.rename(two, "Better")

    assert [each.session_id for each in store.sessions()] == [two, one]
    assert [each.name for each in store.sessions("/a")] == ["first in a"]
    assert store.summary(two).name == "Better"
    assert empty not in [each.session_id for each in store.sessions("/a")]


def test_searching_finds_parts_of_identifiers_files_languages_and_code(store: SessionStore) -> None:
    session = store.create("/w").session_id
    code = ask(store, session, "How?", "```python src/shop.py\nget_sku()\n```")
    plain = ask(store, session, "About get_sku", "It returns the SKU.", attachments=(SHOP,))

    def found(typed: str) -> list[int]:
        return [hit.turn_id for hit in store.search.find(parse_search(typed))]

    assert found("sku") == [plain.turn_id, code.turn_id]
    assert found("sku has:code") == [code.turn_id]
    assert found("lang:python") == [code.turn_id]
    assert found("file:shop") == [plain.turn_id, code.turn_id]
    assert found("sku has:context") == [plain.turn_id]
    assert found("it returns") == [plain.turn_id]
    assert found('"it returns" lang:go') == []
    assert found("is") == []
    assert found('a"b OR *') == []
    assert found("100%") == []
    assert store.search.find(parse_search("sku"), directory="/other") == []
    assert store.search.find(parse_search("returns"))[0].line == "It returns the SKU."


def test_edits_are_recorded_with_both_texts_and_can_be_undone(store: SessionStore) -> None:
    session = store.create("/w").session_id
    turn = ask(store, session, "?")
    made = store.applied.record(turn.turn_id, path="/w/new.py", before=None, after="x\n")
    changed = store.applied.record(turn.turn_id, path="/w/a.py", before="x\n", after="y\n")
    lost = store.applied.record(turn.turn_id, path="/w/b.py", before="x\n", after="y\n")

    store.applied.undone(changed.apply_id)
    store.applied.forget(lost.apply_id)

    first, second = store.applied.of_turn(turn.turn_id)
    assert (first, first.before) == (made, None)
    assert (second.before, second.after) == ("x\n", "y\n")
    assert second.undone_at is not None
    assert store.applied.of_path("/w/new.py") == [made]


def test_a_purge_leaves_nothing_to_be_read_and_keeps_what_a_fork_shares(
    store: SessionStore,
) -> None:
    session = store.create("/w").session_id
    shared = ask(store, session, "shared words", attachments=(SHOP,))
    secret = Attachment(kind=AttachmentKind.FILE, label="x", text="hunter2 is a canary", tokens=1)
    ask(store, session, "a question with a canary", "canary answer", attachments=(secret,))
    fork = store.fork(session, shared.turn_id).session_id

    store.purge(session)

    assert store.turns(fork) == (shared,)
    assert store.search.find(parse_search("canary")) == []
    files = [path for path in store.path.parent.iterdir() if path.name.startswith("sessions")]
    assert not [path for path in files if b"canary" in path.read_bytes()]
    with pytest.raises(SessionStoreError):
        store.summary(session)
    store.purge(fork)
    assert store.sessions() == []
    assert b"shared words" not in store.path.read_bytes()


def test_old_sessions_are_purged_by_age(store: SessionStore) -> None:
    ask(store, store.create("/w").session_id, "?")

    assert store.purge_older_than(3600) == 0
    assert store.purge_older_than(-1) == 1
    assert store.sessions() == []


def test_text_that_no_encoding_holds_is_stored_all_the_same(store: SessionStore) -> None:
    session = store.create("/w").session_id
    odd = Attachment(kind=AttachmentKind.INPUT, label="\ud800", text="a\ud800\0b", tokens=1)

    turn = ask(store, session, "\udfff?", "\ud800", attachments=(odd,))

    assert store.turns(session) == (turn,)
    assert turn.question.text == "??"


def test_the_store_is_private(store: SessionStore) -> None:
    ask(store, store.create("/w").session_id, "?")

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
