"""`fimble.why`: the page that says how the last suggestion came about."""

from __future__ import annotations

from pathlib import Path

from support.acting_editor import CONTENT, ActingEditor, acting
from support.lsp_buffer import EditorBuffer

BEGUN = "def area(width, height):\n    return wi"
ANSWER = f"````python\n{BEGUN}dth * height\n````"


async def _asked(editor: ActingEditor) -> EditorBuffer:
    buffer = await editor.open(BEGUN)
    buffer.cursor = len(BEGUN)
    [item] = await editor.client.ghost(buffer)
    assert item["insertText"].endswith("dth * height")
    return buffer


async def test_the_page_has_the_decision_and_the_prompt_as_it_was_sent(tmp_path: Path) -> None:
    async with acting(tmp_path, lambda _: ANSWER, CONTENT) as editor:
        await _asked(editor)
        done = await editor.run("fimble.why", {})
        await editor.client.until(lambda: editor.shown, "the page")
        [uri] = editor.shown
        content = await editor.client.request("workspace/textDocumentContent", {"uri": uri})
        text = content["result"]["text"]
        sent = editor.stub.generations[0].prompt

        assert uri.startswith("fimble-answer:/why-shop-")
        assert "shop.py, line 2, column 14:" in text
        assert "\ndecision: " in text
        assert sent in text
        assert done["result"]["markdown"].rstrip() == text.rstrip()


async def test_before_anything_was_asked_it_says_so(tmp_path: Path) -> None:
    async with acting(tmp_path, lambda _: "", CONTENT) as editor:
        done = await editor.run("fimble.why", {})

        assert "Nothing was asked yet" in done["result"]["markdown"]


async def test_an_answer_that_asked_nobody_shows_the_last_question_too(tmp_path: Path) -> None:
    async with acting(tmp_path, lambda _: ANSWER, CONTENT) as editor:
        buffer = await _asked(editor)
        await editor.client.type(buffer, "d")
        await editor.client.ghost(buffer)
        done = await editor.run("fimble.why", {})
        text = done["result"]["markdown"]

        assert "shop.py, line 2, column 15:" in text
        assert "# The last question to the model" in text
        assert editor.stub.generations[0].prompt in text
