"""The log goes where the user wants it, as loud as wanted, and never holds the text."""

from __future__ import annotations

import json
from pathlib import Path

from support.lsp_client import GHOST_TEXT, running_server

_REAL_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")


async def _serve_once(home: Path, log: dict[str, str | bool]) -> bytes:
    """Open a document through a server with these log settings; return its stderr."""
    async with running_server(_REAL_SERVER, home=home) as client:
        await client.initialize(
            GHOST_TEXT, initializationOptions={"engine": {"kind": "embedded"}, "log": log}
        )
        await client.notification("fimble/status", state="embedded")
        await client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///canary"}})
        await client.settle()
        await client.shut_down()
        return client.stderr


async def test_a_file_takes_the_log(tmp_path: Path) -> None:
    file = tmp_path / "fimble.log"
    stderr = await _serve_once(tmp_path, {"file": str(file), "level": "warning"})

    assert "fimble warning" in file.read_text(encoding="utf-8")
    assert b"warning" not in stderr


async def test_only_what_is_important_enough_is_written(tmp_path: Path) -> None:
    file = tmp_path / "fimble.log"
    await _serve_once(tmp_path, {"file": str(file), "level": "error"})

    assert file.read_text(encoding="utf-8") == ""


async def test_a_file_that_cannot_be_written_is_told_and_the_log_stays(tmp_path: Path) -> None:
    stderr = await _serve_once(tmp_path, {"file": str(tmp_path / "none" / "x.log")})

    assert b"log.file" in stderr
    assert b"Traceback" not in stderr


async def test_t16_warnings_are_kept_as_json_and_hold_no_text(tmp_path: Path) -> None:
    await _serve_once(tmp_path, {"level": "warning"})
    [text] = _kept(tmp_path)
    records = [json.loads(line) for line in text.splitlines()]

    assert {record["level"] for record in records} == {"warning"}
    assert all(record["message"].startswith("fimble warning: ") for record in records)
    assert "canary" not in text


async def test_nothing_is_kept_where_the_user_does_not_want_it(tmp_path: Path) -> None:
    await _serve_once(tmp_path, {"level": "warning", "keep": False})

    assert _kept(tmp_path) == []


def _kept(home: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in home.glob("**/log/server-*.jsonl")]
