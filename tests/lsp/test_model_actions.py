"""Actions that ask the model, from the command to the edit, against a stub of Ollama."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.acting_editor import (
    BETTER,
    CODE,
    CONTENT,
    FULL,
    SLOW,
    TOTAL,
    ActingEditor,
    acting,
    edited,
    fenced,
    fix,
    replying,
    without,
)
from support.chatting import conversing
from support.lsp_client import Json


def asked(editor: ActingEditor) -> str:
    """Return the prompt that the model was asked with first."""
    return str(editor.stub.generations[0].body["prompt"])


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


# --- what is asked ---------------------------------------------------------------------------


async def test_a_fix_tells_the_model_what_is_reported(tmp_path: Path) -> None:
    place = {"start": {"line": 4, "character": 4}, "end": {"line": 4, "character": 7}}
    diagnostic = {
        "range": place,
        "message": 'Cannot access attribute "price"\n  for class "Item"',
        "severity": 1,
        "source": "Pyright",
        "code": "reportAttributeAccessIssue",
    }
    async with acting(tmp_path, replying(BETTER)) as editor:
        await fix(editor, diagnostics=[diagnostic])

        line = 'shop.py:5: error: Cannot access attribute "price"\n  for class "Item"'
        assert f"{line} (Pyright reportAttributeAccessIssue)" in asked(editor)
        [edit] = editor.edits[0]["edit"]["documentChanges"][0]["edits"]
        assert edit["newText"] == "    return sum(item.net for item in items)\n"[:-1]


async def test_an_edit_is_told_what_the_user_says(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL, instruction="Sum the net prices.")
        await editor.run("fimble.edit", argument)

        assert "The task:\nSum the net prices.<|im_end|>" in asked(editor)
        assert editor.edits[0]["label"] == "Edit with Fimble: Sum the net prices."


async def test_a_selection_becomes_whole_lines_and_a_word_stays_a_word(tmp_path: Path) -> None:
    async with acting(tmp_path, replying("item.net")) as editor:
        buffer = await editor.open(CODE)
        word = CODE.index("item.price")
        argument = editor.argument(buffer, word, word + len("item.price"), instruction="Net.")
        await editor.run("fimble.edit", argument)

        [change] = editor.edits[0]["edit"]["documentChanges"]
        assert edited(CODE, change["edits"]) == CODE.replace("item.price", "item.net")


async def test_line_ends_and_wide_characters_are_the_documents(tmp_path: Path) -> None:
    text = 'def a():\r\n    xy = "𝒳𝒳"; return xy\r\n'
    async with acting(tmp_path, replying("xy + xy")) as editor:
        buffer = await editor.open(text)
        start = text.rindex("xy\r")
        argument = editor.argument(buffer, start, start + 2, instruction="Double.")
        await editor.run("fimble.edit", argument)
        [edit] = editor.edits[0]["edit"]["documentChanges"][0]["edits"]
        assert edit["range"]["start"] == buffer.position(start + 2)

        editor.stub.answer_with(lambda _: fenced("def a():\n    y = 1\n    return y"))
        await editor.run("fimble.refactor", editor.argument(buffer, 0, len(text)))
        [edit] = editor.edits[1]["edit"]["documentChanges"][0]["edits"]
        assert edit["newText"] == "    y = 1\r\n    return y"


# --- explaining ------------------------------------------------------------------------------

TEXT = "`total` adds up prices."


async def explained(editor: ActingEditor) -> Json:
    buffer = await editor.open(CODE)
    return await editor.run("fimble.explain", editor.argument(buffer, TOTAL, TOTAL))


async def test_an_explanation_is_shown_as_a_text_of_the_server(tmp_path: Path) -> None:
    async with acting(tmp_path, lambda _: TEXT, CONTENT) as editor:
        done = await explained(editor)
        await editor.client.until(lambda: editor.shown, "the explanation")
        [uri] = editor.shown
        content = await editor.client.request("workspace/textDocumentContent", {"uri": uri})
        [registered] = [it for it in editor.client.requests if "register" in it["method"]]
        [content_of] = registered["params"]["registrations"]

        assert done["result"] == {"markdown": TEXT, "uri": uri}
        assert uri.startswith("fimble-answer:/explain-shop-")
        assert content["result"]["text"] == TEXT
        assert "fimble-answer" in content_of["registerOptions"]["schemes"]
        assert editor.edits == editor.messages() == []


async def test_an_explanation_grows_while_it_is_written(tmp_path: Path) -> None:
    long = "word " * 400
    async with acting(tmp_path, lambda _: long, CONTENT, timing=SLOW) as editor:
        buffer = await editor.open(CODE)
        await editor.begin("fimble.explain", editor.argument(buffer, TOTAL, TOTAL))
        await editor.client.until(lambda: editor.shown, "the beginning")
        [uri] = editor.shown
        begun = await editor.client.request("workspace/textDocumentContent", {"uri": uri})
        refresh = "workspace/textDocumentContent/refresh"
        await editor.client.until(
            lambda: any(it["method"] == refresh for it in editor.client.requests), "more of it"
        )

        assert 0 < len(begun["result"]["text"]) < len(long)


@pytest.mark.skipif("sys.platform == 'win32'", reason="permissions are others there")
async def test_an_explanation_is_a_private_file_where_texts_of_servers_are_unknown(
    tmp_path: Path,
) -> None:
    async with acting(tmp_path, lambda _: TEXT) as editor:
        await explained(editor)
        await editor.client.until(lambda: editor.shown, "the explanation")
        path = Path(editor.shown[0].removeprefix("file://"))

        assert path.parent == editor.home / ".cache" / "fimble" / "answers"
        assert _read(path) == (TEXT, 0o600, 0o700)


def _read(path: Path) -> tuple[str, int, int]:
    """Return a file's text, and who may do what with it and with its folder."""
    modes = (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777)
    return path.read_text(encoding="utf-8"), *modes


