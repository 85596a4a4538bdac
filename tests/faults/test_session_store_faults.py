"""F20 to F23 for the chat's store: full, killed, broken, newer, shared."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from fimble.chat.transcript import Answer, AnswerState, Question
from fimble.errors import SessionStoreError, SessionStoreTooNew
from fimble.history.sessions.session_store import SessionStore

KILLS = 50

WRITER = """
import sys
from pathlib import Path
from fimble.chat.transcript import Answer, AnswerState, Question
from fimble.history.sessions.session_store import SessionStore

with SessionStore(Path(sys.argv[1])) as store:
    session = int(sys.argv[2])
    while True:
        turn = store.begin_turn(session, Question(text="?"), parent=store.summary(session).head)
        print("begun", turn.turn_id, flush=True)
        text = ""
        for number in range(20):
            text += f"{number},"
            store.journal(turn.turn_id, answer=f"{number},")
            print("piece", turn.turn_id, text, flush=True)
        store.end_turn(turn.turn_id, Answer(text=text, state=AnswerState.FINISHED))
        print("ended", turn.turn_id, text, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_f21_fifty_kills_while_streaming_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with SessionStore(path) as store:
        session = store.create("/w").session_id
    acknowledged: dict[int, tuple[str, str]] = {}
    draw = random.Random(21)
    for _ in range(KILLS):
        with Popen([sys.executable, "-c", WRITER, str(path), str(session)], stdout=PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(draw.randint(1, 60)):
                _note(acknowledged, writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            for line in writer.stdout:
                if line.endswith(b"\n"):
                    _note(acknowledged, line)

    with SessionStore(path) as store:
        turns = {turn.turn_id: turn.answer for turn in store.turns(session)}
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert acknowledged.keys() <= turns.keys()
    for turn_id, (event, text) in acknowledged.items():
        assert turns[turn_id].text.startswith(text)
        if event == "ended":
            assert turns[turn_id].state is AnswerState.FINISHED
    assert {answer.state for answer in turns.values()} <= {AnswerState.FINISHED, AnswerState.CUT}


def _note(acknowledged: dict[int, tuple[str, str]], line: bytes) -> None:
    event, turn_id, *text = line.decode().split()
    acknowledged[int(turn_id)] = (event, text[0] if text else "")


@pytest.mark.skipif(os.name == "nt", reason="RLIMIT_FSIZE is POSIX")
def test_f20_a_full_disk_is_an_error_and_what_was_stored_stays_readable(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415

    with SessionStore(tmp_path / "s.sqlite3") as store:
        session = store.create("/w").session_id
        kept = store.begin_turn(session, Question(text="kept"), parent=None)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
        try:
            with pytest.raises(SessionStoreError, match="could not be written"):
                store.begin_turn(session, Question(text="x" * 500_000), parent=kept.turn_id)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)

        assert store.turns(session) == (kept,)
        assert store.begin_turn(session, Question(text="later"), parent=kept.turn_id)


def test_f20_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(SessionStoreError, match="could not be opened"):
        SessionStore(tmp_path / "file" / "s.sqlite3")


@pytest.mark.parametrize(
    "garbage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_f22_a_broken_store_is_moved_aside_and_a_new_one_begun(
    tmp_path: Path, garbage: bytes
) -> None:
    path = tmp_path / "s.sqlite3"
    path.write_bytes(garbage)

    with SessionStore(path) as store:
        assert store.moved_aside is not None
        assert store.moved_aside.read_bytes() == garbage
        assert store.create("/w")


def test_f22_a_database_with_broken_pages_is_moved_aside(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with SessionStore(path) as store:
        session = store.create("/w").session_id
        for number in range(50):
            store.begin_turn(session, Question(text=f"{number}" * 500), parent=None)
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 30] = b"\xa5" * (4096 * 27)
    path.write_bytes(content)

    with SessionStore(path) as store:
        assert store.moved_aside is not None
        assert store.sessions() == []


def test_f22_a_newer_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    SessionStore(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()

    with pytest.raises(SessionStoreTooNew, match="format 99"):
        SessionStore(path)
    assert path.read_bytes() == before


def test_f23_eight_writers_and_two_that_migrate_lose_no_turn(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"

    def write(_: int) -> None:
        with SessionStore(path) as store:
            session = store.create("/w").session_id
            for number in range(5):
                turn = store.begin_turn(
                    session, Question(text=str(number)), parent=store.summary(session).head
                )
                store.journal(turn.turn_id, answer="a")
                store.end_turn(turn.turn_id, Answer(text="a", state=AnswerState.FINISHED))

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(10)))

    with SessionStore(path) as store:
        assert [each.turns for each in store.sessions()] == [5] * 10
