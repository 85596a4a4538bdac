"""`fimble ask`: one answer for a person, a pipe or a script, against a stub Ollama."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import threading

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.chatting import conversing
from support.stub_ollama import Script, StubOllama, faults

CODE = "Use this:\n\n```python\nimport re\n```\n\nIt works.\n"
REPLIES = {"Hello?": "Hi there.", "code?": CODE, "again?": "Again.", "empty?": "No code."}
DIFF = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n"


def reply(message: str) -> str:
    return next((it for asked, it in REPLIES.items() if message.endswith(asked)), "Reviewed.")


@pytest.fixture(autouse=True)
def workspace(monkeypatch, tmp_path):
    """A folder with one file; nothing is piped in."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop.py").write_text("def total():\n    return 1\n")
    (tmp_path / ".env").write_text("TOKEN=canary\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    pipe(monkeypatch, "")
    return tmp_path


@pytest.fixture
def stub(configure):
    with StubOllama(Script(answer=conversing(reply))) as running:
        configure(f'[ollama]\nendpoint = "{running.url}"\n')
        yield running


def pipe(monkeypatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def asked(stub) -> str:
    """Return the last user message that the model saw."""
    return (
        stub.generations[-1].prompt.rpartition("<|im_start|>user\n")[2].partition("<|im_end|>")[0]
    )


def test_the_answer_is_all_that_goes_to_stdout(capsys, stub):
    assert main(["ask", "Hello?"]) == ExitCode.OK

    captured = capsys.readouterr()
    assert captured.out == "Hi there.\n"
    assert captured.err == "fimble: `qwen3.6:27b` is being loaded; the answer follows.\n"
    assert stub.reloads == 0


def test_a_mentioned_file_goes_along_and_one_that_is_secret_or_missing_stops_it(capsys, stub):
    assert main(["ask", "@shop.py:1 Hello?"]) == ExitCode.OK
    assert "`shop.py:1-1`:\n\n```python\ndef total():\n```" in asked(stub)
    sent = len(stub.generations)

    assert main(["ask", "@.env Hello?"]) == ExitCode.USAGE
    assert "file of secrets" in capsys.readouterr().err
    assert main(["ask", "@nothere.py Hello?"]) == ExitCode.USAGE
    assert "@nothere.py" in capsys.readouterr().err
    assert main(["ask", "@../../etc/passwd Hello?"]) == ExitCode.USAGE
    assert len(stub.generations) == sent


def test_an_option_attaches_a_file_whatever_its_name(workspace, stub):
    (workspace / "my file.py").write_text("x = 1\n")

    assert main(["ask", "-f", "my file.py", "Hello?"]) == ExitCode.OK
    assert "`my file.py`" in asked(stub)


def test_a_piped_diff_is_reviewed_by_the_prompt_that_the_first_word_names(
    monkeypatch, stub, capsys
):
    pipe(monkeypatch, DIFF)

    assert main(["ask", "@review"]) == ExitCode.OK

    assert capsys.readouterr().out == "Reviewed.\n"
    assert "```diff\ndiff --git a/a.py" in asked(stub)
    assert "You review code." in stub.generations[-1].prompt


def test_text_that_is_piped_in_is_attached(monkeypatch, stub):
    pipe(monkeypatch, "Traceback: boom\n")

    assert main(["ask", "Hello?"]) == ExitCode.OK
    assert "`standard input`" in asked(stub)
    assert "Traceback: boom" in asked(stub)


def test_code_only_prints_the_first_block_and_nothing_else(capsys, stub):
    assert main(["ask", "-x", "code?"]) == ExitCode.OK
    assert capsys.readouterr().out == "import re\n"

    assert main(["ask", "-x", "empty?"]) == ExitCode.NOTHING_FOUND
    captured = capsys.readouterr()
    assert (captured.out, "no code block" in captured.err) == ("", True)


def test_json_holds_the_answer_and_what_replays_it(capsys, stub):
    assert main(["ask", "--json", "@shop.py", "Hello?"]) == ExitCode.OK

    shown = json.loads(capsys.readouterr().out)
    assert shown["answer"] == "Hi there."
    assert shown["state"] == "finished"
    assert re.fullmatch("sha256:[0-9a-f]{64}", shown["prompt_digest"])
    assert [it["label"] for it in shown["attachments"]] == ["shop.py"]
    assert shown["prompt_tokens"] > 0


def test_continuing_goes_on_in_the_newest_conversation_of_this_folder(capsys, stub, workspace):
    assert main(["ask", "-c", "again?"]) == ExitCode.USAGE
    assert "no conversation in this folder" in capsys.readouterr().err

    main(["ask", "Hello?"])
    assert main(["ask", "-c", "again?"]) == ExitCode.OK
    assert "Hi there." in stub.generations[-1].prompt

    main(["ask", "--no-store", "Hello?"])
    assert main(["ask", "-c", "again?"]) == ExitCode.OK
    assert stub.generations[-1].prompt.count("Hello?") == 1


@pytest.mark.usefixtures("no_ollama")
def test_without_a_server_it_fails_at_once_with_one_line(capsys):
    assert main(["ask", "Hello?"]) == ExitCode.ENGINE

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("fimble: Ollama does not answer at ")
    assert captured.err.count("\n") == 1


def test_a_missing_model_says_how_to_get_it(capsys, stub):
    assert main(["ask", "-m", "nothere:1b", "Hello?"]) == ExitCode.ENGINE
    assert "ollama pull nothere:1b" in capsys.readouterr().err


def test_a_broken_answer_prints_what_came_and_is_no_success(capsys, stub):
    stub.inject(faults.InStream(name="reset", after_tokens=1, action="reset"))

    assert main(["ask", "Hello?"]) == ExitCode.ENGINE
    captured = capsys.readouterr()
    assert "Hi there.".startswith(captured.out.strip())
    assert captured.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "there is no question"),
        (["--input", "a=b", "Hello?"], "--input belongs to a prompt"),
        (["/nothere", "x"], "nothere"),
        (["-f", "nothere", "x"], "there is no file nothere"),
        (["-m", "x:1t-cloud", "Hello?"], "cloud"),
    ],
)
def test_mistakes_are_sentences(capsys, stub, arguments, said):
    assert main(["ask", *arguments]) in {ExitCode.USAGE, ExitCode.ENGINE}
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
    assert stub.generations == []


def test_t10_an_answer_cannot_drive_the_terminal(stub, workspace):
    """Through a real terminal: escapes of the model's come out as visible characters."""
    hostile = "a\x1b]52;c;aGk=\x07b\x9b2Jc\x1b[2J\u202ed"
    stub.answer_with(conversing({"Hello?": hostile}))
    leader, follower = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "fimble_cli", "ask", "Hello?"],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=subprocess.DEVNULL,
        cwd=workspace,
    )
    os.close(follower)
    seen = bytearray()

    def read() -> None:
        try:
            while chunk := os.read(leader, 4096):
                seen.extend(chunk)
        except OSError:
            return

    reader = threading.Thread(target=read)
    reader.start()
    assert process.wait(timeout=60) == ExitCode.OK
    reader.join(timeout=10)
    os.close(leader)
    text = seen.decode()
    assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert text.startswith("a")


def test_asking_loads_no_screen():
    code = "import sys, fimble_cli.commands.ask, fimble_cli.one_answer; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {it.partition(".")[0] for it in done.stdout.split()} & {"textual", "rich", "pygls"}
