"""Helix: the completion menu, with `docs/editors/helix.toml` as the only settings."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from support.editing import DOCUMENTED, WHOLE, Desk
from support.editor_programs import found, needs
from support.terminal import needs_tmux, terminal

pytestmark = [
    needs("hx", "tests/editors/install.sh unpacks it"),
    pytest.mark.timeout(120),
    needs_tmux,
]


def test_the_menu_completes_the_line(desk: Desk) -> None:
    settings = Path(desk.environment["HOME"]) / ".config" / "helix"
    settings.mkdir()
    shutil.copy(DOCUMENTED / "helix.toml", settings / "languages.toml")
    with terminal(desk.workspace, desk.environment, columns=110) as shown:
        shown.type(shlex.join([found("hx") or "hx", "shop.py"]))
        shown.press("Enter")
        shown.shows("def area", "NOR")
        shown.type("3ggA")
        shown.type("return w")
        # Helix does not show when the server is ready, and asks when it is told to.
        shown.press_until(["BSpace", "w", "C-x"], "width * height text")
        shown.press("Tab")
        shown.shows("    return width * height")
        shown.press("Escape")
        shown.type(":wq")
        shown.press("Enter")
        shown.shows("$ ", without=["def area"])
    assert desk.file.read_text("utf-8") == WHOLE
