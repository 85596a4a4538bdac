"""Applying an answer's code: previewed by hunk, written on purpose, taken back without git."""

from pathlib import Path

import pytest

from support.chat_desk import Desk, at_desk

SHOP = """\
import os


def total(items):
    return sum(items)


def count(items):
    return len(items)


def label(name):
    return name.title()
"""
NEW = SHOP.replace("sum(items)", "sum(items) + 1").replace("name.title()", "name.strip().title()")
ANSWER = f"Here:\n\n```python src/shop.py\n{NEW}```\n"
BROKEN = f"Here:\n\n```python src/shop.py\n{NEW.replace('len(items)', 'len(items')}```\n"


def shop(folder: Path, text: str = SHOP) -> Path:
    """Put the file into the workspace."""
    path = folder / "workspace" / "src" / "shop.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


async def previewed(desk: Desk) -> None:
    """Ask for a change and open its preview."""
    await desk.ask("Change it.")
    await desk.apply_block()
    await desk.chat.until(
        lambda: "staged" in desk.chat.text or "nothing to write" in desk.chat.text
    )


async def test_staged_hunks_are_written_and_undone(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        assert "src/shop.py" in desk.chat.text
        assert "2 hunks staged" in desk.chat.text

        await desk.press("space")
        await desk.chat.shows("1 of 2 hunks staged")
        await desk.press("enter")
        await desk.chat.shows("Wrote 1 of 2 hunks to src/shop.py · u undoes")

        assert path.read_text() == SHOP.replace("name.title()", "name.strip().title()")

        await desk.press("u")
        await desk.chat.shows("src/shop.py is what it was")

        assert path.read_text() == SHOP


async def test_all_none_and_jumps(tmp_path):
    shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        await desk.press("n")
        await desk.chat.shows("0 of 2 hunks staged")
        await desk.press("enter", "2", "space")
        await desk.chat.shows("1 of 2 hunks staged")
        view = desk.chat.app.screen._view

        assert view.staged == {1}

        await desk.press("a", "up", "space")
        await desk.chat.until(lambda: view.staged == {1})
        await desk.press("escape")
        await desk.chat.until(lambda: desk.chat.app.screen is desk.chat.screen)

        assert (tmp_path / "workspace/src/shop.py").read_text() == SHOP


async def test_keys_that_came_before_the_preview_was_seen_do_nothing(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        desk.clock.pass_by(0.39)
        await desk.chat.press("enter", "w", "y", "space")

        assert desk.chat.app.screen._view.staged == {0, 1}
        assert path.read_text() == SHOP

        desk.clock.pass_by(0.02)
        await desk.chat.press("enter")
        await desk.chat.shows("Wrote 2 hunks")


async def test_what_breaks_the_syntax_needs_a_second_other_key(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": BROKEN}) as desk:
        await previewed(desk)
        await desk.chat.shows("syntax error")
        await desk.press("w")
        await desk.press("enter")
        await desk.chat.shows("Press w to write it all the same")
        await desk.press("enter", "enter")

        assert path.read_text() == SHOP

        await desk.press("2", "space")
        await desk.chat.until(lambda: "syntax error" not in desk.chat.text)
        await desk.press("w")

        assert path.read_text() == SHOP

        await desk.press("space")
        await desk.chat.shows("syntax error")
        await desk.press("enter")
        await desk.chat.shows("Press w")
        await desk.press("w")
        await desk.chat.shows("Wrote 2 hunks")

        assert "len(items\n" in path.read_text()


async def test_a_file_that_changed_meanwhile_is_previewed_anew(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        mine = SHOP.replace("import os\n", "import os\nimport sys\n")
        path.write_text(mine)
        await desk.press("enter")
        await desk.chat.shows("was changed while you looked at the preview")
        assert path.read_text() == mine

        await desk.chat.shows("3 hunks staged")
        await desk.press("1", "space", "enter")
        await desk.chat.shows("Wrote 2 of 3 hunks")

        assert path.read_text() == NEW.replace("import os\n", "import os\nimport sys\n")


async def test_a_new_file_is_shown_as_one(tmp_path):
    answer = "```python src/new/tool.py\nprint('hello')\n```\n"
    async with at_desk(tmp_path, {"Change it.": answer}) as desk:
        await previewed(desk)
        assert "new file" in desk.chat.text

        await desk.press("enter")
        await desk.chat.shows("Wrote 1 hunk to src/new/tool.py")
        written = desk.workspace / "src/new/tool.py"
        assert written.read_text() == "print('hello')\n"

        await desk.press("u")
        await desk.chat.shows("it was new, and is gone")

        assert not written.exists()


async def test_hunks_without_a_place_are_said(tmp_path):
    path = shop(tmp_path)
    patch = (
        "```diff src/shop.py\n@@ -4,2 +4,2 @@\n def total(items):\n-    return sum(items)\n"
        "+    return 0\n@@ -90,1 +90,1 @@\n-never there\n+nor here\n```\n"
    )
    async with at_desk(tmp_path, {"Change it.": patch}) as desk:
        await previewed(desk)
        await desk.chat.shows("1 hunk found no place in the file and is left out.")
        await desk.press("enter")
        await desk.chat.shows("Wrote 1 hunk")

        assert path.read_text() == SHOP.replace("sum(items)", "0")


async def test_a_block_without_a_path_asks_which_file(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": f"```python\n{NEW}```\n"}) as desk:
        await desk.ask("Change it.")
        await desk.apply_block()
        await desk.chat.shows("Which one is it for?")
        await desk.press(*"shp")
        await desk.chat.shows("src/shop.py")
        await desk.press("enter")
        await desk.chat.shows("2 hunks staged")
        await desk.press("enter")
        await desk.chat.shows("Wrote 2 hunks")

        assert path.read_text() == NEW


async def test_the_path_can_be_another_one(tmp_path):
    shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        await desk.press("p")
        await desk.chat.until(lambda: desk.chat.app.screen._files.display)
        await desk.press("ctrl+u", *"other.py")
        await desk.chat.shows("other.py  (a new file)")
        await desk.press("down", "down", "enter")
        await desk.chat.shows("Apply to other.py")
        await desk.press("enter")
        await desk.chat.shows("Wrote 1 hunk to other.py")

        assert (desk.workspace / "other.py").read_text() == NEW


HOSTILE = [
    "../outside.py",
    "/etc/cron.d/evil.py",
    "src/../../outside.py",
    "link/inside.py",
    "src/con.py",
    "src/shop.py:stream.py",
    "~/.bashrc.py",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_t02_nothing_is_written_outside_the_workspace(tmp_path, name):
    shop(tmp_path)
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (tmp_path / "workspace" / "link").symlink_to(outside)
    before = {path for path in tmp_path.rglob("*") if not {"state", "home"} & {*path.parts}}
    async with at_desk(tmp_path, {"Change it.": f'```python title="{name}"\nx = 1\n```\n'}) as desk:
        await desk.ask("Change it.")
        await desk.apply_block()
        await desk.chat.shows("is refused")
        await desk.press("enter", "w", "enter")
        await desk.press("escape")

        assert {
            path for path in tmp_path.rglob("*") if not {"state", "home"} & {*path.parts}
        } == before


@pytest.mark.parametrize(
    "name", [".vscode/tasks.json", ".git/hooks/pre-commit", ".GITHUB/workflows/ci.yml"]
)
async def test_t03_a_protected_file_needs_its_whole_path_typed(tmp_path, name):
    fence = f'```json title="{name}"\n{{"run": "now"}}\n```\n'
    async with at_desk(tmp_path, {"Change it.": fence}) as desk:
        await previewed(desk)
        await desk.chat.shows("can make things run")
        path = desk.workspace / name
        await desk.press("enter")
        await desk.chat.shows("Type its whole path")
        await desk.press(*"tasks", "enter")
        await desk.chat.shows("the path that was typed is another one")
        assert not path.exists()

        await desk.press("enter")
        await desk.chat.shows("Type its whole path")
        await desk.press("escape")
        await desk.chat.until(lambda: "Type its" not in desk.chat.text)
        assert not path.exists()

        await desk.press("enter")
        await desk.chat.shows("Type its whole path")
        await desk.press(*(f"{name}"), "enter")
        await desk.chat.shows("Wrote 1 hunk")

        assert path.exists()


async def test_t10_t11_nothing_in_a_block_steers_the_screen(tmp_path):
    hostile = "\x1b]52;c;ZXZpbA==\x07[red]x[/red] [/nothing] \u202e \x9b31m\r\n"
    answer = f"```python src/[bold]x.py\n{hostile}\n```\n"
    async with at_desk(tmp_path, {"Change it.": answer}) as desk:
        await desk.ask("Change it.")
        await desk.apply_block()
        await desk.press("p", *"ne.py", "enter")
        await desk.chat.shows("staged")

        assert "[red]x[/red] [/nothing]" in desk.chat.text
        assert not set(desk.chat.text) & {"\x1b", "\x07", "\u202e", "\x9b", "\r"}


async def test_a_rewound_turn_takes_its_edits_with_it_or_not(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        await desk.press("enter")
        await desk.chat.shows("Wrote 2 hunks")
        await desk.press("e")
        await desk.chat.shows("Take these edits")
        await desk.press("escape")
        await desk.chat.until(lambda: desk.chat.app.screen is desk.chat.screen)
        assert path.read_text() == NEW
        assert len(desk.conversation.turns) == 1

        await desk.press("e")
        await desk.chat.shows("Take these edits")
        await desk.press("c")
        await desk.chat.until(lambda: not desk.conversation.turns)
        assert path.read_text() == NEW

        desk.chat.screen.actions.undo_apply()
        await desk.chat.until(lambda: path.read_text() == SHOP)


async def test_both_go_back_together(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        await desk.press("enter")
        await desk.chat.shows("Wrote 2 hunks")
        await desk.press("e")
        await desk.chat.shows("Take these edits")
        await desk.press("b")
        await desk.chat.until(lambda: not desk.conversation.turns)

        assert path.read_text() == SHOP
        assert desk.chat.prompt.text == "Change it."


async def test_an_edit_that_was_built_upon_is_not_taken_back(tmp_path):
    path = shop(tmp_path)
    async with at_desk(tmp_path, {"Change it.": ANSWER}) as desk:
        await previewed(desk)
        await desk.press("enter")
        await desk.chat.shows("Wrote 2 hunks")
        path.write_text(NEW + "# mine\n")
        await desk.press("u")
        await desk.chat.shows("was changed since")

        assert path.read_text() == NEW + "# mine\n"
