"""Other files in completion prompts, through the real server and a stub of Ollama."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.lsp_client import GHOST_TEXT, EditorBuffer, Json, LspClient, running_server
from support.stub_ollama import Script, StubOllama, fixed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="state lies elsewhere there")

_SERVER = ("-c", "import sys; from fimble_lsp.server import run_stdio; sys.exit(run_stdio())")
_CART = '''\
class Cart:
    """What somebody is about to buy."""

    def __init__(self, owner: str) -> None:
        self.items: list[str] = []

    def total_in_cents(self, discount_percent: int = 0) -> int:
        """Return what all of it costs."""
        return 42


def checkout(cart: Cart, *, api_key: str = "sk-live-Zx81kQp0Lm37TtRw94Bv") -> str:
    return cart.items[0]
'''
_MOST_QUESTIONS = 10
_DOCUMENT = "from shop.cart import Cart\n\n\ndef show(cart: Cart) -> str:\n    return cart."


@dataclass
class Desk:
    editor: LspClient
    stub: StubOllama
    workspace: Path

    async def open(self, text: str = _DOCUMENT, name: str = "shop/view.py") -> EditorBuffer:
        return await self.editor.open(text, uri=(self.workspace / name).as_uri())

    async def prompt(self, buffer: EditorBuffer) -> str:
        await self.editor.ghost(buffer, trigger_kind=1)
        return str(self.stub.generations[-1].body["prompt"])


def _workspace(tmp_path: Path) -> Path:
    workspace = tmp_path / "workspace"
    (workspace / ".git").mkdir(parents=True)
    (workspace / "shop").mkdir()
    (workspace / "shop" / "__init__.py").write_text("")
    (workspace / "shop" / "cart.py").write_text(_CART)
    (workspace / "shop" / ".env").write_text("CART_TOKEN=total_in_cents_secret\n")
    return workspace


async def _trust(workspace: Path, home: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fimble_cli", "trust", "--yes"),
        cwd=workspace,
        env={**os.environ, "HOME": str(home)},
    )
    assert await process.wait() == 0


@asynccontextmanager
async def _desk(
    tmp_path: Path,
    *,
    trusted: bool = True,
    layout: str = "psm",
    files: int = 0,
    capabilities: Json = GHOST_TEXT,
    **completion: object,
) -> AsyncGenerator[Desk]:
    workspace, home = _workspace(tmp_path), tmp_path / "home"
    for number in range(files):
        (workspace / f"part_{number}.py").write_text(f"def part_{number}(): ...\n")
    home.mkdir()
    if trusted:
        await _trust(workspace, home)
    with StubOllama(Script(answer=fixed("w * h\n"))) as stub:
        async with running_server(_SERVER, home=home) as editor:
            editor.answering["window/workDoneProgress/create"] = lambda _: None
            await editor.initialize(
                capabilities,
                rootUri=workspace.as_uri(),
                initializationOptions={
                    "engine": {"kind": "ollama"},
                    "ollama": {"endpoint": stub.url},
                    "completion": {
                        "layout": layout,
                        "prefetch": False,
                        "debounce_ms": 0,
                        **completion,
                    },
                },
            )
            await editor.notification("fimble/status", state="ready")
            yield Desk(editor, stub, workspace)
            assert await editor.shut_down() == 0


async def _prompt_with(desk: Desk, text: str, words: str) -> tuple[EditorBuffer, str]:
    """Ask in one new file after the other: the first question may come before the answer is read.

    A prompt waits for its context, but not for ever, and a loaded machine may be slower.
    """
    number = 0
    while True:
        buffer = await desk.open(text, name=f"shop/view{number}.py")
        prompt = await desk.prompt(buffer)
        number += 1
        if words in prompt or number == _MOST_QUESTIONS:
            return buffer, prompt


@pytest.mark.parametrize("layout", ["psm", "spm", "prefill"])
async def test_a_prompt_shows_the_signature_of_what_is_imported(tmp_path: Path, layout: str):
    async with _desk(tmp_path, layout=layout) as desk:
        _, prompt = await _prompt_with(desk, _DOCUMENT, "total_in_cents")

        assert "def total_in_cents(self, discount_percent: int = 0) -> int" in prompt
        assert "shop/cart.py" in prompt


async def test_what_is_shown_stands_still_while_one_types(tmp_path: Path):
    async with _desk(tmp_path) as desk:
        buffer, before = await _prompt_with(desk, _DOCUMENT, "total_in_cents")
        for letter in "total":
            await desk.editor.type(buffer, letter)
            after = await desk.prompt(buffer)

            assert after.startswith(before)
            before = after


async def test_t05_an_untrusted_workspace_shows_nothing_of_other_files(tmp_path: Path):
    async with _desk(tmp_path, trusted=False) as desk:
        _, prompt = await _prompt_with(desk, _DOCUMENT, "discount_percent")

        assert "discount_percent" not in prompt


async def test_t15_secrets_of_other_files_are_masked_and_secret_files_never_read(tmp_path: Path):
    async with _desk(tmp_path) as desk:
        text = (
            "from shop.cart import Cart, checkout\n\n\ndef pay(cart: Cart):\n    return checkout("
        )
        _, prompt = await _prompt_with(desk, text, "def checkout")

        assert "def checkout(cart: Cart" in prompt
        assert "Zx81kQp0Lm37TtRw94Bv" not in prompt
        assert "total_in_cents_secret" not in prompt


async def test_context_can_be_switched_off(tmp_path: Path):
    async with _desk(tmp_path, context_tokens=0) as desk:
        _, prompt = await _prompt_with(desk, _DOCUMENT, "discount_percent")

        assert "discount_percent" not in prompt


async def test_a_file_that_comes_later_is_found_when_the_editor_tells_of_it(tmp_path: Path):
    async with _desk(tmp_path) as desk:
        await _prompt_with(desk, _DOCUMENT, "total_in_cents")
        late = desk.workspace / "far" / "away" / "prices.py"
        late.parent.mkdir(parents=True)
        late.write_text("def freshly_made_price(order, *, currency='EUR'):\n    return 1\n")
        changes = [{"uri": late.as_uri(), "type": 1}]
        await desk.editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        words = "def freshly_made_price(order, *, currency='EUR')"
        _, prompt = await _prompt_with(desk, "total = freshly_made_price(", words)

        assert words in prompt


async def test_an_editor_shows_how_far_a_large_workspace_is_read(tmp_path: Path):
    shown = {**GHOST_TEXT, "window": {"workDoneProgress": True}}
    async with _desk(tmp_path, files=1200, capabilities=shown) as desk:

        def told() -> list[Json]:
            notes = desk.editor.notifications
            return [it["params"]["value"] for it in notes if it["method"] == "$/progress"]

        await desk.editor.until(lambda: told() and told()[-1]["kind"] == "end", "the index")

        assert told()[0]["title"] == "Fimble reads the workspace"
        assert told()[0]["cancellable"]
        assert any("files, " in it.get("message", "") for it in told())
