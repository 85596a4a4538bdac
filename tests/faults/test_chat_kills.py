"""F21 through the real commands: killed while an answer streams, the store stays whole."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest

from fimble.chat.transcript import AnswerState
from fimble.history.sessions.session_store import SessionStore
from support.chatting import conversing
from support.stub_ollama import Script, StubOllama, Timing

ASK_KILLS = 40
PLAIN_KILLS = 10
AHEAD = 3000
"""Characters; the model writes 1,500 to 2,000 a second, the journal four times a second."""
WORDS = " ".join(f"word{number}" for number in range(3000))

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX"),
    pytest.mark.timeout(600),
]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A slow model, and a home whose settings lead to it."""
    timing = Timing(per_generated_token_s=0.004)
    with StubOllama(Script(answer=conversing(lambda _: WORDS), timing=timing)) as stub:
        folder = tmp_path / "config" / "fimble"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(f'[ollama]\nendpoint = "{stub.url}"\n')
        (tmp_path / "workspace").mkdir()
        yield os.environ | {
            "HOME": str(tmp_path / "home"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }


def killed(
    words: list[str], environment: dict[str, str], folder: Path, *, pieces: int, typed: bytes = b""
) -> str:
    """Run a command, kill it when so many bytes of its answer came; returns what it had printed."""
    command = [sys.executable, "-m", "fimble_cli", *words]
    with Popen(
        command,
        stdin=PIPE if typed else DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env=environment,
        cwd=folder,
    ) as process:
        assert process.stdout is not None
        if process.stdin is not None:
            process.stdin.write(typed)
            process.stdin.flush()
        printed = b""
        while b"word" not in printed or len(printed) < pieces:
            read = os.read(process.stdout.fileno(), 4096)
            assert read, f"It ended by itself: {printed!r}"
            printed += read
        process.send_signal(signal.SIGKILL)
        printed += process.stdout.read()
    return printed.decode("utf-8", "replace")


def test_f21_fifty_kills_while_answers_stream_keep_the_store_and_what_came(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    draw = random.Random(521)
    folder = tmp_path / "workspace"
    asked: list[str] = []
    for number in range(ASK_KILLS):
        go_on = ["-c"] if number else []
        words = ["ask", *go_on, f"Question {number}?"]
        asked.append(killed(words, environment, folder, pieces=draw.randint(1, 900)))
    for number in range(PLAIN_KILLS):
        typed = f"Plain {number}?\n".encode()
        killed(["chat", "--plain"], environment, folder, pieces=draw.randint(1, 900), typed=typed)

    path = tmp_path / "state" / "fimble" / "sessions.sqlite3"
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with SessionStore(path) as store:
        turns = {
            turn.question.text: turn.answer
            for session in store.sessions()
            for turn in store.turns(session.session_id)
        }
    assert len(turns) == ASK_KILLS + PLAIN_KILLS
    assert {answer.state for answer in turns.values()} == {AnswerState.CUT}
    assert all(WORDS.startswith(answer.text) for answer in turns.values())
    for number, printed in enumerate(asked):
        kept = turns[f"Question {number}?"].text
        shown = printed.strip()
        # What is shown is ahead of what is kept by one interval of the journal, and by what the
        # pipe held: so much text comes in between when the process is held up for long.
        assert len(kept) >= len(shown) - AHEAD
        assert WORDS.startswith(shown)
