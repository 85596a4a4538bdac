"""Vim with vim-lsp: the completion menu, with `docs/editors/vim-lsp.vim` as the only settings."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from support.editing import DOCUMENTED, WHOLE, Desk
from support.terminal import needs_tmux, terminal

PLUGIN = Path(os.environ.get("FIMBLE_TEST_VIM_LSP", "/nowhere"))
pytestmark = [
    pytest.mark.skipif(
        shutil.which("vim") is None or not PLUGIN.is_dir(),
        reason="vim is not on PATH, or FIMBLE_TEST_VIM_LSP names no clone of vim-lsp",
    ),
    pytest.mark.timeout(120),
    needs_tmux,
]


def test_the_menu_completes_the_line(desk: Desk) -> None:
    settings = f"set nocompatible noswapfile rtp+={PLUGIN} | filetype plugin on"
    words = ["vim", "-u", "NONE", "-i", "NONE", "--cmd", settings]
    plugin = f"source {PLUGIN / 'plugin' / 'lsp.vim'}"
    with terminal(desk.workspace, desk.environment, columns=110) as shown:
        own = ("--cmd", plugin, "--cmd", f"source {DOCUMENTED / 'vim-lsp.vim'}")
        shown.type(shlex.join([*words, *own, "shop.py"]))
        shown.press("Enter")
        shown.shows("def area")
        # vim-lsp does not show when the server is ready; an empty menu is asked for again.
        again = ["Escape", "3GS    return w", "C-x", "C-o"]
        shown.press_until(again, "    return width * height")
        shown.press("Escape")
        shown.type(":x")
        shown.press("Enter")
        shown.shows("$ ", without=["def area"])
    assert desk.file.read_text("utf-8") == WHOLE
