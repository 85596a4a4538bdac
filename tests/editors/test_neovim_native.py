"""Neovim 0.12: its own inline completion, with `docs/editors/neovim-0.12.lua` as the only lines."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest

from support.editing import BEGUN, DOCUMENTED, WHOLE, Desk
from support.editor_programs import found, needs
from support.neovim import Neovim, headless
from support.terminal import needs_tmux, terminal

LINES = DOCUMENTED / "neovim-0.12.lua"
PROGRAM = found("nvim-0.12") or "nvim-0.12"
NAMESPACE = "nvim.lsp.inline_completion"
HEAR = "vim.lsp.handlers['fimble/status'] = function(_, now) State = now.state end"
pytestmark = [
    needs("nvim-0.12", "tests/editors/install.sh unpacks it"),
    pytest.mark.timeout(300),
]


@pytest.fixture
def nvim(desk: Desk) -> Iterator[Neovim]:
    """Neovim at the end of the third line of the begun file, with a server that is ready."""
    arguments = ("-c", f"lua {HEAR} dofile('{LINES}')", "-c", "filetype plugin on")
    with headless(
        PROGRAM, desk.workspace, desk.environment, *arguments, "-c", "edit shop.py"
    ) as running:
        running.until("State", "ready")
        running.press("3GA")
        yield running


def test_ghost_text_appears_and_tab_accepts_it(nvim: Neovim, desk: Desk) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height", NAMESPACE)

    nvim.press("<Tab>")
    nvim.until("vim.api.nvim_get_current_line()", "    return width * height")
    nvim.press("<Esc>:write<CR>")
    nvim.until("vim.bo.modified", value=False)
    assert desk.file.read_text("utf-8") == WHOLE


def test_lines_below_are_shown_and_taken(nvim: Neovim) -> None:
    nvim.press("<Esc>/def per<CR>jd3jO    ")
    nvim.until_ghost("if width < 0:\n        raise ValueError(width)", NAMESPACE)
    nvim.press("<Tab>")
    nvim.until("vim.fn.search('raise ValueError', 'nw') > 0")


def test_the_key_that_diverges_takes_it_away(nvim: Neovim, desk: Desk) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height", NAMESPACE)
    nvim.press("x")
    nvim.until_ghost("", NAMESPACE)
    nvim.press("<Tab>")
    nvim.until("vim.api.nvim_get_current_line() ~= '    retx'")
    assert desk.file.read_text("utf-8") == BEGUN


@needs_tmux
def test_in_a_terminal_tab_accepts(desk: Desk) -> None:
    settings = desk.workspace.parent / "init.lua"
    settings.write_text(
        f"State = ''\n{HEAR}\ndofile('{LINES}')\n"
        "function Shown() return State end\n"
        "vim.o.laststatus, vim.o.statusline = 2, '%{v:lua.Shown()}'\n",
        encoding="utf-8",
    )
    with terminal(desk.workspace, desk.environment) as shown:
        shown.type(shlex.join([PROGRAM, "-u", str(settings), "-i", "NONE", "-n", "shop.py"]))
        shown.press("Enter")
        shown.shows("def area")
        # Nothing draws the status line anew when the server speaks.
        shown.press_until(["C-l"], "ready")
        shown.type("3GAret")
        shown.shows("    return width * height", "INSERT")
        assert desk.file.read_text("utf-8") == BEGUN
        shown.press("Tab", "Escape")
        shown.type(":x")
        shown.press("Enter")
        shown.shows("$ ", without=["def area"])
    assert desk.file.read_text("utf-8") == WHOLE
