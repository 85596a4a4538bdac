"""Documents: what a request sees, and what is never seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.lsp_buffer import EditorBuffer
from support.lsp_client import LspClient
from support.scripted_completer import fingerprint

_METHOD = "textDocument/inlineCompletion"


async def test_each_request_sees_the_text_of_its_own_moment(editor: LspClient) -> None:
    """All sent in one write: a careless server applies every change before its first answer."""
    buffer = await editor.open("", language_id="echo")
    messages: list[dict[str, object]] = []
    wanted: dict[int, str] = {}
    for number in range(100, 120):
        params = editor.inline_params(buffer)
        messages.append({"jsonrpc": "2.0", "id": number, "method": _METHOD, "params": params})
        wanted[number] = fingerprint(buffer.text)
        change = buffer.replace(0, 0, "x")
        messages.append(
            {
                "jsonrpc": "2.0",
                "method": "textDocument/didChange",
                "params": {
                    "textDocument": {"uri": buffer.uri, "version": buffer.version},
                    "contentChanges": [change],
                },
            }
        )
    await editor.send(*messages)

    for number, text in wanted.items():
        [item] = (await editor.answer(number))["result"]["items"]
        assert item["insertText"].endswith(text)


async def test_an_answer_for_a_text_that_has_changed_since_is_empty(editor: LspClient) -> None:
    buffer = await editor.open("", language_id="late")
    asked = await editor.begin(_METHOD, editor.inline_params(buffer))
    await editor.notification("fimble/status", message="waiting")
    await editor.type(buffer, "x")

    assert (await editor.answer(asked))["result"] == {"items": []}


async def test_a_file_that_was_never_opened_is_not_read(editor: LspClient, tmp_path: Path) -> None:
    unopened = tmp_path / "unopened.py"
    unopened.write_text("secret = 1\n", encoding="utf-8")
    answer = await editor.request(
        _METHOD,
        {
            "textDocument": {"uri": unopened.as_uri()},
            "position": {"line": 0, "character": 0},
            "context": {"triggerKind": 1},
        },
    )

    assert answer["result"] == {"items": []}


async def test_a_closed_document_is_forgotten(editor: LspClient) -> None:
    buffer = await editor.open("", language_id="plain")
    await editor.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})

    assert await editor.ghost(buffer) == []
    await editor.notification("fimble/status", message=f"closed {buffer.uri}")


async def test_a_document_may_be_opened_again_with_another_text(editor: LspClient) -> None:
    await editor.open("old", language_id="echo")
    buffer = await editor.open("new", language_id="echo")
    [item] = await editor.ghost(buffer)

    assert item["insertText"].endswith(fingerprint("new"))


@pytest.mark.parametrize(
    "change", [{}, {"range": 5, "text": "x"}, {"range": {"start": {}}, "text": "x"}, 5]
)
async def test_a_document_out_of_step_is_not_completed_until_it_comes_whole(
    editor: LspClient, change: object
) -> None:
    """A suggestion for a text that is not the editor's would go to a wrong place."""
    buffer = await editor.open("abc", language_id="echo")
    await editor.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": buffer.uri, "version": 2}, "contentChanges": [change]},
    )
    while_broken = await editor.ghost(buffer)
    buffer.text, buffer.version, buffer.cursor = "whole", 3, 5
    await editor.change(buffer, {"text": "whole"})
    [item] = await editor.ghost(buffer)

    assert while_broken == []
    assert item["insertText"].endswith(fingerprint("whole"))


async def test_a_document_with_nul_is_no_text(editor: LspClient) -> None:
    binary = await editor.open("a\0b", uri="file:///binary", language_id="plain")
    typed = await editor.open("ab", uri="file:///typed", language_id="plain")
    await editor.type(typed, "\0")

    assert await editor.ghost(binary) == []
    assert await editor.ghost(typed) == []


async def test_the_tree_of_the_present_text_is_at_hand_after_each_key(editor: LspClient) -> None:
    """The language is known by its file name here, as the language id is the script."""
    buffer = await editor.open("", uri="file:///a.py", language_id="tree")
    seen: list[str] = []
    for piece in ("def f():\n", "    return (1", ")\n"):
        await editor.type(buffer, piece)
        seen.append(await _errors_near(editor, buffer, buffer.cursor))

    assert seen[1] != "0"
    assert seen[2] == "0"


async def test_a_text_too_large_to_be_parsed_as_a_whole_has_a_tree_at_the_cursor(
    editor: LspClient,
) -> None:
    lines = "value = compute(1, 2, 3)\n" * 50_000
    buffer = await editor.open(f"{lines}broken = (\n", uri="file:///a.py", language_id="tree")

    assert await _errors_near(editor, buffer, len(buffer.text)) != "0"
    assert await _errors_near(editor, buffer, len(lines) // 2) == "0"


async def _errors_near(client: LspClient, buffer: EditorBuffer, offset: int) -> str:
    """Ask until there is a tree: on a busy machine its deadline may pass."""
    buffer.cursor = offset
    for _ in range(50):
        [item] = await client.ghost(buffer)
        if item["insertText"] != "no tree":
            return item["insertText"]
    return "no tree"


async def test_a_text_without_a_grammar_is_completed_all_the_same(editor: LspClient) -> None:
    buffer = await editor.open("x", uri="file:///a.unknown", language_id="tree")
    [item] = await editor.ghost(buffer)

    assert item["insertText"] == "no tree"


async def test_saving_is_heard_and_asks_for_nothing(editor: LspClient) -> None:
    buffer = await editor.open("x", language_id="plain")
    await editor.notify("textDocument/didSave", {"textDocument": {"uri": buffer.uri}})
    await editor.settle()

    assert not editor.requests


async def test_a_saved_file_is_read_again(editor: LspClient) -> None:
    buffer = await editor.open("x", uri="file:///work/a%20b.py", language_id="plain")
    await editor.notify("textDocument/didSave", {"textDocument": {"uri": buffer.uri}})

    await editor.notification("fimble/status", message="saved /work/a b.py")


async def test_what_is_no_file_or_secret_or_not_open_is_not_read_again(editor: LspClient) -> None:
    for uri in ("untitled:a.py", "file:///work/.env"):
        await editor.open("x", uri=uri, language_id="plain")
        await editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    unopened = {"textDocument": {"uri": "file:///work/unopened.py"}}
    await editor.notify("textDocument/didSave", unopened)
    await editor.settle()

    assert "saved" not in str(editor.notifications)