async def test_an_explanation_is_a_message_where_nothing_else_can_be_shown(tmp_path: Path) -> None:
    async with acting(tmp_path, lambda _: TEXT, without(FULL, "window")) as editor:
        done = await explained(editor)
        await editor.client.notification("window/showMessage", message=TEXT)

        assert done["result"] == {"markdown": TEXT, "uri": None}
        assert editor.shown == []


# --- clients that can less -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "form"),
    [
        (("workspace", "workspaceEdit", "changeAnnotationSupport"), "versioned"),
        (("workspace", "workspaceEdit"), "changes"),
    ],
)
async def test_an_edit_has_the_best_form_that_the_client_knows(
    tmp_path: Path, missing: tuple[str, ...], form: str
) -> None:
    async with acting(tmp_path, replying(BETTER), without(FULL, *missing)) as editor:
        await fix(editor)
        edit = editor.edits[0]["edit"]

        assert "changeAnnotations" not in edit
        if form == "versioned":
            [change] = edit["documentChanges"]
            assert change["textDocument"]["version"] == 1
        else:
            assert list(edit) == ["changes"]
            change = {"edits": next(iter(edit["changes"].values()))}
        assert not [each for each in change["edits"] if "annotationId" in each]
        assert "item.net" in edited(CODE, change["edits"])


async def test_a_client_that_makes_files_takes_versions_too_whatever_it_says(
    tmp_path: Path,
) -> None:
    """Neovim 0.11 does not announce `documentChanges`, and makes them."""
    silent = without(FULL, "workspace", "workspaceEdit", "documentChanges")
    async with acting(tmp_path, replying(BETTER), silent) as editor:
        await fix(editor)

        [change] = editor.edits[0]["edit"]["documentChanges"]
        assert change["textDocument"]["version"] == 1


async def test_a_client_that_takes_no_edits_is_told_before_the_model_is_asked(
    tmp_path: Path,
) -> None:
    async with acting(
        tmp_path, replying(BETTER), without(FULL, "workspace", "applyEdit")
    ) as editor:
        done = await fix(editor)

        assert done["error"]["message"] == "This editor takes no edits from a language server."
        assert editor.stub.generations == []


async def test_tests_need_a_client_that_makes_files_or_a_file_that_is_there(tmp_path: Path) -> None:
    missing = ("workspace", "workspaceEdit", "resourceOperations")
    async with acting(tmp_path, replying("assert 1"), without(FULL, *missing)) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL)
        refused = await editor.run("fimble.test", argument)
        (editor.workspace / "tests").mkdir()
        (editor.workspace / "tests" / "test_shop.py").write_text("")
        done = await editor.run("fimble.test", argument)

        assert "Make tests/test_shop.py, empty, and ask again." in refused["error"]["message"]
        assert done["result"] == {"applied": True}
        [change] = editor.edits[0]["edit"]["documentChanges"]
        assert change["textDocument"]["version"] is None


async def test_a_user_who_declines_is_told_nothing_more(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        editor.accepts = False
        done = await fix(editor)

        assert done["result"] == {"applied": False}
        assert editor.messages() == []


# --- progress and cancelling -----------------------------------------------------------------


def kinds(editor: ActingEditor) -> list[str]:
    """Return the kinds of all progress, reports joined."""
    told = [value["kind"] for value in editor.progress()]
    return [kind for n, kind in enumerate(told) if n == 0 or told[n - 1] != kind]


async def test_progress_of_a_clients_own_token_tells_how_much_came(tmp_path: Path) -> None:
    code = "def total(items):\n" + "    x = 1\n" * 60 + "    return x"
    async with acting(tmp_path, replying(code), timing=SLOW) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL)
        id_ = await editor.begin("fimble.refactor", argument, token="mine")
        await editor.client.answer(id_)
        told = editor.progress()

        assert kinds(editor) == ["begin", "report", "end"]
        assert told[0] == {
            "kind": "begin",
            "title": "Refactor with Fimble",
            "cancellable": True,
        }
        assert any("lines, " in value.get("message", "") for value in told)
        assert not [it for it in editor.client.requests if "Progress" in it["method"]]


