"""`fimble trust` as people run it: a process, its two streams and its exit code (T5)."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.prompting import write

TEMPLATE = ".fimble/prompts/chat/ours.prompt.md"


@dataclass
class Shell:
    """Runs `fimble` in a workspace with a state directory of its own."""

    workspace: Path
    state: Path

    def run(self, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fimble_cli", *arguments],
            cwd=self.workspace, capture_output=True, text=True, check=False, input=answer,
            env={**os.environ, "XDG_STATE_HOME": str(self.state)},
        )  # fmt: skip


@pytest.fixture
def shell(tmp_path) -> Shell:
    workspace = tmp_path / "workspace"
    (workspace / ".git").mkdir(parents=True)
    (workspace / TEMPLATE).parent.mkdir(parents=True)
    text = write("See ${selection}.\n", kind="chat").replace("name: example", "name: ours")
    (workspace / TEMPLATE).write_text(text)
    (workspace / "AGENTS.md").write_text("Root rule.\n")
    return Shell(workspace, tmp_path / "state")


def test_t05_the_whole_way_from_a_clone_to_a_pull(shell):
    assert "chat/ours" not in shell.run("prompts", "list").stdout
    listed = shell.run("trust")
    assert listed.returncode == 2
    assert listed.stdout.startswith(f"new      template  {TEMPLATE}  sha256:")
    assert "nobody can be asked here" in listed.stderr
    assert "chat/ours" not in shell.run("prompts", "list").stdout

    enabled = shell.run("trust", "--yes")
    assert (enabled.returncode, "2 enabled in" in enabled.stderr) == (0, True)
    assert "chat/ours" in shell.run("prompts", "list").stdout
    assert shell.run("trust", "--status").returncode == 0

    with (shell.workspace / TEMPLATE).open("a") as file:
        file.write("Obey.\n")
    status = shell.run("trust", "--status")
    assert status.returncode == 1
    assert f"changed  template  {TEMPLATE}" in status.stdout
    assert f"--- reviewed/{TEMPLATE}\n+++ {TEMPLATE}\n" in status.stdout
    assert "\n+Obey.\n" in status.stdout
    assert "Obey." not in shell.run("prompts", "show", "ours").stdout
    assert "1 prompt file or setting" in shell.run("prompts", "list").stderr
    assert "as you reviewed it; the file has changed" in shell.run("prompts", "why", "ours").stdout

    assert shell.run("trust", "--revoke").returncode == 0
    assert shell.run("trust", "--revoke").returncode == 1
    assert shell.run("trust", "--list").returncode == 1
    assert shell.run("trust", "--status").stdout.startswith("new ")


def test_one_file_is_enabled_and_the_others_go_on_waiting(shell):
    other = TEMPLATE.replace("ours", "other")
    text = (shell.workspace / TEMPLATE).read_text().replace("name: ours", "name: other")
    (shell.workspace / other).write_text(text)

    enabled = shell.run("trust", "--yes", "--only", other)
    assert enabled.returncode == 0
    assert TEMPLATE not in enabled.stdout
    assert "1 enabled" in enabled.stderr
    assert "chat/other" in shell.run("prompts", "list").stdout
    assert shell.run("trust", "--status").returncode == 1

    below = shell.run("trust", "--yes", "--only", ".fimble")
    assert "1 enabled" in below.stderr
    waiting = shell.run("trust", "--status").stdout
    assert f"enabled  template  {TEMPLATE}" in waiting
    assert "new      rules     AGENTS.md" in waiting
    missing = shell.run("trust", "--only", "nothing.md")
    assert (missing.returncode, "nothing that `fimble trust` could" in missing.stderr) == (2, True)


def test_a_name_that_only_an_unreviewed_template_has_leads_to_the_review(shell):
    for action in ("why", "show", "render"):
        missing = shell.run("prompts", action, "ours")
        assert missing.returncode == 2
        assert f"`ours` waits for your review in {TEMPLATE}: run `fimble trust`." in missing.stderr


def test_a_template_that_an_unreviewed_one_would_hide_says_so(shell):
    text = (shell.workspace / TEMPLATE).read_text().replace("name: ours", "name: review")
    (shell.workspace / TEMPLATE.replace("ours", "review")).write_text(text)

    why = shell.run("prompts", "why", "review")
    waits, counts, *_ = why.stdout.splitlines()
    assert waits == f"waits   repository  {TEMPLATE.replace('ours', 'review')}  (`fimble trust`)"
    assert counts.startswith("counts  bundled")


def test_a_setting_of_the_repository_counts_once_it_was_reviewed(shell):
    (shell.workspace / ".fimble" / "config.toml").write_text('[completion]\nlayout = "psm"\n')

    before = shell.run("config")
    assert '\nlayout = "auto"' in before.stdout
    assert 'config.toml:2: "completion.layout" waits for your review' in before.stderr
    shell.run("trust", "--yes")
    after = shell.run("config")
    assert '\nlayout = "psm"' in after.stdout
    assert after.stderr == ""


def test_all_of_it_is_data_too(shell):
    before = json.loads(shell.run("trust", "--json").stdout)
    assert before["trusted"] is False
    assert [(each["kind"], each["path"], each["state"]) for each in before["offers"]] == [
        ("template", TEMPLATE, "new"),
        ("rules", "AGENTS.md", "new"),
    ]
    assert before["offers"][1]["diff"][-1] == "+Root rule."

    after = json.loads(shell.run("trust", "--yes", "--json").stdout)
    assert after["trusted"] is True
    assert {each["state"] for each in after["offers"]} == {"enabled"}
    (row,) = json.loads(shell.run("trust", "--list", "--json").stdout)
    assert (row["workspace"], row["files"]) == (str(shell.workspace), 2)
    revoked = json.loads(shell.run("trust", "--revoke", "--json").stdout)
    assert revoked["withdrawn"] is True


def test_t10_what_a_repository_wrote_cannot_drive_the_terminal(shell):
    (shell.workspace / "AGENTS.md").write_text("Root rule.\n")
    shell.run("trust", "--yes")
    (shell.workspace / "AGENTS.md").write_text("\x1b]0;title\x07\n")
    (shell.workspace / ".fimble/prompts/chat/\x1b[2J.prompt.md").write_text("x")

    shown = shell.run("trust", "--status").stdout

    assert "\x1b" not in shown
    assert "A hidden character stands in line 1, column 1" in shown


def test_a_workspace_with_nothing_and_a_path_with_nothing(shell, tmp_path):
    (tmp_path / "plain").mkdir()

    nothing = shell.run("trust", str(tmp_path / "plain"))
    assert (nothing.returncode, "has nothing to enable" in nothing.stderr) == (0, True)
    assert shell.run("trust", str(tmp_path / "missing")).returncode == 2


def test_t05_a_state_directory_inside_of_the_workspace_is_refused(shell):
    inside = Shell(shell.workspace, shell.workspace / "state")

    refused = inside.run("trust", "--yes")
    assert refused.returncode == 2
    assert "A repository could then trust itself." in refused.stderr
    assert not inside.state.exists()


def test_a_rendering_says_what_it_was_made_of_and_a_changed_partial_changes_it(shell):
    partial = shell.workspace / ".fimble/prompts/_partials/tone.md"
    partial.parent.mkdir()
    partial.write_text("Be brief.\n")
    with (shell.workspace / TEMPLATE).open("a") as file:
        file.write("[[include tone]]\n")
    (shell.workspace / "a.py").write_text("x = 1\n")

    def made_of() -> dict[str, str]:
        shell.run("trust", "--yes")
        shown = shell.run("prompts", "render", "ours", "--at", "a.py:1:1", "--json").stdout
        return json.loads(shown)["fingerprint"]

    first = made_of()
    assert first == made_of()
    partial.write_text("Be long.\n")
    assert all(first[name] != made_of()[name] for name in ("template", "prompt"))
    partial.write_text("Be brief.\n")
    assert first == made_of()


def test_a_teams_layout_shapes_completions_once_it_was_reviewed(shell):
    (shell.workspace / "a.py").write_text("x = 1\ny = \n")
    folder = shell.workspace / ".fimble/prompts/complete"
    folder.mkdir()
    (folder / "psm.prompt.md").write_text(
        "---\nschema: 1\nname: psm\ndescription: d\nkind: complete\nlive_suffix: true\n---\n"
        "# THE TEAM'S\n${fim_prefix}${prefix}${fim_suffix}${suffix}${fim_middle}\n"
    )
    (shell.workspace / ".fimble/config.toml").write_text('[completion]\nlayout = "psm"\n')

    def prompt() -> dict[str, object]:
        shown = shell.run("complete", "a.py:2:5", "--show-prompt", "--json")
        return json.loads(shown.stdout)

    before = prompt()
    assert "# THE TEAM'S" not in str(before["prompt"])
    shell.run("trust", "--yes")
    after = prompt()
    assert str(after["prompt"]).startswith("# THE TEAM'S\n")
    assert before["fingerprint"] != after["fingerprint"] == prompt()["fingerprint"]

    (folder / "psm.prompt.md").write_text("---\nschema: 1\n---\n")
    shell.run("trust", "--yes")
    broken = shell.run("complete", "a.py:2:5", "--show-prompt", "--json")
    assert json.loads(broken.stdout)["prompt"].startswith("<|repo_name|>workspace\n")
    assert "Another layer's layout is used." in broken.stderr
