"""Whatever the model server does, an editor sees a status and no popup, and typing goes on (F1-F7).

Each fault strikes one generation; the server then has to be asked again, and to answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.lsp_client import GHOST_TEXT, LspClient, running_server
from support.stub_ollama import Script, StubOllama, faults, fixed
from support.stub_ollama.faults import Fault

_REAL_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
_POPUPS = ("window/showMessage", "window/showMessageRequest", "window/logMessage")


@pytest.fixture
def stub() -> Iterator[StubOllama]:
    with StubOllama(Script(answer=fixed("w * h\n"))) as running:
        yield running


@pytest.fixture
def engine_kind() -> str:
    """Who may answer, where a test does not say otherwise."""
    return "ollama"


@pytest.fixture
async def editor(stub: StubOllama, tmp_path: Path, engine_kind: str) -> AsyncIterator[LspClient]:
    async with running_server(_REAL_SERVER, home=tmp_path) as client:
        await client.initialize(
            GHOST_TEXT,
            initializationOptions={
                "engine": {"kind": engine_kind},
                "ollama": {
                    "endpoint": stub.url,
                    "first_token_timeout_s": 0.5,
                    "inter_token_timeout_s": 0.5,
                },
                "completion": {"debounce_ms": 0, "prefetch": False},
            },
        )
        await client.notification("fimble/status", state="ready")
        yield client


FAULTS: dict[str, tuple[Fault, str]] = {
    "killed in mid-stream": (faults.reset(), "failing offline"),
    "ended without done": (faults.end_without_done(), "failing"),
    "garbage": (faults.inject(b"\x00not json at all\n"), "failing"),
    "404": (faults.http_error(404, "model 'qwen3.6:27b' not found"), "failing"),
    "500": (faults.http_error(500, "model runner has unexpectedly stopped"), "failing"),
    "503": (faults.busy(), "failing"),
    "a proxy's HTML": (faults.html_error(), "failing"),
    "hangs before the first token": (faults.hang(), "failing"),
    "hangs in the middle": (faults.hang_after(2), "failing"),
    "out of memory": (faults.out_of_memory(), "failing"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_a_status_and_the_next_request_after_recovery_works(
    editor: LspClient, stub: StubOllama, name: str
) -> None:
    fault, states = FAULTS[name]
    stub.inject(fault)
    buffer = await editor.open("def area(w, h):\n    return ")
    editor.forget()

    assert await editor.ghost(buffer, trigger_kind=1) == []
    await editor.until(
        lambda: any(
            message["method"] == "fimble/status" and message["params"]["state"] in states
            for message in editor.notifications
        ),
        "a status that tells of the fault",
    )
    told = next(m for m in editor.notifications if m["method"] == "fimble/status")["params"]
    assert told["message"], "the status says what happened"
    assert "Traceback" not in told["message"]
    await editor.notification("fimble/status", state="ready")
    [item] = await editor.ghost(buffer, trigger_kind=1)

    assert item["insertText"] == "w * h"
    assert not [m for m in editor.notifications if m["method"] in _POPUPS]
    assert not editor.requests


async def test_f01_a_server_that_comes_later_is_found(tmp_path: Path) -> None:
    with StubOllama(Script(answer=fixed("w * h\n"))) as stub, stub.down():
        async with running_server(_REAL_SERVER, home=tmp_path) as editor:
            await editor.initialize(
                GHOST_TEXT, initializationOptions={"ollama": {"endpoint": stub.url}}
            )
            await editor.notification("fimble/status", state="offline")
            buffer = await editor.open("def area(w, h):\n    return ")
            await editor.ghost(buffer, trigger_kind=1)
            await editor.settle()
            offline = [m for m in editor.notifications if m["method"] == "fimble/status"]

            assert len([m for m in offline if m["params"]["state"] == "offline"]) == 1
            assert not [m for m in editor.notifications if m["method"] in _POPUPS]


async def test_f01_completions_resume_when_the_server_is_back(
    editor: LspClient, stub: StubOllama
) -> None:
    buffer = await editor.open("def area(w, h):\n    return ")
    with stub.down():
        await editor.ghost(buffer, trigger_kind=1)
        await editor.notification("fimble/status", state="offline")
        editor.forget()
    await editor.notification("fimble/status", state="ready")
    [item] = await editor.ghost(buffer, trigger_kind=1)

    assert item["insertText"] == "w * h"


@pytest.mark.parametrize("engine_kind", ["ollama", "auto"])
async def test_a_slot_that_ollama_has_lost_is_won_back_without_the_user(
    editor: LspClient, stub: StubOllama
) -> None:
    """ollama/ollama issue 17131: after an unlucky disconnect every request hangs, for ever.

    What the embedded engine says meanwhile is no sign that the slot is free.
    """
    stub.inject(faults.leak_slot())
    buffer = await editor.open("def area(w, h):\n    return w * h\n\ndef area(w, h):\n    return ")
    loads = stub.loads
    items: list[dict[str, object]] = []
    for number in range(8):
        editor.forget()
        await editor.type(buffer, f"{number} + ")
        asked = len(stub.generations)
        items = await editor.ghost(buffer, trigger_kind=1)
        if stub.loads > loads and items and len(stub.generations) > asked:
            break
        if not items or len(stub.generations) == asked:
            await editor.ghost(buffer, trigger_kind=1)  # The stand-in's turn, where there is one.
            await editor.notification("fimble/status", state="ready")

    assert stub.loads > loads, "the model was loaded anew, which frees the slot"
    [item] = items
    assert item["insertText"] == "w * h"
