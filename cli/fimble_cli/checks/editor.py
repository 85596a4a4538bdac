"""The check that an editor would make: the language server is started and completes once.

With the embedded engine, so that nothing is loaded and no model is asked.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Final

from fimble.errors import FimbleError
from fimble_cli.bench.lsp_pipe import Json, LspPipe
from fimble_cli.checks.finding import Finding, ok, problem

_COMMAND: Final = (sys.executable, "-m", "fimble_cli", "lsp")
_URI: Final = "untitled:doctor.py"
_TEXT: Final = "first_value = 1\nsecond_value = first_value\nthird_value = first_v"
_ENGINE: Final[Json] = {"engine": {"kind": "embedded"}, "embedded": {"enabled": True}}


async def check_editor() -> Finding:
    """Start the server as an editor does, open a document, ask for ghost text, and end it."""
    check = "editor"
    began = time.perf_counter()
    try:
        pipe = await LspPipe.start(_COMMAND)
    except OSError as error:
        return problem(check, f"The language server could not be started: {error.strerror}.")
    try:
        started_s, answered_s = await _complete_once(pipe, began)
    except FimbleError as error:
        return problem(check, error.sentence, error.hint or "fimble bugreport")
    finally:
        await pipe.end()
    return ok(
        check,
        f"The language server was there after {started_s:.1f} s and answered a request for ghost "
        f"text in {answered_s * 1000:.0f} ms.",
    )


async def _complete_once(pipe: LspPipe, began: float) -> tuple[float, float]:
    hello: Json = {
        "processId": os.getpid(),
        "rootUri": None,
        "capabilities": {"textDocument": {"inlineCompletion": {}}},
        "initializationOptions": _ENGINE,
    }
    await pipe.request("initialize", hello)
    pipe.notify("initialized", {})
    started_s = time.perf_counter() - began
    item = {"uri": _URI, "languageId": "python", "version": 1, "text": _TEXT}
    pipe.notify("textDocument/didOpen", {"textDocument": item})
    lines = _TEXT.split("\n")
    asked = time.perf_counter()
    await pipe.request(
        "textDocument/inlineCompletion",
        {
            "textDocument": {"uri": _URI},
            "position": {"line": len(lines) - 1, "character": len(lines[-1])},
            "context": {"triggerKind": 1},
        },
    )
    return started_s, time.perf_counter() - asked
