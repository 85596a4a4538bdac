"""Actions that ask the model, from the menu to the edit, against a stub of Ollama."""

from __future__ import annotations

from pathlib import Path

from support.acting_editor import acting, edited, fenced

CODE = """\
import os


def total(items):
    return sum(item.price for item in items)


def name():
    return os.name
"""
TOTAL = CODE.index("return sum")


def replying(code: str):
    return lambda _: fenced(code)


async def test_an_edit_is_versioned_small_and_to_be_confirmed(tmp_path: Path) -> None:
    answer = CODE[CODE.index("def total") :].partition("\n\n")[0]
    answer = answer.replace("    return", '    """Return the price."""\n    return')
    async with acting(tmp_path, replying(answer)) as editor:
        buffer = await editor.open(CODE)
        done = await editor.run("fimble.document", editor.argument(buffer, TOTAL, TOTAL))

        assert done["result"] == {"applied": True}
        [params] = editor.edits
        assert params["label"] == "Document with Fimble"
        [change] = params["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": buffer.uri, "version": 1}
        [edit] = change["edits"]
        assert edit["newText"] == '    """Return the price."""\n'
        assert edit["range"]["start"] == edit["range"]["end"] == {"line": 4, "character": 0}
        note = params["edit"]["changeAnnotations"][edit["annotationId"]]
        assert note == {
            "label": "Document with Fimble",
            "needsConfirmation": True,
            "description": "By qwen3.6:27b.",
        }
        assert edited(CODE, change["edits"]) == CODE.replace(
            "    return sum", '    """Return the price."""\n    return sum'
        )


async def test_tests_go_into_a_new_file_beside_the_others(tmp_path: Path) -> None:
    code = "from shop import total\n\n\ndef test_nothing():\n    assert total([]) == 0"
    async with acting(tmp_path, replying(code)) as editor:
        (editor.workspace / "tests").mkdir()
        buffer = await editor.open(CODE)
        done = await editor.run("fimble.test", editor.argument(buffer, TOTAL, TOTAL))

        assert done["result"] == {"applied": True}
        [made, change] = editor.edits[0]["edit"]["documentChanges"]
        uri = (editor.workspace / "tests" / "test_shop.py").as_uri()
        assert (made["kind"], made["uri"]) == ("create", uri)
        assert change["textDocument"] == {"uri": uri, "version": None}
        assert edited("", change["edits"]) == code + "\n"
        await editor.client.until(lambda: editor.shown, "the new file")
        assert editor.shown == [uri]


async def test_tests_join_a_file_that_is_there(tmp_path: Path) -> None:
    there = "import pytest\n\n\ndef test_old():\n    pass\n"
    code = (
        "import pytest\nfrom shop import total\n\n\ndef test_nothing():\n    assert not total([])"
    )
    async with acting(tmp_path, replying(code)) as editor:
        (editor.workspace / "test_shop.py").write_text(there)
        buffer = await editor.open(CODE)
        await editor.run("fimble.test", editor.argument(buffer, TOTAL, TOTAL))

        [change] = editor.edits[0]["edit"]["documentChanges"]
        assert change["textDocument"]["version"] is None
        assert edited(there, change["edits"]) == (
            "import pytest\nfrom shop import total\n\n\ndef test_old():\n    pass\n\n\n"
            "def test_nothing():\n    assert not total([])\n"
        )
