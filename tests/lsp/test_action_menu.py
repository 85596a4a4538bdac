"""The menu of actions: what is offered where, to whom, and that it is made without the model."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from support.acting_editor import (
    BETTER,
    CODE,
    FULL,
    TOTAL,
    ActingEditor,
    acting,
    edited,
    replying,
    without,
)
from support.lsp_client import Json

USUAL = [
    "Explain with Fimble",
    "Document with Fimble",
    "Refactor with Fimble",
    "Edit with Fimble: Add type annotations",
    "Edit with Fimble: Handle errors and odd input",
    "Write tests with Fimble",
]
TEAM = """\
---
schema: 1
name: ours
description: Log what is done here.
kind: edit
inputs:
  level: {enum: [info, debug]}
output: {format: code}
---
Log at ${inputs.level}:
````
${selection}
````
"""


def titles(actions: list[Json]) -> list[str]:
    return [action["title"] for action in actions]


def diagnostic(line: int, message: str, source: str = "ruff") -> Json:
    place = {"line": line, "character": 4}
    return {"range": {"start": place, "end": place}, "message": message, "source": source}


async def test_the_menu_is_made_of_commands_that_run(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        actions = await editor.actions(buffer, TOTAL, TOTAL, triggerKind=1)
        for action in actions:
            [argument] = action["command"]["arguments"]
            done = await editor.run(action["command"]["command"], argument)
            assert "result" in done

        assert titles(actions) == USUAL
        assert len(editor.stub.generations) >= len(actions)


async def test_moving_around_offers_nothing_but_fixes(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        quiet = await editor.actions(buffer, TOTAL, TOTAL + 6, triggerKind=2)
        problems = [diagnostic(4, "No."), diagnostic(4, "Never."), diagnostic(4, "x", "fimble")]
        fixes = await editor.actions(buffer, TOTAL, TOTAL, triggerKind=2, diagnostics=problems)

        assert quiet == []
        assert titles(fixes) == [
            "Fix with Fimble: No.",
            "Fix with Fimble: Never.",
            "Fix with Fimble: all 2 problems here",
        ]
        assert fixes[0]["diagnostics"] == problems[:1]
        assert {fix["kind"] for fix in fixes} == {"quickfix"}
        assert editor.stub.generations == []


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (["quickfix"], 1),
        (["refactor"], 5),
        (["refactor.rewrite"], 4),
        (["refactor.fimble.test", "quickfix"], 2),
        (["refactor.rewrite.fimble.document"], 1),
        (["fimble"], 1),
        (["source.organizeImports"], 0),
        (["refactor.re"], 0),
        ([""], 7),
        ([], 0),
    ],
)
async def test_kinds_that_are_not_asked_for_are_left_out(
    tmp_path: Path, only: list[str], count: int
) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        problems = [diagnostic(4, "No.")]
        actions = await editor.actions(buffer, TOTAL, TOTAL, diagnostics=problems, only=only)

        assert len(actions) == count


async def test_a_client_without_literals_gets_commands(tmp_path: Path) -> None:
    old = without(FULL, "textDocument", "codeAction", "codeActionLiteralSupport")
    async with acting(tmp_path, replying(BETTER), old) as editor:
        buffer = await editor.open(CODE)
        actions = await editor.actions(buffer, TOTAL, TOTAL)

        assert titles(actions) == USUAL
        assert all(isinstance(action["command"], str) for action in actions)


async def test_a_comment_is_an_instruction_for_what_it_stands_above(tmp_path: Path) -> None:
    text = CODE.replace("def total", "# fimble: sum the net prices\ndef total")
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(text)
        at = text.index("# fimble")
        action = (await editor.actions(buffer, at, at))[1]
        await editor.run(action["command"]["command"], action["command"]["arguments"][0])
        [change] = editor.edits[0]["edit"]["documentChanges"]

        assert action["title"] == "Edit with Fimble: sum the net prices"
        assert "The task:\nsum the net prices\nLeave out the comment" in str(
            editor.stub.generations[0].body["prompt"]
        )
        assert edited(text, change["edits"]) == CODE.replace("item.price", "item.net")


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("    # TODO: stop at the first", "stop at the first"),
        ("    # FIXME(anna): be quick", "be quick"),
        ("    x = 1  # TODO: no", None),
        ("    # todo: no", None),
        ("    # fimble:", None),
        ("    todo = 1", None),
    ],
)
async def test_what_counts_as_an_instruction(tmp_path: Path, line: str, title: str | None) -> None:
    text = CODE.replace("    return sum", f"{line}\n    return sum")
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(text)
        at = text.index(line) + 5
        actions = titles(await editor.actions(buffer, at, at))

        wanted = [] if title is None else [f"Edit with Fimble: {title}"]
        assert [each for each in actions if each not in USUAL] == wanted


async def test_instructions_that_were_used_come_again(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        for words in ("One.", "Two.", "Three.", "One.", "Four."):
            argument = editor.argument(buffer, TOTAL, TOTAL, instruction=words)
            await editor.run("fimble.edit", argument)
        actions = titles(await editor.actions(buffer, TOTAL, TOTAL))

        assert [each for each in actions if each not in USUAL] == [
            f"Edit with Fimble: {words}" for words in ("Four.", "One.", "Three.")
        ]


@pytest.mark.parametrize(
    ("name", "language", "offered"),
    [
        ("a.json", "json", USUAL[:-1]),
        ("notes.txt", "plaintext", USUAL[:-1]),
        ("a.go", "go", USUAL),
    ],
)
async def test_tests_are_offered_for_code(
    tmp_path: Path, name: str, language: str, offered: list[str]
) -> None:
    async with acting(tmp_path, replying("{}")) as editor:
        buffer = await editor.open("{}\n", name=name, language=language)

        assert titles(await editor.actions(buffer, 0, 0)) == offered


# --- prompts of user and team ----------------------------------------------------------------


def put(folder: Path, text: str = TEAM, name: str = "ours") -> None:
    path = folder / "edit" / f"{name}.prompt.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def trust(editor: ActingEditor, workspace: Path) -> None:
    """Review the workspace in a terminal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "fimble_cli",
        "trust",
        "--yes",
        cwd=workspace,
        stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(editor.home)},
    )
    assert await process.wait() == 0


