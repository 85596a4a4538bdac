"""F27: a long day of typing leaves memory, descriptors and tasks as they were.

Hours are compressed: the model answers at once, and a key follows the answer to the last one.
`FIMBLE_SOAK_ROUNDS=100000 uv run pytest tests/faults/test_f27_soak.py --timeout=0` is a long one.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path
from typing import Final

import pytest

from support.lsp_buffer import EditorBuffer
from support.lsp_client import GHOST_TEXT, LspClient, running_server
from support.stub_ollama import Script, StubOllama, fixed

_REAL_SERVER: Final = (
    "-c",
    "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())",
)
_ROUNDS: Final = int(os.environ.get("FIMBLE_SOAK_ROUNDS", "400"))
"""Keys of each of the parts: one to warm up, and two that are compared."""
_MOST_GROWTH: Final = 1.05
_LINES: Final = ("total = sum(items)", "if total > 3:", "    return total", "name = items[0].name")
_KEPT_CONNECTIONS: Final = 2
_DOCUMENTS: Final = tuple(f"file:///work/file_{number}.py" for number in range(3))


def _resident(process_id: int) -> int:
    """Return the pages in memory that belong to the process alone."""
    _, resident, shared, *_ = Path(f"/proc/{process_id}/statm").read_text().split()
    return int(resident) - int(shared)


def _descriptors(process_id: int) -> int:
    return sum(1 for _ in Path(f"/proc/{process_id}/fd").iterdir())


async def _type(editor: LspClient, buffers: list[EditorBuffer], choose: random.Random) -> None:
    """Type into several documents and ask at every key; begin a document anew when it is long."""
    for _ in range(_ROUNDS):
        buffer = choose.choice(buffers)
        if len(buffer.text) > 2_000:
            await editor.change(buffer, buffer.replace(0, len(buffer.text), "def f(items):\n    "))
        line = choose.choice(_LINES)
        if choose.random() < 0.2:
            await editor.type(buffer, "\n    ")
        await editor.type(buffer, line[choose.randrange(len(line))])
        id_ = await editor.begin("textDocument/inlineCompletion", editor.inline_params(buffer))
        await editor.answer(id_)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.timeout(240)
async def test_f27_typing_on_and_on_leaves_memory_and_descriptors_flat(tmp_path: Path) -> None:
    with StubOllama(Script(answer=fixed("sum(item.price for item in items)\n"))) as stub:
        async with running_server(_REAL_SERVER, home=tmp_path) as editor:
            await editor.initialize(
                GHOST_TEXT,
                initializationOptions={
                    "engine": {"kind": "ollama"},
                    "ollama": {"endpoint": stub.url},
                    "completion": {"debounce_ms": 0},
                },
            )
            await editor.notification("fimble/status", state="ready")
            buffers = [await editor.open("def f(items):\n    ", uri=uri) for uri in _DOCUMENTS]
            process_id = editor.process.pid
            choose = random.Random(27)
            await _type(editor, buffers, choose)
            memory, descriptors = _resident(process_id), _descriptors(process_id)
            await _type(editor, buffers, choose)
            await _type(editor, buffers, choose)

            assert stub.generations
            assert _resident(process_id) <= memory * _MOST_GROWTH
            assert _descriptors(process_id) <= descriptors + _KEPT_CONNECTIONS
            assert await editor.shut_down() == 0
