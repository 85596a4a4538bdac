"""What the server does not do: load what `initialize` has no use for, or listen on a port."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from support.lsp_client import TESTS, LspClient

_LATER = (
    "httpx",
    "httpcore",
    "tree_sitter",
    "msgspec",
    "ollama",
    "sqlite3",
    "textual",
    "yaml",
    "fimble.prompt_files",
    "fimble.prompting",
    "fimble.syntax",
    "fimble.pipeline",
    "fimble.config.load",
    "fimble.engine.ollama",
    "fimble.engine.embedded",
)


async def test_what_initialize_does_not_need_is_not_imported(tmp_path: Path) -> None:
    """Start-up may cost 1.15 times a bare pygls server, whose own imports are nearly all of it."""
    code = "import sys, fimble_lsp.server; print(*sys.modules)"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS), "HOME": str(tmp_path)},
    )
    output, _ = await process.communicate()
    loaded = output.decode().split()

    assert "pygls.lsp.server" in loaded
    assert not [name for name in loaded if name.startswith(_LATER)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_t08_the_server_opens_no_port(editor: LspClient) -> None:
    """Every TCP or UDP socket of the system belongs to somebody else."""
    await editor.ask_and_ignore(await editor.open("x", language_id="plain"))
    process = Path(f"/proc/{editor.process.pid}")
    mine: set[str] = set()
    for link in (process / "fd").iterdir():
        with suppress(FileNotFoundError):  # Closed meanwhile.
            mine.add(str(link.readlink()))
    network = {
        f"socket:[{line.split()[9]}]"
        for table in ("tcp", "tcp6", "udp", "udp6")
        if (process / "net" / table).exists()
        for line in (process / "net" / table).read_text(encoding="ascii").splitlines()[1:]
    }

    assert not mine & network
