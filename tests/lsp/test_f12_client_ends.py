"""F12: the server ends with its client, within two seconds, whatever it is doing."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from fimble_lsp.client_watch import client_gone
from support.lsp_client import TESTS, LspClient, frame, running_server

_LIMIT_S = 2.0
_SLACK_S = 15.0
"""For a machine that is busy with other tests; a server that does not end by itself never ends."""


async def _hanging_request(client: LspClient, language_id: str) -> None:
    buffer = await client.open("", language_id=language_id)
    await client.begin("textDocument/inlineCompletion", client.inline_params(buffer))
    await client.notification("fimble/status", message="hanging 1")


@pytest.mark.parametrize("language_id", ["hang", "linger"])
async def test_f12_end_of_input_ends_the_server_and_its_work(
    editor: LspClient, language_id: str
) -> None:
    await _hanging_request(editor, language_id)
    began = time.monotonic()
    assert editor.process.stdin is not None
    editor.process.stdin.close()
    code = await editor.exit_code()

    assert code == 1
    assert time.monotonic() - began < _LIMIT_S + _SLACK_S
    assert any(m["params"]["message"] == "cancelled 1" for m in editor.notifications)


async def test_f12_end_of_input_after_shutdown_ends_with_0(editor: LspClient) -> None:
    await editor.request("shutdown")
    assert editor.process.stdin is not None
    editor.process.stdin.close()

    assert await editor.exit_code() == 0


async def test_f12_the_end_of_the_named_process_ends_the_server(client: LspClient) -> None:
    """Another process may hold the pipe open, so its end alone is not enough."""
    stand_in = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    await client.initialize(processId=stand_in.pid)
    await client.notification("fimble/status", state="ready")
    await _hanging_request(client, "hang")
    stand_in.kill()
    await stand_in.wait()
    began = time.monotonic()

    assert await client.exit_code() == 1
    assert time.monotonic() - began < _LIMIT_S + _SLACK_S


async def test_f12_a_process_that_was_never_there_is_not_waited_for() -> None:
    """An editor outside a container names its process by a number that means nothing inside."""
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
    await gone.wait()

    for process_id in (None, 0, -1, gone.pid, 2**70):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client_gone(process_id), 0.01)


_CLIENT_THAT_IS_KILLED = """
import subprocess, sys, time
server = subprocess.Popen([sys.executable, "-m", "support.lsp_entry"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)
print(server.pid, flush=True)
server.stdin.write({opening!r}); server.stdin.flush()
server.stdout.read(1)
print("answered", flush=True)
time.sleep(600)
"""


async def test_f12_a_client_killed_in_the_middle_leaves_no_orphan(tmp_path: Path) -> None:
    opening = frame(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {"processId": None, "capabilities": {}},
        }
    )
    client = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _CLIENT_THAT_IS_KILLED.format(opening=opening),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS), "HOME": str(tmp_path)},
    )
    assert client.stdout is not None
    server_pid = int(await client.stdout.readline())
    assert await client.stdout.readline() == b"answered\n"
    client.kill()
    await client.wait()
    began = time.monotonic()
    while _is_running(server_pid) and time.monotonic() - began < 10:  # noqa: ASYNC110
        await asyncio.sleep(0.02)  # The child of another process cannot be awaited.

    assert time.monotonic() - began < _LIMIT_S + _SLACK_S


def _is_running(pid: int) -> bool:
    """Whether a process is there and not merely a name that nobody has collected yet."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def test_f12_input_from_a_regular_file_is_served(tmp_path: Path) -> None:
    """The event loop cannot watch a file, nor an anonymous pipe on Windows: a thread reads."""
    script = tmp_path / "session"
    script.write_bytes(
        frame(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "initialize",
                "params": {"processId": None, "capabilities": {}},
            }
        )
        + frame({"jsonrpc": "2.0", "id": 2, "method": "shutdown"})
        + frame({"jsonrpc": "2.0", "method": "exit"})
    )
    with script.open("rb") as stream:
        server = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "support.lsp_entry",
            stdin=stream,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TESTS), "HOME": str(tmp_path)},
        )
        output, errors = await server.communicate()

    assert server.returncode == 0
    assert output.count(b'"result"') == 2
    assert errors == b""


async def test_f12_a_stray_print_does_not_reach_the_protocol(tmp_path: Path) -> None:
    """Descriptor 1 belongs to nobody any more; what is written there ends up on stderr."""
    code = (
        "import os, sys\n"
        "from fimble_lsp.server import serve\n"
        "class Factory:\n"
        "    def load(self):\n"
        "        print('stray'); os.write(1, b'raw'); raise OSError\n"
        "sys.exit(serve(Factory()))\n"
    )
    async with running_server(("-c", code), home=tmp_path) as client:
        await client.initialize()
        await client.notification("fimble/status", state="failing")

        assert await client.shut_down() == 0
    assert b"stray" in client.stderr
    assert b"raw" in client.stderr
    assert b"stray" not in client.stdout