async def test_who_does_not_follow_gets_an_answer_at_once_and_progress_of_the_servers(
    tmp_path: Path,
) -> None:
    async with acting(tmp_path, replying(BETTER), timing=SLOW) as editor:
        buffer = await editor.open(CODE)
        id_ = await editor.begin("fimble.fix", editor.argument(buffer, TOTAL, TOTAL))
        answer = await editor.client.answer(id_)
        at_once = list(editor.edits)
        await editor.client.until(lambda: editor.edits, "the edit")

        assert answer["result"] is None
        assert at_once == []
        assert kinds(editor) == ["begin", "report", "end"]


async def test_without_progress_the_work_is_done_all_the_same(tmp_path: Path) -> None:
    missing = ("window", "workDoneProgress")
    async with acting(tmp_path, replying(BETTER), without(FULL, *missing)) as editor:
        buffer = await editor.open(CODE)
        await editor.begin("fimble.fix", editor.argument(buffer, TOTAL, TOTAL))
        await editor.client.until(lambda: editor.edits, "the edit")

        assert editor.progress() == []


@pytest.mark.parametrize("way", ["request", "progress", "own progress"])
async def test_cancelling_closes_the_models_stream(tmp_path: Path, way: str) -> None:
    long = "def total(items):\n" + "    x = 1\n" * 400
    async with acting(tmp_path, replying(long), timing=SLOW) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL)
        token = "mine" if way != "own progress" else None
        id_ = await editor.begin("fimble.refactor", argument, token=token)
        await editor.client.until(
            lambda: any("line" in it.get("message", "") for it in editor.progress()), "a report"
        )
        if way == "request":
            await editor.client.cancel(id_)
        else:
            [begun] = [
                it["params"]["token"]
                for it in editor.client.notifications
                if it["method"] == "$/progress" and it["params"]["value"]["kind"] == "begin"
            ]
            await editor.client.notify("window/workDoneProgress/cancel", {"token": begun})
        record = await editor.stub.wait_for(
            lambda them: next((it for it in them if it.outcome == "cancelled"), None)
        )
        await editor.client.until(lambda: kinds(editor)[-1] == "end", "the end")
        if token:
            assert (await editor.client.answer(id_))["error"]["code"] == -32800

        assert record.is_generation
        assert editor.edits == editor.messages() == []


async def test_ghost_text_gets_the_model_while_an_answer_is_written(tmp_path: Path) -> None:
    long = "def total(items):\n" + "    x = 1\n" * 200
    ghost = {"completion": {"debounce_ms": 0, "prefetch": False}}
    async with acting(tmp_path, replying(long), timing=SLOW, options=ghost) as editor:
        answer = conversing(replying(long))
        editor.stub.answer_with(lambda prompt: answer(prompt) or "1\n")
        buffer = await editor.open(CODE)
        other = await editor.open("x = ", name="other.py")
        await editor.begin("fimble.refactor", editor.argument(buffer, TOTAL, TOTAL))
        await editor.client.until(
            lambda: any("line" in it.get("message", "") for it in editor.progress()), "a report"
        )
        shown = await editor.client.ghost(other)
        unfinished = "end" not in kinds(editor)

        assert shown
        assert unfinished


async def test_one_action_waits_for_another(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER), timing=SLOW) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL)
        ids = [await editor.begin("fimble.fix", argument, token=f"t{n}") for n in range(3)]
        for id_ in ids:
            assert (await editor.client.answer(id_))["result"] == {"applied": True}

        assert editor.stub.max_concurrent == 1
        assert len(editor.edits) == 3


async def test_the_model_is_shown_what_the_code_uses(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        (editor.workspace / "money.py").write_text(
            'def rounded(price):\n    """Round to cents."""\n    return round(price, 2)\n'
        )
        (editor.workspace / "other.py").write_text("def total(x):\n    return x\n")
        text = "from money import rounded\n\n\ndef total(x):\n    return rounded(sum(x))\n"
        buffer = await editor.open(text)
        at = text.index("return")
        await editor.run("fimble.refactor", editor.argument(buffer, at, at))

        shown = "# money.py:1-3\ndef rounded(price):\n"
        assert f"Definitions that the code uses:\n````python\n{shown}" in asked(editor)
        assert "other.py" not in asked(editor)
