"""T15 in the chat: a key in what goes along reaches neither the model nor the store."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.chat_desk import at_desk
from support.chatting import conversing
from support.stub_ollama import Script, StubOllama

KEY = "ghp_" + "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3cD5"
SOURCE = f'TOKEN = "{KEY}"\n\n\ndef token_of_the_shop(token="{KEY}"):\n    return token\n'
DIFF = f"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+{SOURCE}"


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a key in an ordinary source file."""
    folder = tmp_path / "workspace"
    (folder / ".git").mkdir(parents=True)
    (folder / "src").mkdir()
    (folder / "src" / "keys.py").write_text(SOURCE)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def stub(monkeypatch, tmp_path, workspace):
    """A model server that the configuration leads to; its home is empty but for that."""
    for name in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    settings = tmp_path / "config" / "fimble" / "config.toml"
    settings.parent.mkdir(parents=True)
    with StubOllama(Script(answer=conversing({}))) as running:
        settings.write_text(f'[ollama]\nendpoint = "{running.url}"\n')
        yield running


def hold_that_it_stayed(stub: StubOllama, state: Path) -> None:
    """What went along arrived without the key, and was kept without it."""
    prompts = [each.prompt for each in stub.generations]
    assert any("[masked" in prompt or "masked:" in prompt for prompt in prompts), prompts
    assert not [prompt for prompt in prompts if KEY in prompt]
    kept = [path for path in state.rglob("*") if path.is_file()]
    assert kept
    assert not [path.name for path in kept if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    "asked",
    [
        (["What is this? @src/keys.py"], ""),
        (["What is this? @src/"], ""),
        (["What is this? @src/keys.py:1-2"], ""),
        (["-f", "src/keys.py", "What is this?"], ""),
        (["What is this? @token_of_the_shop @map"], ""),
        (["What is this?"], SOURCE),
        (["What is this?"], DIFF),
        (["/review"], DIFF),
    ],
)
def test_t15_fimble_ask(monkeypatch, capsys, stub, tmp_path, asked):
    arguments, piped = asked
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped.encode())))

    assert main(["ask", *arguments]) == ExitCode.OK, capsys.readouterr().err
    hold_that_it_stayed(stub, tmp_path / "state")


def test_t15_the_plain_chat(monkeypatch, capsys, stub, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("What is this? @src/keys.py\nAnd? @src/\n"))

    assert main(["chat", "--plain"]) == ExitCode.OK
    assert "2 secrets masked" in capsys.readouterr().err
    hold_that_it_stayed(stub, tmp_path / "state")


async def test_t15_the_screen(tmp_path, workspace):
    async with at_desk(tmp_path) as desk:
        await desk.ask("What is this? @src/keys.py ")
        await desk.chat.shows("2 secrets masked")

        hold_that_it_stayed(desk.stub, tmp_path / "state")
