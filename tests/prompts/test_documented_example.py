"""The worked example of docs/prompts.md does what it says: files, commands, output, exit codes.

It happens in a real git repository: what passes first is `main`, and a branch goes on from there.

After a wanted change run with `FIMBLE_UPDATE_GOLDEN=1`, which writes what the commands print, and
review the difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from fimble_cli.main import main
from support.git_repository import GitRepository

PAGE = Path(__file__).parents[2] / "docs" / "prompts.md"
BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<word>\w+)\n(?P<text>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)
FILE = re.compile(r"`(\.fimble/prompts/[^`]+\.(?:md|test\.yaml))`")
CHANGED_LINE = re.compile(r"^The file is .*$", re.MULTILINE)


def chapter(page: str) -> str:
    return page[page.index("## A worked example") : page.index("## In CI")]


def session(text: str, capsys) -> str:
    """Run the commands of a console block and return it with what they really print."""
    shown: list[str] = []
    for command in re.findall(r"^\$ fimble (.*)$", text, re.MULTILINE):
        code = main(command.split())
        captured = capsys.readouterr()
        shown.append(f"$ fimble {command}\n{captured.out}{captured.err}")
        if code:
            shown.append(f"[exit code {int(code)}]\n")
    return "".join(shown)


def test_the_example_happens_as_it_is_told(capsys, monkeypatch, tmp_path):
    page = PAGE.read_text(encoding="utf-8")
    repository = GitRepository.create(tmp_path / "shop")
    workspace = repository.path
    monkeypatch.chdir(workspace)
    told, happened, template = [], [], Path()
    text = chapter(page)
    for block in BLOCK.finditer(text):
        before = text[: block.start()].rstrip().rpartition("\n")[2]
        named = FILE.search(before)
        if named is not None:
            path = workspace / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
            template = path if path.name.endswith(".prompt.md") else template
        elif block["word"] == "markdown":
            good = template.read_text(encoding="utf-8")
            found = CHANGED_LINE.search(good)
            assert found is not None
            template.write_text(good.replace(found[0], block["text"].rstrip()), encoding="utf-8")
        elif block["word"] == "console":
            told.append(block["text"])
            happened.append(session(block["text"], capsys))
            if len(told) == 1:
                repository.commit("Review money")
                repository.git("switch", "--quiet", "--create", "ask-better")
    if os.environ.get("FIMBLE_UPDATE_GOLDEN"):
        for old, new in zip(told, happened, strict=True):
            page = page.replace(f"console\n{old}", f"console\n{new}")
        PAGE.write_text(page, encoding="utf-8")
        return

    assert len(told) == 4
    assert told == happened
