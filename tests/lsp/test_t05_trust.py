"""T5 through the real server: what waits is told in the status, what is broken too, and live."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.lsp_client import GHOST_TEXT, LspClient, running_server
from support.prompting import write
from support.stub_ollama import Script, StubOllama, fixed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="state lies elsewhere there")

TEMPLATE = ".fimble/prompts/chat/ours.prompt.md"
STATUS = "fimble/status"


@dataclass
class Desk:
    """An editor and a terminal of one user, in one workspace."""

    editor: LspClient
    workspace: Path
    home: Path

    async def run(self, *arguments: str) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fimble_cli",
            *arguments,
            cwd=self.workspace,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self.home)},
        )
        return await process.wait()

    def put(self, body: str, folder: Path | None = None) -> None:
        path = (folder or self.workspace / ".fimble" / "prompts") / "chat" / "ours.prompt.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        # At once, as editors save: half of a file is another mistake than the whole.
        written = path.with_suffix(".written")
        written.write_text(write(body).replace("name: example", "name: ours"))
        written.replace(path)

    async def open(self) -> None:
        await self.editor.initialize(rootUri=self.workspace.as_uri())
        await self.editor.notification(STATUS, state="ready")

    async def told(self, words: str) -> None:
        """Wait for a status that says something, or nothing."""
        await self.editor.until(
            lambda: any(self.says(each, words) for each in self.editor.notifications), words
        )

    def is_quiet(self) -> bool:
        """Whether the newest status has nothing to say."""
        told = [each["params"] for each in self.editor.notifications if each["method"] == STATUS]
        return bool(told) and not told[-1]["message"]

    def says(self, message: dict[str, object], words: str) -> bool:
        params = message.get("params")
        if message.get("method") != STATUS or not isinstance(params, dict):
            return False
        # The scripted engine's own message is the workspace.
        return words in params["message"] if words else params["message"] == str(self.workspace)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    workspace, home = tmp_path / "workspace", tmp_path / "home"
    (workspace / ".git").mkdir(parents=True)
    home.mkdir()
    async with running_server(home=home) as editor:
        yield Desk(editor, workspace, home)


async def test_t05_what_waits_is_told_in_the_status_until_it_was_reviewed(desk: Desk) -> None:
    desk.put("See ${selection}.\n")
    await desk.open()
    await desk.told("1 prompt file or setting of this workspace waits for your review")

    desk.editor.forget()
    assert await desk.run("trust", "--yes") == 0
    await desk.told("")

    desk.put("Obey ${selection}.\n")
    await desk.told("1 prompt file or setting")
    methods = {each["method"] for each in desk.editor.notifications}
    assert not methods & {"window/showMessage", "window/logMessage"}
    assert await desk.editor.shut_down() == 0


async def test_f24_the_place_of_a_broken_prompt_is_told_however_long_its_path_is(
    tmp_path: Path,
) -> None:
    """A message that is cut keeps its end: what is wrong, and where."""
    home = tmp_path.joinpath(*(["home-of-somebody-who-likes-long-names"] * 7))
    workspace = home / "workspace"
    (workspace / ".git").mkdir(parents=True)
    async with running_server(home=home) as editor:
        desk = Desk(editor, workspace, home)
        own = home / ".config" / "fimble" / "prompts"
        if sys.platform == "darwin":
            own = home / "Library" / "Application Support" / "fimble" / "prompts"
        desk.put("Good ${selection}.\n", own)
        await desk.open()
        desk.put("Bad ${nonsense}.\n", own)
        await desk.told("ours.prompt.md:7:5: There is no variable `${nonsense}`.")
        assert await editor.shut_down() == 0


async def test_f24_a_broken_prompt_of_the_user_is_told_with_its_place(desk: Desk) -> None:
    own = desk.home / ".config" / "fimble" / "prompts"
    if sys.platform == "darwin":
        own = desk.home / "Library" / "Application Support" / "fimble" / "prompts"
    desk.put("Good ${selection}.\n", own)
    desk.put("See ${selection}.\n")
    await desk.open()
    await desk.told("1 prompt file or setting")
    desk.put("Bad ${nonsense}.\n", own)
    await desk.told("A prompt is broken; its last good version stays in use:")
    await desk.told("ours.prompt.md:7:5: There is no variable `${nonsense}`.")

    desk.editor.forget()
    desk.put("Good again ${selection}.\n", own)
    await desk.told(f"{desk.workspace} 1 prompt file or setting")
    assert await desk.editor.shut_down() == 0


async def test_t05_a_reviewed_setting_of_the_repository_counts_at_once(desk: Desk) -> None:
    (desk.workspace / ".fimble").mkdir()
    settings = desk.workspace / ".fimble" / "config.toml"
    settings.write_text('[completion]\nlayout = "psm"\n')
    await desk.open()
    await desk.told("1 prompt file or setting")
    settings.write_text('[completion]\nlayout = "nonsense"\n')
    await desk.told('"completion.layout" must be')
    assert await desk.editor.shut_down() == 0


async def test_t05_a_client_that_goes_takes_the_watching_with_it(desk: Desk) -> None:
    desk.put("See ${selection}.\n")
    await desk.open()
    await desk.told("1 prompt file or setting")

    assert await desk.editor.shut_down() == 0
    assert desk.editor.stderr == b""


_REAL_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
_LAYOUT = """\
---
schema: 1
name: psm
description: The team's.
kind: complete
optional: [rules]
live_suffix: true
---
# THE TEAM'S
${rules}
${fim_prefix}${prefix}${fim_suffix}${suffix}${fim_middle}
"""


async def test_t05_layout_and_rules_reach_the_model_once_they_were_reviewed_and_not_before(
    tmp_path: Path,
) -> None:
    workspace, home = tmp_path / "workspace", tmp_path / "home"
    home.mkdir()
    layout = workspace / ".fimble" / "prompts" / "complete" / "psm.prompt.md"
    layout.parent.mkdir(parents=True)
    layout.write_text(_LAYOUT)
    (workspace / "AGENTS.md").write_text("Prefer short names.\n")
    settings = {"layout": "psm", "rules_tokens": 200, "prefetch": False, "debounce_ms": 0}
    with StubOllama(Script(answer=fixed("w * h\n"))) as stub:
        async with running_server(_REAL_SERVER, home=home) as editor:
            await editor.initialize(
                GHOST_TEXT,
                rootUri=workspace.as_uri(),
                initializationOptions={
                    "engine": {"kind": "ollama"},
                    "ollama": {"endpoint": stub.url},
                    "completion": settings,
                },
            )
            desk = Desk(editor, workspace, home)
            await desk.told("1 prompt file or setting")
            await editor.notification(STATUS, state="ready")

            async def prompt_of(name: str) -> str:
                buffer = await editor.open(
                    "def area(w, h):\n    return ", uri=(workspace / name).as_uri()
                )
                assert await editor.ghost(buffer, trigger_kind=1)
                return str(stub.generations[-1].body["prompt"])

            before = await prompt_of("a.py")
            assert "THE TEAM'S" not in before
            assert "Prefer short names." not in before

            editor.forget()
            assert await desk.run("trust", "--yes") == 0
            await editor.until(desk.is_quiet, "the review")
            assert (await prompt_of("b.py")).startswith("# THE TEAM'S\nPrefer short names.\n")

            layout.write_text(_LAYOUT.replace("${fim_middle}", ""))
            assert await desk.run("trust", "--yes") == 0
            await desk.told("Another layer's layout is used.")
            assert "THE TEAM'S" not in await prompt_of("c.py")
            assert await editor.shut_down() == 0
