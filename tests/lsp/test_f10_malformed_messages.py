"""F10: whatever arrives, a request gets exactly one answer and the process lives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.lsp_client import LspClient, frame

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b'{"jsonrpc": "2.0", "id": 1, "method": "x"',
        b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}',
        '{"jsonrpc": "2.0"}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b'{"id": ' + b"9" * 5000 + b"}",
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
    ids=[
        "half an object",
        "empty",
        "no JSON",
        "cut",
        "not UTF-8",
        "UTF-16",
        "BOM",
        "huge number",
        "deep list",
        "deep object",
    ],
)
async def test_f10_what_is_no_json_is_answered_without_an_id(
    shared: LspClient, body: bytes
) -> None:
    await shared.send_raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    answer = await shared.answer(None)
    await shared.settle()

    assert answer["error"]["code"] == -32700
    assert len(shared.answers_to(None)) == 1


@pytest.mark.parametrize(
    ("message", "id_"),
    [
        ([], None),
        ([{"jsonrpc": "2.0", "id": 5, "method": "shutdown"}], None),
        (5, None),
        (None, None),
        ("text", None),
        ({}, None),
        ({"jsonrpc": "2.0"}, None),
        ({"jsonrpc": "2.0", "id": 7}, 7),
        ({"jsonrpc": "1.0", "id": 7, "method": "shutdown"}, 7),
        ({"id": 7, "method": "shutdown"}, 7),
        ({"jsonrpc": "2.0", "id": "seven", "method": 5}, "seven"),
        ({"jsonrpc": "2.0", "id": None, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": True, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": [1], "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": {"a": 1}, "method": "shutdown"}, None),
        ({"jsonrpc": "2.0", "id": {"a": 1}, "result": 1}, None),
    ],
    ids=json.dumps,
)
async def test_f10_json_that_is_no_message_is_an_invalid_request(
    shared: LspClient, message: object, id_: Any
) -> None:
    await shared.send(message)
    answer = await shared.answer(id_)
    await shared.settle()

    assert answer["error"]["code"] == -32600
    assert len(shared.answers_to(id_)) == 1


@pytest.mark.parametrize("id_", [7, "seven", "7", 0, -1, "", 2**53])
@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("fimble/unknown", {}, -32601),
        ("$/unknown", None, -32601),
        ("textDocument/rename", {}, -32601),
        ("x" * 10_000, {}, -32601),
        ("textDocument/inlineCompletion", {}, -32602),
        ("textDocument/inlineCompletion", None, -32602),
        ("textDocument/inlineCompletion", [], -32602),
        ("textDocument/inlineCompletion", 5, -32602),
        ("textDocument/inlineCompletion", "x", -32602),
        (
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": "a"},
                "position": {"line": -1, "character": 0},
                "context": {"triggerKind": 1},
            },
            -32602,
        ),
        (
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": "a"},
                "position": {"line": 0, "character": 1e999},
                "context": {"triggerKind": 1},
            },
            -32602,
        ),
        ("textDocument/completion", {"position": "canary-position"}, -32602),
    ],
)
async def test_f10_a_request_that_cannot_be_served_gets_one_error(
    shared: LspClient, id_: Any, method: str, params: object, code: int
) -> None:
    answer = await shared.request(method, params, id_=id_)
    await shared.settle()

    assert answer["error"]["code"] == code
    assert "data" not in answer["error"]
    assert len(answer["error"]["message"]) < 300
    assert "canary" not in answer["error"]["message"]
    assert len(shared.answers_to(id_)) == 1
    assert not shared.requests
    assert not shared.notifications


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("fimble/unknown", {}),
        ("$/unknown", 5),
        ("textDocument/didOpen", {}),
        ("textDocument/didOpen", None),
        ("textDocument/didChange", []),
        ("textDocument/didChange", {"textDocument": 5}),
        ("textDocument/didClose", {"textDocument": {"uri": "file:///never-opened"}}),
        (
            "textDocument/didChange",
            {"textDocument": {"uri": "file:///never-opened", "version": 2}, "contentChanges": []},
        ),
        ("$/cancelRequest", {}),
        ("$/cancelRequest", {"id": "never-sent"}),
        ("$/cancelRequest", {"id": [1]}),
        ("$/setTrace", {"value": "loud"}),
        ("workspace/didChangeConfiguration", 5),
        ("initialize", {}),
    ],
)
async def test_f10_a_notification_is_never_answered_and_never_shown(
    shared: LspClient, method: str, params: object
) -> None:
    await shared.notify(method, params)
    await shared.settle()

    assert not shared.answers
    assert not shared.notifications


async def test_f10_an_answer_to_no_question_is_ignored(shared: LspClient) -> None:
    await shared.send({"jsonrpc": "2.0", "id": 99, "result": {}})
    await shared.send({"jsonrpc": "2.0", "id": "x", "error": {"code": 1, "message": "no"}})
    await shared.settle()

    assert not shared.answers


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 99999999999999\r\n\r\n",
        b"Content-Length: %d\r\n\r\n" % (64 * 1024 * 1024 + 1),
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"Content-Length: 1e3\r\n\r\n",
        b"Content-Length: 0x10\r\n\r\n",
        b"Content-Length: +5\r\n\r\n",
        b"Content-Length: \xd9\xa3\r\n\r\n",
        b"Content-Length:\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc\r\n\r\n",
        b"garbage\r\n\r\n",
        b"garbage ",
        b": 5\r\n\r\n",
        b"\x00\xff\xfe\r\n\r\n",
        b"x" * 100_000,
        b"Content-Length: 20\r\nContent-Type: a/b; charset=utf-16\r\n\r\n" + b"x" * 20,
    ],
    ids=lambda header: repr(header[:40]),
)
async def test_f10_a_broken_header_costs_one_message_and_no_other(
    shared: LspClient, header: bytes
) -> None:
    await shared.send_raw(header)
    await shared.settle()

    assert [answer["error"]["code"] for answer in shared.answers_to(None)] == [-32700]


async def test_f10_a_message_above_the_limit_is_dropped_and_the_next_is_served(
    shared: LspClient,
) -> None:
    portion = b" " * (1024 * 1024)
    await shared.send_raw(b"Content-Length: %d\r\n\r\n" % (65 * len(portion)), *[portion] * 65)
    await shared.settle()

    assert [answer["error"]["code"] for answer in shared.answers_to(None)] == [-32700]


@pytest.mark.parametrize("wrong_by", [-9, -1, 1, 9])
async def test_f10_a_wrong_length_costs_at_most_its_own_message(
    shared: LspClient, wrong_by: int
) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 50, "method": "fimble/unknown"}).encode()
    await shared.send_raw(
        b"Content-Length: %d\r\n\r\n%b" % (len(body) + wrong_by, body),
        frame({"jsonrpc": "2.0", "id": 51, "method": "fimble/unknown"}),
    )
    await shared.settle()

    assert len(shared.answers_to(None)) == 1
    assert len(shared.answers_to(51)) == 1


@pytest.mark.parametrize(
    "header",
    [
        b"content-length: %d\r\n\r\n",
        b"CONTENT-LENGTH:%d\r\n\r\n",
        b"Content-Length:   %d   \r\n\r\n",
        b"Content-Length: %d\n\n",
        b"\r\n\r\nContent-Length: %d\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n",
        b"X-Other: 1\r\nContent-Length: %d\r\n\r\n",
    ],
)
async def test_f10_unusual_but_clear_headers_are_understood(
    shared: LspClient, header: bytes
) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "fimble/unknown"}).encode()
    await shared.send_raw(header % len(body) + body)

    assert (await shared.answer(7))["error"]["code"] == -32601
    assert not shared.answers_to(None)


async def test_f10_a_message_may_arrive_byte_by_byte(shared: LspClient) -> None:
    message = frame({"jsonrpc": "2.0", "id": 7, "method": "fimble/unknown"})
    await shared.send_raw(*(message[i : i + 1] for i in range(len(message))))

    assert (await shared.answer(7))["error"]["code"] == -32601


async def test_f10_many_messages_may_arrive_at_once(shared: LspClient) -> None:
    await shared.send(
        *({"jsonrpc": "2.0", "id": f"n{i}", "method": "fimble/unknown"} for i in range(200))
    )
    await shared.settle()

    assert all(len(shared.answers_to(f"n{i}")) == 1 for i in range(200))


async def test_f10_text_that_looks_like_a_header_is_not_taken_for_one(shared: LspClient) -> None:
    """A document cannot smuggle a message in, not even behind a broken header."""
    smuggled = frame({"jsonrpc": "2.0", "id": 666, "method": "shutdown"}).decode()
    opening = frame(
        {"jsonrpc": "2.0", "id": 5, "method": "fimble/unknown", "params": {"text": smuggled}}
    )
    await shared.send_raw(opening.replace(b"Content-Length: ", b"Content-Length: -"))
    await shared.settle()

    assert not shared.answers_to(666)
