"""What a release is made of: one version everywhere, and a workflow that can be trusted."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fimble.version import VERSION

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")


def version(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "release" / "version.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_part_states_the_version_and_a_tag_of_another_is_refused():
    assert version("--is", VERSION).returncode == 0

    other = version("--is", "99.0.0")
    assert other.returncode == 1
    assert "extension/package.json states" in other.stderr


def test_the_notes_are_a_section_of_the_changelog():
    notes = version("--notes").stdout

    assert notes.startswith("- ")
    assert "\n## " not in notes


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_t18_a_workflow_pins_its_actions_and_asks_for_no_more_than_it_needs(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]

    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []
    assert workflow["permissions"] == {}
    writing = {
        name
        for name, job in workflow["jobs"].items()
        if "write" in (job.get("permissions") or {}).values()
    }
    assert writing <= {"publish"}
    for step in steps:
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_t18_no_token_is_kept_for_publishing():
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")

    assert "--trusted-publishing always" in text
    assert "secrets." not in text
