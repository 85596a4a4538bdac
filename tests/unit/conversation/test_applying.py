"""Files change whole or not at all, inside the workspace only, and can be brought back (T2, T3)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from fimble.chat.transcript import Question
from fimble.conversation.applying import FileChangedError, WorkspaceEditor
from fimble.errors import PathRefusedError
from fimble.history.sessions.session_store import SessionStore
from fimble.policy.protected import is_protected


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "a.py").write_bytes(b"x = 1\n")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    with SessionStore(tmp_path / "s.sqlite3") as opened:
        yield opened


@pytest.fixture
def editor(workspace: Path, store: SessionStore) -> WorkspaceEditor:
    return WorkspaceEditor(workspace, store)


@pytest.fixture
def turn(store: SessionStore, workspace: Path) -> int:
    session = store.create(str(workspace)).session_id
    return store.begin_turn(session, Question(text="?"), parent=None).turn_id


def test_a_file_is_replaced_with_its_mode_and_can_be_brought_back(
    editor: WorkspaceEditor, workspace: Path, turn: int
) -> None:
    path = workspace / "a.py"
    path.chmod(0o755)

    edit = editor.apply(editor.target("a.py"), "x = 2\n", turn_id=turn)

    assert path.read_bytes() == b"x = 2\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert editor.standing((turn,)) == (edit,)
    assert [it.name for it in workspace.iterdir()] == ["a.py"]

    editor.undo(edit)
    assert path.read_bytes() == b"x = 1\n"
    assert editor.standing((turn,)) == ()


def test_a_new_file_in_a_new_folder_is_made_and_undone(
    editor: WorkspaceEditor, workspace: Path, turn: int
) -> None:
    target = editor.target("src/new.py")
    assert target.text is None

    edit = editor.apply(target, "y = 1\n", turn_id=turn)
    assert (workspace / "src" / "new.py").read_bytes() == b"y = 1\n"

    editor.undo(edit)
    assert not (workspace / "src" / "new.py").exists()


def test_a_byte_order_mark_stays(editor: WorkspaceEditor, workspace: Path, turn: int) -> None:
    (workspace / "a.py").write_bytes(b"\xef\xbb\xbfx\r\n")
    target = editor.target("a.py")
    assert target.text == "x\r\n"

    editor.apply(target, "y\r\n", turn_id=turn)
    assert (workspace / "a.py").read_bytes() == b"\xef\xbb\xbfy\r\n"


def test_what_changed_since_the_preview_is_not_overwritten(
    editor: WorkspaceEditor, workspace: Path, turn: int
) -> None:
    target = editor.target("a.py")
    (workspace / "a.py").write_text("somebody's work\n")

    with pytest.raises(FileChangedError):
        editor.apply(target, "x = 2\n", turn_id=turn)
    assert (workspace / "a.py").read_text() == "somebody's work\n"
    assert editor.standing((turn,)) == ()


def test_undo_never_loses_what_came_after(
    editor: WorkspaceEditor, workspace: Path, turn: int
) -> None:
    edit = editor.apply(editor.target("a.py"), "x = 2\n", turn_id=turn)
    (workspace / "a.py").write_text("x = 3\n")

    with pytest.raises(FileChangedError):
        editor.undo(edit)
    assert (workspace / "a.py").read_text() == "x = 3\n"


@pytest.mark.parametrize(
    "name",
    [
        "../out.py",
        "/etc/passwd",
        "link.py",
        "dir/../../x",
        "C:x",
        "a.py:s",
        "con",
        "~/x",
        "",
        ".env",
    ],
)
def test_t02_nothing_outside_or_secret_is_a_target(
    editor: WorkspaceEditor, workspace: Path, name: str
) -> None:
    (workspace / "link.py").symlink_to(workspace.parent / "out.py")

    with pytest.raises(PathRefusedError):
        editor.target(name)


def test_t02_a_link_that_is_swapped_in_before_writing_is_not_followed(
    editor: WorkspaceEditor, workspace: Path, turn: int
) -> None:
    outside = workspace.parent / "outside.py"
    outside.write_text("x = 1\n")
    target = editor.target("a.py")
    (workspace / "a.py").unlink()
    (workspace / "a.py").symlink_to(outside)

    with pytest.raises(PathRefusedError):
        editor.apply(target, "evil\n", turn_id=turn)
    assert outside.read_text() == "x = 1\n"


def test_f20_a_write_that_fails_leaves_the_file_and_no_record(
    editor: WorkspaceEditor, workspace: Path, turn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PathRefusedError, match="No space left"):
        editor.apply(editor.target("a.py"), "x = 2\n", turn_id=turn)

    assert [it.name for it in workspace.iterdir()] == ["a.py"]
    assert (workspace / "a.py").read_bytes() == b"x = 1\n"
    assert editor.standing((turn,)) == ()


@pytest.mark.parametrize(
    ("path", "protected"),
    [
        (".vscode/settings.json", True),
        (".VSCode/tasks.json", True),
        ("sub/.git/hooks/pre-commit", True),
        (".github/workflows/ci.yml", True),
        ("x.code-workspace", True),
        (".fimble/config.toml", True),
        (".Bashrc", True),
        (".husky/pre-push", True),
        (".mcp.json", True),
        ("src/app.py", False),
        ("github/app.py", False),
        ("README.md", False),
    ],
)
def test_t03_files_that_make_things_run_are_protected(path: str, protected: bool) -> None:
    assert is_protected(path) is protected
