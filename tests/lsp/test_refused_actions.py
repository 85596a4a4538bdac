"""Actions that come to nothing: the document is left alone, and one sentence says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.acting_editor import (
    BETTER,
    CODE,
    FULL,
    SLOW,
    TOTAL,
    acting,
    fenced,
    fix,
    replying,
    without,
)
from support.stub_ollama import Timing, faults


async def test_f09_a_document_that_changes_ends_the_stream_and_is_left_alone(
    tmp_path: Path,
) -> None:
    long = "def total(items):\n" + "    x = 1\n" * 400
    async with acting(tmp_path, replying(long), timing=SLOW) as editor:
        buffer = await editor.open(CODE)
        await editor.begin("fimble.refactor", editor.argument(buffer, TOTAL, TOTAL))
        await editor.client.until(
            lambda: any("line" in it.get("message", "") for it in editor.progress()), "a report"
        )
        await editor.client.type(buffer, "#")
        await editor.client.until(editor.messages, "the refusal")
        await editor.stub.wait_for(
            lambda them: next((it for it in them if it.outcome == "cancelled"), None)
        )

        assert editor.edits == []
        [message] = editor.messages()
        assert message == (
            "Refactor with Fimble: The document changed while the model was writing, so nothing "
            "was changed. Ask again."
        )


async def test_f09_an_argument_of_an_older_version_is_refused(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL)
        await editor.client.type(buffer, "#")
        refused = await editor.run("fimble.fix", argument)
        unattended = await editor.client.answer(await editor.begin("fimble.fix", argument))

        message = "The document changed since this was offered: choose it again."
        assert refused["error"] == unattended["error"] == {"code": -32803, "message": message}
        assert editor.stub.generations == []


async def test_f09_a_document_that_is_closed_meanwhile_gets_no_edit(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER), timing=Timing(base_s=0.3)) as editor:
        buffer = await editor.open(CODE)
        id_ = await editor.begin("fimble.fix", editor.argument(buffer, TOTAL, TOTAL), token="t")
        await editor.stub.wait_for(lambda them: any(it.is_generation for it in them))
        closed = {"textDocument": {"uri": buffer.uri}}
        await editor.client.notify("textDocument/didClose", closed)

        assert "changed while" in (await editor.client.answer(id_))["error"]["message"]
        assert editor.edits == []


async def test_f09_the_same_text_under_another_version_gets_the_edit_for_that(
    tmp_path: Path,
) -> None:
    async with acting(tmp_path, replying(BETTER), timing=Timing(base_s=0.5)) as editor:
        buffer = await editor.open(CODE)
        id_ = await editor.begin("fimble.fix", editor.argument(buffer, TOTAL, TOTAL), token="t")
        await editor.stub.wait_for(lambda them: any(it.is_generation for it in them))
        buffer.version += 1
        await editor.client.change(buffer)

        assert (await editor.client.answer(id_))["result"] == {"applied": True}
        [change] = editor.edits[0]["edit"]["documentChanges"]
        assert change["textDocument"]["version"] == buffer.version == 2


async def test_f09_a_key_frees_the_model_before_it_has_said_a_word(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER), timing=Timing(base_s=60)) as editor:
        buffer = await editor.open(CODE)
        id_ = await editor.begin("fimble.fix", editor.argument(buffer, TOTAL, TOTAL), token="t")
        await editor.stub.wait_for(lambda them: any(it.is_generation for it in them))
        await editor.client.type(buffer, "#")

        assert "changed while" in (await editor.client.answer(id_))["error"]["message"]
        await editor.stub.wait_for(
            lambda them: next((it for it in them if it.outcome == "cancelled"), None)
        )


async def test_an_explanation_outlives_typing(tmp_path: Path) -> None:
    async with acting(tmp_path, lambda _: "It adds.", timing=Timing(base_s=0.5)) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL)
        id_ = await editor.begin("fimble.explain", argument, token="t")
        await editor.stub.wait_for(lambda them: any(it.is_generation for it in them))
        await editor.client.type(buffer, "#")

        assert (await editor.client.answer(id_))["result"]["markdown"] == "It adds."


async def test_f01_a_server_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        with editor.stub.down():
            gone = await fix(editor)
        buffer = editor.client.buffers[(editor.workspace / "shop.py").as_uri()]
        done = await editor.run("fimble.fix", editor.argument(buffer, TOTAL, TOTAL))

        assert "127.0.0.1" in gone["error"]["message"]
        assert done["result"] == {"applied": True}


async def test_what_does_not_fit_into_the_window_is_left_out_or_refused(tmp_path: Path) -> None:
    small = {"ollama": {"num_ctx": 2048}}
    around = "\n".join(f"unrelated_{n} = {n}" for n in range(300))
    huge = "def f():\n" + "\n".join(f"    x{n} = {n}" for n in range(150)) + "\n"
    async with acting(tmp_path, replying(BETTER), options=small) as editor:
        buffer = await editor.open(f"{around}\n\n\n{CODE}")
        at = buffer.text.index("return sum")
        done = await editor.run("fimble.refactor", editor.argument(buffer, at, at))
        asked = editor.stub.generations[-1]
        long = await editor.open(huge, name="long.py")
        refused = await editor.run("fimble.refactor", editor.argument(long, 12, 12))

        assert done["result"] == {"applied": True}
        assert "unrelated_299" not in asked.prompt
        assert asked.prompt_tokens + int(asked.body["options"]["num_predict"]) <= 2048
        assert "do not fit into the model's context window of 2048" in refused["error"]["message"]


async def test_a_selection_longer_than_its_answer_may_be_is_refused_unasked(
    tmp_path: Path,
) -> None:
    huge = "def f():\n" + "\n".join(f"    x{n} = {n}" for n in range(400)) + "\n"
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(huge)
        refused = await editor.run("fimble.refactor", editor.argument(buffer, 12, 12))

        assert "what replaces it may have 4000" in refused["error"]["message"]
        assert editor.stub.generations == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (".github/workflows/ci.yml", "can make programs run, so Fimble does not change it"),
        (".vscode/settings.json", "can make programs run, so Fimble does not change it"),
        (".VSCode/Tasks.JSON", "can make programs run, so Fimble does not change it"),
        ("conftest/sitecustomize.py", "can make programs run, so Fimble does not change it"),
        (".env", "looks like a file of secrets: no model sees it"),
        ("keys/id_rsa", "looks like a file of secrets: no model sees it"),
        ("generated/a.py", "is excluded by `completion.ignore`: no model sees it"),
    ],
)
async def test_t03_t15_protected_and_secret_files_are_refused_unasked(
    tmp_path: Path, name: str, words: str
) -> None:
    options = {"completion": {"ignore": ["generated/"]}}
    async with acting(tmp_path, replying("x = 1"), options=options) as editor:
        buffer = await editor.open("y = 2\n", name=name, language="plain")
        refused = await editor.run("fimble.document", editor.argument(buffer, 0, 5))
        explained_ = await editor.run("fimble.explain", editor.argument(buffer, 0, 5))
        titles = [each["title"] for each in await editor.actions(buffer, 0, 5)]

        assert words in refused["error"]["message"]
        assert ("error" in explained_) is ("no model" in words)
        assert not [title for title in titles if "Document" in title or "Edit" in title]
        assert bool(titles) is ("no model" not in words)
        assert editor.edits == []
        assert len(editor.stub.generations) == int("programs" in words)


@pytest.mark.skipif("sys.platform == 'win32'", reason="links need a privilege there")
async def test_t03_a_link_to_a_protected_file_is_refused(tmp_path: Path) -> None:
    async with acting(tmp_path, replying("x = 1")) as editor:
        hidden = await editor.open("y = 2\n", name=".github/a.yml", language="yaml")
        link = editor.workspace / "plain.yml"
        link.symlink_to(editor.workspace / ".github" / "a.yml")
        buffer = await editor.client.open(hidden.text, uri=link.as_uri(), language_id="yaml")
        refused = await editor.run("fimble.document", editor.argument(buffer, 0, 5))

        assert "does not change it" in refused["error"]["message"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("I cannot do that.", "answered without code"),
        ("", "answered without code"),
        ("````python\ndef total(items):", "ends inside its code"),
        (fenced("def total(items):\n    # ... existing code ..."), "leaves out code"),
        (fenced("def total(items):\n    return '\u202e'"), "a hidden character, U+202E"),
        (fenced("def total(items):\n    return '\U000e0041'"), "a hidden character, U+E0041"),
        (fenced("def total(items):\n    return sum(item.price for item in items)"), "nothing to"),
        ("````diff\n@@ -1 +1 @@\n-no such line\n+x\n````", "does not hold the lines"),
        ("```diff\n```", "changes nothing"),
    ],
)
async def test_an_answer_without_use_is_refused_with_one_sentence(
    tmp_path: Path, answer: str, words: str
) -> None:
    async with acting(tmp_path, lambda _: answer) as editor:
        buffer = await editor.open(CODE)
        await editor.begin("fimble.fix", editor.argument(buffer, TOTAL, TOTAL))
        await editor.client.until(editor.messages, "the refusal")

        [message] = editor.messages()
        assert message.startswith("Fix with Fimble: ")
        assert words in message
        assert editor.edits == []


async def test_an_answer_that_is_cut_is_refused(tmp_path: Path) -> None:
    own = "---\nschema: 1\nname: fix\ndescription: Short.\nkind: edit\nbudget: {answer: 60}\n---\n"
    folder = tmp_path / "home" / ".config" / "fimble" / "prompts" / "edit"
    folder.mkdir(parents=True)
    (folder / "fix.prompt.md").write_text(own + "Mend ${selection}\n")
    async with acting(tmp_path, replying(BETTER + "\n    x = 1" * 60)) as editor:
        done = await fix(editor)

        assert done["error"]["message"].startswith("The answer was cut before its end")
        assert editor.edits == []


async def test_syntax_errors_that_an_edit_adds_are_told_where_it_is_confirmed(
    tmp_path: Path,
) -> None:
    async with acting(tmp_path, replying("def total(items:\n    return 1")) as editor:
        await fix(editor)
        [note] = editor.edits[0]["edit"]["changeAnnotations"].values()

        assert note["description"].startswith("By qwen3.6:27b. Look closely: it adds ")


async def test_syntax_errors_are_told_by_message_where_nothing_is_confirmed(tmp_path: Path) -> None:
    missing = ("workspace", "workspaceEdit", "changeAnnotationSupport")
    broken = replying("def total(items:\n    return 1")
    async with acting(tmp_path, broken, without(FULL, *missing)) as editor:
        await fix(editor)
        await editor.client.until(editor.messages, "the warning")

        assert "it adds " in editor.messages()[0]


async def test_an_answer_cannot_choose_another_file(tmp_path: Path) -> None:
    """T2: what the answer says of paths is not looked at."""
    answer = "````python ../../evil.py\ndef total(items):\n    return 1\n````"
    diff = "--- a/../../evil.py\n+++ b/../../evil.py\n@@ -1 +1 @@\n-import os\n+import re"
    patch = fenced(diff, "diff")
    async with acting(tmp_path, lambda _: answer) as editor:
        buffer = await editor.open(CODE)
        for reply in (answer, patch):
            editor.stub.answer_with(lambda _, reply=reply: reply)
            await editor.run("fimble.fix", editor.argument(buffer, TOTAL, TOTAL))
        named = {
            it["textDocument"]["uri"]
            for each in editor.edits
            for it in each["edit"]["documentChanges"]
        }

        assert named == {buffer.uri}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.http_error(404, "model 'qwen3.6:27b' not found"), "qwen3.6:27b"),
        (faults.busy(), "busy"),
        (faults.InStream(name="cut", after_tokens=3, action="end"), "end"),
        (faults.InStream(name="oom", after_tokens=3, action="oom"), "done"),
    ],
)
async def test_a_server_that_fails_is_one_sentence_and_the_next_action_works(
    tmp_path: Path, fault: Any, words: str
) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        editor.stub.inject(fault)
        failed = await fix(editor)
        buffer = editor.client.buffers[(editor.workspace / "shop.py").as_uri()]
        done = await editor.run("fimble.fix", editor.argument(buffer, TOTAL, TOTAL))

        assert words in failed["error"]["message"]
        assert done["result"] == {"applied": True}


@pytest.mark.parametrize(
    "argument",
    [
        None,
        5,
        {},
        {"uri": "file:///work/none.py"},
        {"range": 3},
        {"range": {"start": {"line": 0, "character": 0}}},
        {"diagnostics": [{"message": 3}]},
        {"instruction": 7},
        {"instruction": "x" * 5000},
    ],
)
async def test_f10_a_wrong_argument_is_told_and_not_failed_over(
    tmp_path: Path, argument: Any
) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        if isinstance(argument, dict) and argument and "uri" not in argument:
            argument = {**editor.argument(buffer, 0, 0), **argument}
        answer = await editor.run("fimble.fix", argument)

        assert answer["error"]["code"] == -32602


async def test_an_embedded_engine_alone_is_no_model_to_ask(tmp_path: Path) -> None:
    options = {"engine": {"kind": "embedded"}}
    async with acting(tmp_path, replying(BETTER), options=options, state="embedded") as editor:
        done = await fix(editor)
        buffer = editor.client.buffers[(editor.workspace / "shop.py").as_uri()]

        assert done["error"]["message"].startswith("There is no model to ask: `engine.kind`")
        assert await editor.actions(buffer, TOTAL, TOTAL) == []


async def test_f08_a_storm_of_actions_and_cancels_leaves_one_answer_each_and_a_free_model(
    tmp_path: Path,
) -> None:
    async with acting(tmp_path, replying(BETTER), timing=SLOW) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL)
        ids = [await editor.begin("fimble.fix", argument, token=f"t{n}") for n in range(40)]
        for id_ in ids:
            await editor.client.cancel(id_)
        done = await editor.run("fimble.fix", argument)

        for id_ in ids:
            [answer] = editor.client.answers_to(id_)
            assert answer["error"]["code"] == -32800
        assert done["result"] == {"applied": True}
        assert len(editor.edits) == 1
        assert editor.stub.max_concurrent <= 1
        begun = [it["kind"] for it in editor.progress()]
        assert begun.count("begin") == begun.count("end")


async def test_f12_a_client_that_goes_frees_the_model(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER), timing=Timing(base_s=60)) as editor:
        buffer = await editor.open(CODE)
        await editor.begin("fimble.fix", editor.argument(buffer, TOTAL, TOTAL))
        await editor.stub.wait_for(lambda them: any(it.is_generation for it in them))
        assert await editor.client.shut_down() == 0
        await editor.stub.wait_for(
            lambda them: next((it for it in them if it.outcome == "cancelled"), None)
        )
        editor.ended = True
