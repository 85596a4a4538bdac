"""`fimble chat --list`, `--export`, `--purge`."""

import json
from argparse import Namespace

import pytest

from fimble.chat.transcript import Answer, AnswerState, Question
from fimble.history.sessions.session_file import default_path
from fimble.history.sessions.session_store import SessionStore
from fimble_cli.main import main


@pytest.fixture
def stored(home, workspace, monkeypatch) -> Namespace:
    """Two sessions, one of them of this folder."""
    del home
    monkeypatch.chdir(workspace)
    with SessionStore(default_path()) as store:
        numbers = []
        for folder in (str(workspace.resolve()), "/src/other"):
            session = store.create(folder).session_id
            turn = store.begin_turn(session, Question(text=f"\x1b[2JIn {folder}?"), parent=None)
            store.end_turn(turn.turn_id, Answer(text="So.", state=AnswerState.FINISHED))
            numbers.append(session)
    return Namespace(here=numbers[0], other=numbers[1])


@pytest.fixture
def workspace(tmp_path):
    """A folder that is a workspace."""
    folder = tmp_path / "work"
    (folder / ".git").mkdir(parents=True)
    return folder


def test_this_folders_sessions_are_listed(capsys, stored):
    assert main(["chat", "--list"]) == 0
    out = capsys.readouterr().out

    assert f"{stored.here:>5}  " in out
    assert "other" not in out
    assert "\x1b" not in out


def test_those_of_all_folders_too_and_as_json(capsys, stored):
    assert main(["chat", "--list", "--all"]) == 0
    assert "/src/other" in capsys.readouterr().out

    assert main(["chat", "--list", "--all", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["session_id"] for each in found} == {stored.here, stored.other}


def test_a_session_is_exported_to_stdout_or_a_new_file(capsys, stored, workspace):
    assert main(["chat", "--export", str(stored.here), "json"]) == 0
    assert json.loads(capsys.readouterr().out)["turns"][0]["answer"] == "So."

    assert main(["chat", "--export", str(stored.here), "md", "talk.md"]) == 0
    assert "So." in (workspace / "talk.md").read_text()
    assert main(["chat", "--export", str(stored.here), "md", "talk.md"]) == 2
    assert "there already" in capsys.readouterr().err


def test_a_session_is_deleted_only_on_purpose(capsys, stored):
    assert main(["chat", "--purge", str(stored.other)]) == 2
    assert "--yes" in capsys.readouterr().err

    assert main(["chat", "--purge", str(stored.other), "--yes"]) == 0
    with SessionStore(default_path()) as store:
        assert [each.session_id for each in store.sessions()] == [stored.here]

    assert main(["chat", "--purge", "0d", "--yes"]) == 0
    with SessionStore(default_path()) as store:
        assert store.sessions() == []


@pytest.mark.parametrize(
    "words",
    [["--export", "x", "md"], ["--export", "1"], ["--purge", "soon"], ["--export", "1", "pdf"]],
)
def test_mistakes_are_sentences(capsys, stored, words):
    del stored
    assert main(["chat", *words]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_session_that_is_not_there_is_a_sentence(capsys, stored):
    del stored
    assert main(["chat", "--export", "99", "md"]) == 2
    assert "no session 99" in capsys.readouterr().err


def test_without_any_session_that_is_said(capsys, home, workspace, monkeypatch):
    del home
    monkeypatch.chdir(workspace)

    assert main(["chat", "--list"]) == 1
    assert "no session is stored yet" in capsys.readouterr().err
