"""The workflow and the hooks of docs/prompts.md are YAML, pinned, and of commands that work."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.git_repository import GitRepository

from .test_documented_example import BLOCK, FILE, PAGE

TEXT = PAGE.read_text(encoding="utf-8")
CHAPTER = TEXT[TEXT.index("## In CI") : TEXT.index("## What a change does")]
WORKFLOW, COMMENT, HOOKS = (
    yaml.safe_load(block["text"]) for block in BLOCK.finditer(CHAPTER) if block["word"] == "yaml"
)
STEPS: list[dict[str, Any]] = [*WORKFLOW["jobs"]["prompts"]["steps"], *COMMENT]


def commands() -> list[str]:
    """Return every command of Fimble that the workflow and the hooks run."""
    runs = [step["run"] for step in STEPS if "run" in step]
    entries = [hook["entry"] for repository in HOOKS["repos"] for hook in repository["hooks"]]
    return [each for each in (*runs, *entries) if each.startswith("fimble ")]


@pytest.fixture
def shop(tmp_path, monkeypatch) -> GitRepository:
    """The worked example's files, committed."""
    repository = GitRepository.create(tmp_path / "shop")
    for block in BLOCK.finditer(TEXT):
        named = FILE.search(TEXT[: block.start()].rstrip().rpartition("\n")[2])
        if named is not None:
            path = repository.path / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
    repository.commit("Review money")
    monkeypatch.chdir(repository.path)
    return repository


def test_every_action_is_pinned_and_the_job_may_only_read():
    used = [step["uses"] for step in STEPS if "uses" in step]

    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)
    assert WORKFLOW["permissions"] == {"contents": "read"}


def test_every_step_and_hook_is_whole():
    assert all(("uses" in step) != ("run" in step) for step in STEPS)
    for repository in HOOKS["repos"]:
        for hook in repository["hooks"]:
            assert {"id", "name", "entry", "language"} <= hook.keys()
            assert re.compile(hook["files"]).search(".fimble/prompts/chat/a.prompt.md")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("command", sorted(set(commands())))
def test_every_command_runs(capsys, command: str):
    words = shlex.split(re.sub(r"\"origin/\$GITHUB_BASE_REF\"|origin/main", "main", command))
    arguments = words[1 : words.index(">") if ">" in words else None]

    assert main(arguments) == ExitCode.OK, capsys.readouterr().err
