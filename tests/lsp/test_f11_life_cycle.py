"""F11: messages in the wrong order, and the exit code."""

from __future__ import annotations

import pytest

from support.lsp_client import LspClient

_INLINE = {
    "textDocument": {"uri": "file:///a.py"},
    "position": {"line": 0, "character": 0},
    "context": {"triggerKind": 1},
}


@pytest.mark.parametrize("method", ["textDocument/inlineCompletion", "shutdown", "fimble/unknown"])
async def test_f11_before_initialize_requests_are_refused_and_initialize_still_works(
    client: LspClient, method: str
) -> None:
    answer = await client.request(method, _INLINE, id_="early")
    await client.notify("textDocument/didOpen", {})
    await client.notify("initialized", {})

    assert answer["error"]["code"] == -32002
    assert "inlineCompletionProvider" in await client.initialize()
    assert len(client.answers_to("early")) == 1


async def test_f11_a_second_initialize_is_refused_and_changes_nothing(editor: LspClient) -> None:
    params = {"processId": None, "capabilities": {"general": {"positionEncodings": ["utf-8"]}}}
    answer = await editor.request("initialize", params)
    buffer = await editor.open("", language_id="plain")

    assert answer["error"]["code"] == -32600
    assert [item["insertText"] for item in await editor.ghost(buffer)] == ["completed"]


@pytest.mark.parametrize(
    "params",
    [
        None,
        5,
        [],
        {},
        {"capabilities": 5},
        {"capabilities": None},
        {"capabilities": {}, "processId": "x"},
        {"capabilities": {}, "processId": True},
    ],
)
async def test_f11_a_wrong_initialize_is_refused_and_may_be_repeated(
    client: LspClient, params: object
) -> None:
    answer = await client.request("initialize", params, id_="wrong")
    await client.initialize()

    assert answer["error"]["code"] == -32602
    assert len(client.answers_to("wrong")) == 1


async def test_f11_oddities_in_initialize_do_not_keep_a_client_out(client: LspClient) -> None:
    """Values that this server never looks at may be anything."""
    capabilities = await client.initialize(
        {
            "general": {"positionEncodings": ["utf-7", 5, "utf-8"]},
            "textDocument": {
                "inlineCompletion": {},
                "completion": {"completionItemKind": {"valueSet": [999, "x"]}},
            },
            "workspace": [],
        },
        workspaceFolders=[5, {"uri": "untitled:x", "name": 5}],
        initializationOptions=[],
        trace="everything",
        clientInfo=5,
    )

    assert capabilities["positionEncoding"] == "utf-8"


async def test_f11_after_shutdown_requests_are_refused_and_exit_ends_with_0(
    editor: LspClient,
) -> None:
    buffer = await editor.open("", language_id="hang")
    waiting = await editor.begin("textDocument/inlineCompletion", editor.inline_params(buffer))
    await editor.notification("fimble/status", message="hanging 1")
    stopped = await editor.request("shutdown", id_="stop")
    late = [
        (await editor.request(method, _INLINE))["error"]["code"]
        for method in ("textDocument/inlineCompletion", "shutdown", "initialize", "fimble/unknown")
    ]
    await editor.notify("exit")

    assert await editor.exit_code() == 0
    assert stopped["result"] is None
    assert late == [-32600] * 4
    assert [answer["error"]["code"] for answer in editor.answers_to(waiting)] == [-32800]


async def test_f11_exit_without_shutdown_ends_with_1(editor: LspClient) -> None:
    await editor.notify("exit")

    assert await editor.exit_code() == 1


async def test_f11_exit_before_initialize_ends_with_1(client: LspClient) -> None:
    await client.notify("exit")

    assert await client.exit_code() == 1


async def test_f11_what_follows_exit_is_not_answered(editor: LspClient) -> None:
    await editor.send(
        {"jsonrpc": "2.0", "id": "stop", "method": "shutdown"},
        {"jsonrpc": "2.0", "method": "exit"},
        {"jsonrpc": "2.0", "id": "late", "method": "shutdown"},
    )

    assert await editor.exit_code() == 0
    assert len(editor.answers_to("stop")) == 1
    assert not editor.answers_to("late")
