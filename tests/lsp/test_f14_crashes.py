"""F14 and T16: a defect costs one request, and neither text nor trace leaves the process."""

from __future__ import annotations

import asyncio

from support.lsp_client import LspClient
from support.scripted_completer import CANARY

_METHOD = "textDocument/inlineCompletion"


async def test_f14_a_crash_fails_one_request_with_a_short_sentence(editor: LspClient) -> None:
    crashing = await editor.open("secret text", uri="file:///a", language_id="crash")
    healthy = await editor.open("", uri="file:///b", language_id="plain")
    ids = [
        await editor.begin(_METHOD, editor.inline_params(buffer))
        for _ in range(50)
        for buffer in (crashing, healthy)
    ]
    answers = await asyncio.gather(*(editor.answer(id_) for id_ in ids))

    for crashed, served in zip(answers[::2], answers[1::2], strict=True):
        assert crashed["error"] == {
            "code": -32603,
            "message": f"Fimble failed in {_METHOD}; its log names the place.",
        }
        assert served["result"]["items"][0]["insertText"] == "completed"
    assert {message["method"] for message in editor.notifications} == {"fimble/status"}
    assert not editor.requests


async def test_f14_no_byte_of_a_crash_or_a_document_is_written_anywhere(editor: LspClient) -> None:
    buffer = await editor.open("secret text", language_id="crash")
    await editor.ask_and_ignore(buffer)
    await editor.notify("textDocument/didChange", {"contentChanges": [{"text": "secret text"}]})
    await editor.notify("textDocument/didOpen", {"textDocument": {"text": "secret text"}})
    await editor.notify("workspace/didChangeConfiguration", {"settings": "secret text"})
    await editor.request("secret text", {"text": "secret text"}, id_=5)
    await editor.shut_down()
    written = (editor.stdout + editor.stderr).replace(b"Method not found: 'secret text'", b"")

    assert b"failed: ValueError at support/scripted_completer.py:" in editor.stderr
    assert CANARY.encode() not in written
    assert b"secret" not in written
    assert b"Traceback" not in written
    assert b"/home" not in written
    assert b"site-packages" not in written
