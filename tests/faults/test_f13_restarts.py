"""F13: a server that is killed and started again knows what its client tells it, and completes.

How often it is started again is the client's decision: `extension/test/unit/crashes.test.ts`, and
in a real VS Code `extension/e2e/ui/lifecycle.ts`.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from support.lsp_client import GHOST_TEXT, running_server
from support.stub_ollama import Oracle, Script, StubOllama

SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
WHOLE = "def area(width, height):\n    return width * height\n"
BEGUN = WHOLE.replace(" * height\n", "")
"""As it stands in the editor: it was never saved."""
KILLS = 5


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
async def test_f13_killed_five_times_it_completes_the_unsaved_text_each_time(
    tmp_path: Path,
) -> None:
    with StubOllama(Script(answer=Oracle(targets=(WHOLE,)))) as stub:
        settings = {"engine": {"kind": "ollama"}, "ollama": {"endpoint": stub.url}}
        for _ in range(KILLS):
            async with running_server(SERVER, home=tmp_path) as client:
                await client.initialize(GHOST_TEXT, initializationOptions=settings)
                await client.notification("fimble/status", state="ready")
                buffer = await client.open(BEGUN)
                buffer.cursor = len(BEGUN)
                [item] = await client.ghost(buffer)
                assert item["insertText"].endswith(" * height")
                os.kill(client.process.pid, signal.SIGKILL)
                assert await client.exit_code() == -signal.SIGKILL

        # What a killed server had asked for is given up: no request keeps the model's slot.
        stub.wait_until(lambda _: all(it.outcome != "open" for it in stub.generations))
