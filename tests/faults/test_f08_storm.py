"""F8: a storm of changes, requests and cancellations, through the whole server, leaves nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from support.lsp_client import GHOST_TEXT, LspClient, RequestId, running_server
from support.stub_ollama import Script, StubOllama, Timing, fixed

_REAL_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
_METHOD = "textDocument/inlineCompletion"
_ROUNDS = 2_000
_SEED = 8

_KEPT_CONNECTIONS = 2
"""Connections to the model that may be kept for the next request."""


async def _storm(editor: LspClient, choose: random.Random) -> list[RequestId]:
    """Type, ask and take back, with the odd request left standing; nothing is waited for."""
    buffer = await editor.open("def area(w, h):\n    return ")
    ids: list[RequestId] = []
    for number in range(_ROUNDS):
        if choose.random() < 0.1 and buffer.text.endswith("x"):
            await editor.change(buffer, buffer.replace(buffer.cursor - 1, buffer.cursor, ""))
        else:
            await editor.type(buffer, choose.choice("abcx ("))
        trigger = choose.choice((1, 2))
        ids.append(await editor.begin(_METHOD, editor.inline_params(buffer, trigger_kind=trigger)))
        if choose.random() < 0.9 and number:
            await editor.cancel(ids[-2])
    return ids


def _descriptors(editor: LspClient) -> int:
    """How many files and sockets the server holds; 0 where the system does not tell."""
    folder = Path(f"/proc/{editor.process.pid}/fd")
    return sum(1 for _ in folder.iterdir()) if folder.exists() else 0


@pytest.mark.timeout(240)
async def test_f08_two_thousand_rounds_leave_no_request_no_stream_and_no_descriptor(
    tmp_path: Path,
) -> None:
    script = Script(
        answer=fixed("something + (else)\n"), timing=Timing(base_s=0.02, per_generated_token_s=0.01)
    )
    with StubOllama(script) as stub:
        async with running_server(_REAL_SERVER, home=tmp_path) as editor:
            await editor.initialize(
                GHOST_TEXT,
                initializationOptions={
                    "engine": {"kind": "ollama"},
                    "ollama": {"endpoint": stub.url},
                    "completion": {"debounce_ms": 0, "prefetch": False},
                },
            )
            await editor.notification("fimble/status", state="ready")
            before = _descriptors(editor)

            ids = await _storm(editor, random.Random(_SEED))
            for id_ in ids:
                await editor.answer(id_)
            await editor.settle()
            await stub.wait_for(lambda records: all(record.outcome != "open" for record in records))

            assert [len(editor.answers_to(id_)) for id_ in ids] == [1] * _ROUNDS
            assert stub.max_concurrent <= 1
            assert 0 < len(stub.generations) < _ROUNDS / 2
            assert _descriptors(editor) <= before + _KEPT_CONNECTIONS
            assert not editor.requests
            assert await editor.shut_down() == 0
