"""What the guides show for an editor is the file that the tests of that editor load."""

from __future__ import annotations

import re

import pytest

from fimble.version import VERSION
from support.editing import DOCUMENTED

GUIDE = (DOCUMENTED.parent / "editors.md").read_text("utf-8")
README = (DOCUMENTED.parents[1] / "README.md").read_text("utf-8")
ACTIONS = (DOCUMENTED.parent / "code-actions.md").read_text("utf-8")
SHOWN = re.findall(r"^```\w+\n(.*?)^```$", f"{GUIDE}\n{ACTIONS}", re.MULTILINE | re.DOTALL)
COPIED = frozenset({"fimble.el", "neovim.lua", "neovim-actions.lua"})
"""Files that people copy instead of reading them in a guide."""


@pytest.mark.parametrize("name", sorted(path.name for path in DOCUMENTED.iterdir()))
def test_a_guide_shows_or_links_each_file(name: str) -> None:
    text = (DOCUMENTED / name).read_text("utf-8")

    assert text in SHOWN or (name in COPIED and f"](editors/{name})" in f"{GUIDE}{ACTIONS}")


def test_the_readme_shows_the_lines_for_neovim_of_the_guide() -> None:
    lines = (DOCUMENTED / "neovim-0.12.lua").read_text("utf-8").partition("\n")[2]

    assert f"```lua\n{lines}```" in README


def test_each_place_of_the_guide_that_the_readme_names_is_there() -> None:
    titles = re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    named = re.findall(r"docs/editors\.md#([\w-]+)", README)

    assert named
    assert set(named) <= anchors


def test_the_package_for_emacs_has_the_version_of_fimble() -> None:
    package = (DOCUMENTED / "fimble.el").read_text("utf-8")

    assert f"\n;; Version: {VERSION}\n" in package