async def own(editor: ActingEditor, name: str = "shop.py") -> list[Json]:
    buffer = await editor.open(CODE, name=name)
    actions = await editor.actions(buffer, TOTAL, TOTAL)
    return [action for action in actions if action["title"] not in USUAL]


@pytest.mark.skipif("sys.platform == 'win32'", reason="state lies elsewhere there")
async def test_t05_the_teams_templates_are_actions_once_they_were_reviewed(tmp_path: Path) -> None:
    fix = TEAM.replace("name: ours", "name: fix").replace(
        "inputs:\n  level: {enum: [info, debug]}\n", ""
    )
    async with acting(tmp_path, replying(BETTER)) as editor:
        folder = editor.workspace / ".fimble" / "prompts"
        put(folder)
        put(folder, fix.replace("Log at ${inputs.level}", "OUR WAY"), "fix")
        await editor.client.until(
            lambda: any(
                "wait for your review" in str(it["params"].get("message"))
                for it in editor.client.notifications
            ),
            "the review",
        )
        before = await own(editor)
        buffer = editor.client.buffers[(editor.workspace / "shop.py").as_uri()]
        argument = editor.argument(buffer, TOTAL, TOTAL)
        asked_for = {**argument, "prompt": "edit/ours", "inputs": {"level": "info"}}
        refused = await editor.run("fimble.prompt", asked_for)
        await editor.run("fimble.fix", argument)
        bundled = str(editor.stub.generations[-1].body["prompt"])

        editor.client.forget()
        await trust(editor, editor.workspace)
        await editor.client.notification("fimble/status", message="")
        actions = await own(editor)
        command = actions[1]["command"]
        await editor.run(command["command"], command["arguments"][0])
        await editor.run("fimble.fix", argument)

        assert before == []
        assert "There is no template `edit/ours`" in refused["error"]["message"]
        assert "OUR WAY" not in bundled
        assert titles(actions) == [
            "Fimble: Log what is done here (info)",
            "Fimble: Log what is done here (debug)",
        ]
        assert "Log at debug:" in str(editor.stub.generations[-2].body["prompt"])
        assert "OUR WAY" in str(editor.stub.generations[-1].body["prompt"])


@pytest.mark.skipif("sys.platform == 'win32'", reason="state lies elsewhere there")
async def test_each_folder_of_a_workspace_has_its_own(tmp_path: Path) -> None:
    async with acting(tmp_path, replying(BETTER)) as editor:
        second = tmp_path / "second"
        plain = TEAM.replace("inputs:\n  level: {enum: [info, debug]}\n", "")
        put(second / ".fimble" / "prompts", plain.replace(" at ${inputs.level}", ""))
        await trust(editor, second)
        event = {"added": [{"uri": second.as_uri(), "name": "second"}], "removed": []}
        await editor.client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await editor.client.settle()
        buffer = await editor.client.open(CODE, uri=(second / "b.py").as_uri())
        argument = editor.argument(buffer, TOTAL, TOTAL, prompt="edit/ours")
        done = await editor.run("fimble.prompt", argument)
        there = [
            it for it in await editor.actions(buffer, TOTAL, TOTAL) if it["title"] not in USUAL
        ]

        assert done["result"] == {"applied": True}
        assert titles(there) == ["Fimble: Log what is done here"]
        assert await own(editor) == []


@pytest.mark.skipif("sys.platform == 'win32'", reason="state lies elsewhere there")
async def test_a_template_that_needs_words_is_no_entry_of_the_menu(tmp_path: Path) -> None:
    free = TEAM.replace("{enum: [info, debug]}", "{hint: What level.}")
    asks = (
        TEAM.replace("inputs:\n  level: {enum: [info, debug]}\n", "")
        .replace("Log at ${inputs.level}:\n", "")
        .replace("````\n", "````\n${input}\n", 2)
        .replace("````\n${input}\n", "````\n", 1)
    )
    elsewhere = TEAM.replace("output:", "languages: [rust]\noutput:")
    folder = tmp_path / "home" / ".config" / "fimble" / "prompts"
    for name, text in (("free", free), ("asks", asks), ("elsewhere", elsewhere), ("good", TEAM)):
        put(folder, text.replace("name: ours", f"name: {name}"), name)
    async with acting(tmp_path, replying(BETTER)) as editor:
        buffer = await editor.open(CODE)
        argument = editor.argument(buffer, TOTAL, TOTAL, prompt="edit/asks")
        refused = await editor.run("fimble.prompt", argument)
        done = await editor.run("fimble.prompt", {**argument, "instruction": "trace"})

        assert refused["error"]["message"] == "`asks` needs an instruction."
        assert done["result"] == {"applied": True}
        assert titles(await own(editor)) == [
            "Fimble: Log what is done here (info)",
            "Fimble: Log what is done here (debug)",
        ]
