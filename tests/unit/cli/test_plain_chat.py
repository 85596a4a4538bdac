"""The plain chat: questions in, turns out, into whatever scrollback there is."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.chatting import conversing
from support.stub_ollama import Script, StubOllama

FIX = "Use this:\n\n```python shop.py\ndef total():\n    return 2\n```\n"
REPLIES = {"Hello?": "Hi there.", "Again?": "Again.", "Fix it": FIX, "two\nlines": "Both."}


@pytest.fixture(autouse=True)
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop.py").write_text("def total():\n    return 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def talk(monkeypatch, capsys, configure):
    """Type lines into the plain chat and return what it printed on stdout and stderr."""
    with StubOllama(Script(answer=conversing(REPLIES))) as stub:
        configure(f'[ollama]\nendpoint = "{stub.url}"\n')

        def typed(*lines: str, arguments: tuple[str, ...] = ()) -> tuple[str, str]:
            text = "".join(f"{line}\n" for line in lines)
            monkeypatch.setattr(sys, "stdin", io.StringIO(text))
            assert main(["chat", "--plain", *arguments]) == ExitCode.OK
            return capsys.readouterr()

        yield typed


def test_questions_are_answered_in_order(talk) -> None:
    out, _ = talk("Hello?", "", "two\\", "lines", "Again?")

    assert out.index("Hi there.\n") < out.index("Both.\n") < out.index("Again.\n")


def test_a_conversation_goes_on_where_it_was_left(talk) -> None:
    talk("Hello?", "/name Greetings")
    out, _ = talk("/sessions", "/again", arguments=("--resume",))

    assert "Greetings  (1 turns)" in out
    assert "Hi there.\n" in out


def test_a_block_is_shown_as_hunks_written_when_told_so_and_taken_back(
    talk, workspace: Path
) -> None:
    out, _ = talk("@shop.py Fix it", "/apply", "no")
    assert "-    return 1\n+    return 2\n" in out
    assert (workspace / "shop.py").read_text() == "def total():\n    return 1\n"

    talk("Fix it", "/apply 1 shop.py", "yes")
    assert (workspace / "shop.py").read_text() == "def total():\n    return 2\n"

    out, _ = talk("/undo", arguments=("--resume",))
    assert "shop.py is what it was." in out
    assert (workspace / "shop.py").read_text() == "def total():\n    return 1\n"


def test_t03_a_protected_file_wants_its_path_typed(talk, workspace: Path) -> None:
    out, _ = talk("Fix it", "/apply 1 .vscode/tasks.json", "yes")

    assert "Type the whole path" in out
    assert not (workspace / ".vscode").exists()


def test_what_cannot_be_done_is_a_sentence_and_the_chat_goes_on(talk) -> None:
    out, err = talk("/nothere", "/undo", "@missing.py why?", "/resume x", "/apply", "Hello?")

    for said in ("no command or prompt /nothere", "@missing.py", "Which one?", "Nothing was asked"):
        assert said in err
    assert "Hi there.\n" in out


def test_it_is_exported_once(talk, workspace: Path) -> None:
    _, err = talk("Hello?", "/export md talk.md", "/export md talk.md", "/export html talk.html")

    assert "Hi there." in (workspace / "talk.md").read_text()
    assert "<!doctype html>" in (workspace / "talk.html").read_text()
    assert "is there already" in err


def test_help_names_every_command(talk) -> None:
    from fimble_cli.plain_chat.commands import COMMANDS  # noqa: PLC0415

    out, _ = talk("/help", "/tokens", "/think on", "/model", "/quit", "never read")
    assert all(f"/{command.name}" in out for command in COMMANDS)
    assert "of 16,384 tokens" in out
    assert "Thinking is on." in out
