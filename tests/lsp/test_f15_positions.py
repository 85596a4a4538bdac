"""F15: the server means the same place as the editor, in every encoding and every text."""

from __future__ import annotations

import random
from typing import Any

import pytest

from support.lsp_buffer import EditorBuffer
from support.lsp_client import GHOST_TEXT, LspClient
from support.scripted_completer import fingerprint

ENCODINGS = ("utf-8", "utf-16", "utf-32")

TEXTS = {
    "empty": "",
    "one character": "a",
    "no final newline": "a\nb",
    "final newline": "a\nb\n",
    "CRLF": "one\r\ntwo\r\n",
    "CR": "one\rtwo\r",
    "mixed endings": "a\rb\nc\r\nd\n\re",
    "tabs": "\tif x:\n\t\treturn\t1\n",
    "surrogate pairs": "𝒳 = '😀😀'\nz = 😀\n",
    "joined emoji": "👩\u200d💻 = 1\n",
    "combining": "e\u0301 = 'u\u0308'\n",
    "BOM": "\ufeffimport x\n",
    "form feed": "a\fb\nc\n",
    "vertical tab": "a\vb\nc\n",
    "NEL": "a\x85b\nc\n",
    "line separator": "a\u2028b\u2029c\nd\n",
    "file separators": "a\x1cb\x1dc\x1ed\ne\n",
    "wide": "変数 = 値\nß = ü\n",
}


async def _introduce(client: LspClient, encoding: str) -> None:
    capabilities = await client.initialize(
        {**GHOST_TEXT, "general": {"positionEncodings": [encoding]}}
    )
    assert capabilities["positionEncoding"] == encoding


async def _place_seen(client: LspClient, buffer: EditorBuffer) -> list[str]:
    """Return line, character, version and fingerprint as the completer was given them."""
    [item] = await client.ghost(buffer)
    assert item["range"] == {
        "start": buffer.position(buffer.cursor),
        "end": buffer.position(buffer.cursor),
    }
    return item["insertText"].split(":")


def _expected(buffer: EditorBuffer) -> list[str]:
    code_points = EditorBuffer(buffer.text, uri="", language_id="", encoding="utf-32")
    place = code_points.position(buffer.cursor)
    return [
        str(place["line"]),
        str(place["character"]),
        str(buffer.version),
        fingerprint(buffer.text),
    ]


def _places(text: str) -> list[int]:
    """Return every offset that is a place for an editor: not between CR and LF."""
    return [i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n" or i == 0]


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_f15_every_place_in_every_text_is_the_same_on_both_sides(
    client: LspClient, encoding: str
) -> None:
    await _introduce(client, encoding)
    for name, text in TEXTS.items():
        buffer = await client.open(text, uri=f"file:///{name}", language_id="echo")
        for buffer.cursor in _places(text):
            assert await _place_seen(client, buffer) == _expected(buffer), (name, buffer.cursor)


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_f15_typing_anywhere_keeps_both_texts_equal(client: LspClient, encoding: str) -> None:
    """Random edits of every text, several in one notification, compared by fingerprint."""
    await _introduce(client, encoding)
    chance = random.Random(20261123)
    pieces = [*TEXTS.values(), "", "x", "\n", "\r\n", "\r", "😀", "\f", "\u2028"]
    for name, text in TEXTS.items():
        buffer = await client.open(text, uri=f"file:///{name}", language_id="echo")
        for _ in range(12):
            changes: list[dict[str, Any]] = []
            for _ in range(chance.randint(1, 3)):
                places = _places(buffer.text)
                start, end = sorted(chance.choices(places, k=2))
                changes.append(buffer.replace(start, end, chance.choice(pieces)))
            if buffer.cursor not in _places(buffer.text):
                buffer.cursor -= 1
            await client.change(buffer, *changes)

            assert await _place_seen(client, buffer) == _expected(buffer), name


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_f15_a_whole_new_text_replaces_the_old_one(client: LspClient, encoding: str) -> None:
    await _introduce(client, encoding)
    buffer = await client.open("old\n", language_id="echo")
    buffer.text, buffer.version, buffer.cursor = "𝒳 new", 2, 5
    await client.change(buffer, {"text": buffer.text})

    assert await _place_seen(client, buffer) == _expected(buffer)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("ab\r\ncd", (0, 99), (0, 2)),
        ("ab\r\ncd", (1, 99), (1, 2)),
        ("ab\r\ncd", (99, 0), (1, 2)),
        ("ab\r\ncd", (99, 99), (1, 2)),
        ("ab\n", (1, 5), (1, 0)),
        ("", (0, 0), (0, 0)),
        ("", (5, 5), (0, 0)),
        ("😀x", (0, 1), (0, 0)),
        ("😀x", (0, 2), (0, 1)),
        ("a", (2**31 - 1, 2**31 - 1), (0, 1)),
    ],
)
async def test_f15_a_place_outside_the_text_is_the_nearest_inside(
    shared: LspClient, text: str, position: tuple[int, int], expected: tuple[int, int]
) -> None:
    buffer = await shared.open(text, language_id="echo")
    params = shared.inline_params(buffer)
    params["position"] = {"line": position[0], "character": position[1]}
    answer = await shared.request("textDocument/inlineCompletion", params)
    line, character, _, _ = answer["result"]["items"][0]["insertText"].split(":")

    assert (int(line), int(character)) == expected


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_f15_what_is_replaced_behind_the_cursor_is_counted_in_the_editors_units(
    client: LspClient, encoding: str
) -> None:
    await _introduce(client, encoding)
    buffer = await client.open("call(𝒳 'ß😀')\r\nnext\r\n", language_id="rest")
    buffer.cursor = 5
    [item] = await client.ghost(buffer)
    await client.change(buffer, buffer.accept(item))

    assert buffer.text == "call(𝒳 'SS😀')\r\nnext\r\n"


async def test_f15_half_a_surrogate_pair_is_carried_through_unharmed(editor: LspClient) -> None:
    """JSON can express it, UTF-8 cannot; the process must live and echo it back."""
    buffer = await editor.open("x = '", language_id="rest")
    await editor.change(buffer, buffer.replace(5, 5, "\ud83d"))
    buffer.cursor = 5
    [item] = await editor.ghost(buffer)

    assert item["insertText"] == "\ud83d"
    assert item["range"]["end"]["character"] == 6


async def test_f15_a_file_of_fifty_thousand_lines_is_edited_anywhere(editor: LspClient) -> None:
    text = "".join(f"value_{number} = '😀' # line\n" for number in range(50_000))
    buffer = await editor.open(text, language_id="echo")
    for offset in (0, len(text) // 2, len(text) - 1, len(text)):
        buffer.cursor = offset
        await editor.type(buffer, "z")

        assert await _place_seen(editor, buffer) == _expected(buffer)
