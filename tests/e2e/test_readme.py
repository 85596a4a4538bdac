"""The README's promises: two commands, and what the first one prints."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def first_block() -> list[str]:
    block = re.search(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert block is not None
    return block[1].splitlines()


def test_the_first_block_holds_exactly_the_two_commands():
    completing, testing = first_block()

    assert "fimble complete " in completing
    assert testing.endswith("uv run pytest")


def test_the_first_command_prints_what_the_readme_says_without_ollama():
    """The engine is named because a developer may have an Ollama running."""
    arguments = shlex.split(first_block()[0].rpartition(" fimble ")[2])
    answer = subprocess.run(
        [sys.executable, "-m", "fimble_cli", *arguments, "--engine", "embedded"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    suggestion = answer.stdout.removesuffix("\n")
    assert suggestion == "_items.get(sku)"
    assert f"with `{suggestion}`" in README


@pytest.mark.parametrize("document", ["README.md", "docs/editors.md", "SECURITY.md", "PRIVACY.md"])
def test_every_link_inside_the_repository_leads_somewhere(document):
    path = ROOT / document
    targets = re.findall(r"\]\((?!https?:)([^)#]*)", path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_chat_is_shown_by_pictures_that_the_tests_compare_the_screen_with():
    shown = re.findall(r"^!\[.+?\]\((tests/tui/pictures/[^)]+\.svg)\)", README, re.MULTILINE)

    assert len(shown) == 2
    assert [picture for picture in shown if not (ROOT / picture).is_file()] == []


def test_the_pictures_load_nothing_from_anywhere():
    for picture in (ROOT / "docs" / "pictures").glob("*.svg"):
        drawn = re.sub(r"<text.*?</text>", "", picture.read_text(encoding="utf-8"))

        assert re.findall(r"url\(\s*[\"']?https?:|href=", drawn) == []
