"""Templates of another revision come out of a real repository, and nothing else happens there."""

import os
import stat
import sys

import pytest

from fimble.errors import RevisionError
from fimble.prompt_files.layers import repository_folder
from fimble.prompt_files.revision import read_revision
from support.git_repository import GitRepository
from support.prompting import write

PROMPT = ".fimble/prompts/chat/ours.prompt.md"
PARTIAL = ".fimble/prompts/_partials/style.md"


@pytest.fixture
def repository(tmp_path):
    """Two commits: `one` is tagged v1, and `two` is where main is."""
    made = GitRepository.create(tmp_path / "repository")
    made.write(PROMPT, write("one"))
    made.write(PARTIAL, "Be short.\n")
    made.commit()
    made.git("tag", "v1")
    made.git("tag", "--annotate", "--message", "x", "v1-annotated")
    made.write(PROMPT, write("two"))
    made.commit()
    return made


def texts(repository: GitRepository, revision: str, below: str = ""):
    return read_revision(repository_folder(repository.path / below), revision)


def word(repository: GitRepository, revision: str) -> str:
    (source,) = texts(repository, revision).templates
    return source.text.rpartition("\n")[2]


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("main", "two"), ("HEAD", "two"), ("@", "two"), ("refs/heads/main", "two"),
        ("HEAD~1", "one"), ("HEAD~", "one"), ("HEAD^", "one"), ("@^1", "one"), ("main~1", "one"),
        ("HEAD~0", "two"), ("v1", "one"), ("v1-annotated", "one"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_revisions_are_named_as_in_git(repository, revision, expected, packed):
    if packed:
        repository.git("gc", "--quiet")
        repository.git("pack-refs", "--all")

    assert word(repository, revision) == expected


def test_hashes_may_be_short_and_remote_branches_count(repository):
    first = repository.git("rev-parse", "v1")
    repository.git("update-ref", "refs/remotes/origin/main", first)

    assert word(repository, first) == word(repository, first[:8]) == "one"
    assert word(repository, "origin/main") == "one"


def test_the_second_parent_of_a_merge(repository):
    repository.git("switch", "--quiet", "--create", "side", "v1")
    repository.write(PROMPT, write("side"))
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--strategy=ours", "--message", "m", "side")

    assert [word(repository, each) for each in ("HEAD^1", "HEAD^2", "HEAD^2~1", "HEAD^2^")] == [
        "two", "side", "one", "one"
    ]  # fmt: skip


def test_a_linked_worktree_has_the_same_revisions(repository, tmp_path):
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "v1")

    linked = GitRepository(tmp_path / "linked")
    assert [word(linked, each) for each in ("HEAD", "main", "main~1")] == ["one", "two", "one"]


def test_partials_come_along_with_names_that_say_where_from(repository):
    (partial,) = texts(repository, "v1").partials

    assert (partial.name, partial.text, partial.origin) == ("style", "Be short.\n", f"v1:{PARTIAL}")


def test_a_workspace_may_lie_deeper_in_its_repository(repository):
    repository.write(f"apps/shop/{PROMPT}", write("deep"))
    repository.commit()

    (source,) = texts(repository, "main", "apps/shop").templates
    assert source.text.endswith("deep")
    assert texts(repository, "v1", "apps/shop").templates == ()


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        ("nope", "There is no revision `nope` here."),
        ("HEAD~9", "`HEAD~9` goes back further than there are commits."),
        ("HEAD^3", "goes back further"),
        ("", "`` is no revision."),
        ("main..v1", "`main..v1` is no revision."),
        ("HEAD:x", "is no revision."),
        ("main@{1}", "is no revision."),
        ("a b", "is no revision."),
        ("HEAD" + "^" * 400, "is no revision."),
        ("../../etc/passwd", "is no revision."),
        ("-x", "There is no revision `-x` here."),
        ("é", "There is no revision `é` here."),
    ],
)
def test_what_is_no_revision_is_said(repository, revision, message):
    with pytest.raises(RevisionError) as raised:
        texts(repository, revision)

    assert message in str(raised.value)


def test_no_repository_is_said(tmp_path):
    with pytest.raises(RevisionError, match="is in no git repository"):
        read_revision(repository_folder(tmp_path), "main")


def test_a_shallow_clone_says_that_it_is_shallow(repository, tmp_path):
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", "../shallow")

    with pytest.raises(RevisionError, match="A shallow clone lacks older commits"):
        texts(GitRepository(tmp_path / "shallow"), "HEAD~1")


def test_missing_objects_are_an_error_of_ours(repository):
    blob = repository.git("rev-parse", f"v1:{PROMPT}")
    (repository.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(RevisionError, match="its objects are not here or are damaged"):
        texts(repository, "v1")


def test_a_damaged_object_is_an_error_of_ours(repository):
    blob = repository.git("rev-parse", f"v1:{PROMPT}")
    path = repository.path / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(stat.S_IWUSR | stat.S_IRUSR)
    path.write_bytes(b"no zlib")

    with pytest.raises(RevisionError, match="damaged"):
        texts(repository, "v1")


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_t14_links_and_what_is_huge_or_no_text_are_refused(repository):
    folder = repository.path / ".fimble" / "prompts" / "chat"
    (folder / "link.prompt.md").symlink_to("/etc/passwd")
    (folder / "huge.prompt.md").write_bytes(b"x" * 300_000)
    (folder / "latin.prompt.md").write_bytes(b"caf\xe9")
    repository.commit()

    found = {each.name: (each.text, each.refusal) for each in texts(repository, "main").templates}

    assert found["link"] == ("", "It is no regular file at that revision.")
    assert found["huge"] == ("", "It is larger than 256 KiB at that revision.")
    assert found["latin"] == ("", "It is not UTF-8 at that revision.")


@pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell scripts")
def test_t01_nothing_of_the_repository_s_configuration_or_hooks_is_run(repository, tmp_path):
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy",
        "core.askPass", "alias.log", "diff.external", "filter.x.smudge", "filter.x.process",
        "credential.helper", "gpg.program", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        repository.git("config", key, f"!{trap}" if "alias" in key else str(trap))
    hooks = repository.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        (hooks / name).write_bytes(trap.read_bytes())
        (hooks / name).chmod(0o755)
    before = {path: path.stat().st_mtime_ns for path in (repository.path / ".git").rglob("*")}

    assert word(repository, "main~1") == "one"

    assert not sprung.exists()
    after = {path: path.stat().st_mtime_ns for path in (repository.path / ".git").rglob("*")}
    assert before == after


def test_a_form_of_repository_that_the_library_does_not_know_is_said(repository):
    repository.git("config", "core.repositoryFormatVersion", "1")
    repository.git("config", "extensions.partialClone", "origin")

    with pytest.raises(RevisionError, match="has a form that Fimble cannot read") as raised:
        texts(repository, "main")
    assert "git worktree add ../base REV" in raised.value.hint
