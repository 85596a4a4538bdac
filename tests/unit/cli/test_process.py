"""`fimble` as a process: signals, pipes, terminals, and no stack trace whatever happens."""

import os
import re
import signal
import subprocess
import sys

import pytest

from support.stub_ollama import Script, StubOllama, faults, fixed

FIMBLE = [sys.executable, "-m", "fimble_cli"]

posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


@posix_only
def test_ctrl_c_ends_quietly_with_130(source, configure):
    with StubOllama() as stub:
        configure(f'[ollama]\nendpoint = "{stub.url}"\n')
        stub.inject(faults.hang())
        process = subprocess.Popen(
            [*FIMBLE, "complete", f"{source}:15:8"], stderr=subprocess.PIPE, text=True
        )
        stub.wait_until(lambda _: bool(stub.generations))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in errors


def test_a_reader_that_goes_away_is_no_error_message(home):
    del home
    process = subprocess.Popen(
        [*FIMBLE, "config", "--schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait(timeout=30) == 141
    process.stderr.close()


def test_output_is_utf8_whatever_the_locale_says(source, configure):
    configure("")
    source.write_text('first = "größe 変数 👍"\nsecond = "größe 変数 👍"\nthird = "gr', "utf-8")

    done = subprocess.run(
        [*FIMBLE, "complete", f"{source}:3:12", "--engine", "embedded"],
        check=True,
        capture_output=True,
        env=os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )

    assert done.stdout.decode() == 'öße 変数 👍"\n'


@posix_only
def test_t10_a_terminal_sees_the_excerpt_and_no_foreign_escape(source, configure):
    import pty  # noqa: PLC0415

    source.write_text("title = '\x1b]0;owned\x07'\n" + source.read_text())
    with StubOllama(Script(answer=fixed("ger.info()\n"))) as stub:
        configure(f'[ollama]\nendpoint = "{stub.url}"\n')
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "rb", buffering=0) as terminal:
            done = subprocess.run(
                [*FIMBLE, "complete", f"{source}:16:8"],
                check=True,
                stdout=theirs,
                stderr=theirs,
                env=os.environ | {"TERM": "xterm"},
            )
            os.close(theirs)
            shown = _read_all(terminal)

    assert done.returncode == 0
    assert "16 │     log\x1b[2mger.info()\x1b[22m" in shown
    assert re.findall(r"\x1b[^m]*m", shown) == ["\x1b[2m", "\x1b[22m"]
    assert shown.count("\x1b") == 2


def _read_all(terminal) -> str:
    data = b""
    while True:
        try:
            block = terminal.read(65536)
        except OSError:  # Linux ends a terminal's last read with EIO.
            break
        if not block:
            break
        data += block
    return data.decode()
