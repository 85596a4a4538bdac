"""Kakoune with kakoune-lsp: the completion menu, with `docs/editors/kakrc` as the only settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.editing import DOCUMENTED, WHOLE, Desk
from support.terminal import needs_tmux, terminal

pytestmark = [
    pytest.mark.skipif(
        shutil.which("kak") is None or shutil.which("kak-lsp") is None,
        reason="kak or kak-lsp is not on PATH (apt-get install kakoune; cargo install kak-lsp)",
    ),
    pytest.mark.timeout(120),
    needs_tmux,
]


def test_the_menu_completes_the_line(desk: Desk) -> None:
    settings = Path(desk.environment["HOME"]) / ".config" / "kak"
    settings.mkdir()
    shutil.copy(DOCUMENTED / "kakrc", settings)
    runtime = Path(desk.environment["HOME"]) / "run"
    runtime.mkdir(mode=0o700)
    environment = {**desk.environment, "XDG_RUNTIME_DIR": str(runtime)}
    with terminal(desk.workspace, environment, columns=110) as shown:
        shown.type("kak shop.py")
        shown.press("Enter")
        shown.shows("def area", "client0")
        shown.type("3gA")
        shown.type("return w")
        # kakoune-lsp does not show when the server is ready, and asks with each letter.
        shown.press_until(["BSpace", "w"], "width * height")
        shown.press("C-n")
        shown.shows("    return width * height")
        shown.press("Escape")
        shown.type(":w")
        shown.press("Enter")
        shown.type(":q")
        shown.press("Enter")
        shown.shows("$ ", without=["def area"])
    assert desk.file.read_text("utf-8") == WHOLE
