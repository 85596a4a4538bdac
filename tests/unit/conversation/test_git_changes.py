"""`@diff` and `@staged` say what git says, and run nothing that a repository names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fimble.chat.mentions import mentions
from fimble.chat.patch import apply_patch, read_patch
from fimble.conversation.git_changes import GitChanges, GitError


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("one\ntwo\nthree\n")
    (tmp_path / "gone.py").write_text("x\n")
    (tmp_path / ".env").write_text("TOKEN=old\n")
    (tmp_path / "dos.txt").write_bytes(b"a\r\n")
    git(tmp_path, "add", "-f", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_the_working_tree_is_compared_with_the_last_commit(repository: Path) -> None:
    (repository / "a.py").write_text("one\n2\nthree\n")
    (repository / "gone.py").unlink()
    (repository / ".env").write_text("TOKEN=canary\n")
    (repository / "new.py").write_text("staged\n")
    git(repository, "add", "new.py")

    diff = GitChanges(repository).diff(staged=False)

    assert diff.count("diff --git") == 3
    assert "-two\n+2\n" in diff
    assert "--- a/gone.py\n+++ /dev/null\n" in diff
    assert "--- /dev/null\n+++ b/new.py\n" in diff
    assert "canary" not in diff
    part = diff.partition("diff --git a/gone.py")[0]
    assert apply_patch("one\ntwo\nthree\n", read_patch(part)).text == "one\n2\nthree\n"


def test_what_is_staged_is_the_index_and_not_the_disk(repository: Path) -> None:
    (repository / "a.py").write_text("one\nstaged\nthree\n")
    git(repository, "add", "a.py")
    (repository / "a.py").write_text("one\nlater\nthree\n")

    diff = GitChanges(repository).diff(staged=True)

    assert "+staged" in diff
    assert "later" not in diff


def test_mentions_get_their_diff_or_a_sentence(repository: Path) -> None:
    changes = GitChanges(repository)
    diff, staged, file = mentions("@diff @staged @a.py")
    (repository / "a.py").write_text("one\n")

    (attachment,) = changes.attachments(diff) or ()
    assert attachment.language == "diff"
    with pytest.raises(GitError, match="nothing is staged"):
        changes.attachments(staged)
    assert changes.attachments(file) is None


def test_t01_a_filter_that_the_repository_names_is_not_run(repository: Path) -> None:
    (repository / ".gitattributes").write_text("*.py filter=evil\n")
    git(repository, "config", "filter.evil.clean", f"touch {repository / 'ran'}; cat")
    git(repository, "config", "diff.external", f"touch {repository / 'ran'}")
    git(repository, "config", "core.fsmonitor", f"touch {repository / 'ran'}")
    (repository / "a.py").write_text("changed\n")

    assert "+changed" in GitChanges(repository).diff(staged=False)
    assert not (repository / "ran").exists()


def test_a_repository_without_a_commit_shows_what_is_staged(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("x\n")
    git(tmp_path, "add", "a.py")

    assert "+x" in GitChanges(tmp_path).diff(staged=True)


def test_no_repository_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="in no git repository"):
        GitChanges(tmp_path).diff(staged=False)


def test_a_damaged_repository_is_a_sentence(repository: Path) -> None:
    (repository / ".git" / "index").write_bytes(b"garbage")

    with pytest.raises(GitError, match="cannot be read"):
        GitChanges(repository).diff(staged=False)
