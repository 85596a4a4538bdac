"""The reader takes plain source files and nothing else, and never hangs (T15, F16-F19)."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from fimble.context.workspace_files import (
    ScanLimits,
    Skipped,
    WorkspaceFiles,
)
from fimble.policy.secrets import is_secret_file


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        put(root, name, text)


def put(root: Path, name: str, content: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def names(files: WorkspaceFiles) -> list[str]:
    return [file.relative for file in files.scan() if file is not None]


def test_files_come_before_directories_and_by_name(tmp_path):
    for name in ("b.py", "a.py", "sub/c.py", "another/d.py"):
        put(tmp_path, name, "x\n")

    assert names(WorkspaceFiles(tmp_path)) == ["a.py", "b.py", "another/d.py", "sub/c.py"]


def test_ignore_files_are_obeyed_and_the_nearest_decides(tmp_path):
    put(tmp_path, ".gitignore", "*.log\nbuild/\n!sub/keep.log\n/only_here.py\n")
    put(tmp_path, "sub/.gitignore", "*.py\n!wanted.py\n")
    put(tmp_path, ".git/info/exclude", "private.txt\n")
    for name in (
        "a.log", "build/x.py", "sub/keep.log", "sub/a.py", "sub/wanted.py", "only_here.py",
        "sub/only_here.txt", "private.txt", "kept.py",
    ):  # fmt: skip
        put(tmp_path, name, "x\n")

    found = [name for name in names(WorkspaceFiles(tmp_path)) if ".gitignore" not in name]

    assert found == ["kept.py", "sub/keep.log", "sub/only_here.txt", "sub/wanted.py"]


def test_the_users_globs_are_left_out(tmp_path):
    write(tmp_path, **{"a.py": "x\n", "generated/b.py": "x\n"})

    assert names(WorkspaceFiles(tmp_path, exclude=["generated/"])) == ["a.py"]


def test_t15_secrets_are_refused_whatever_their_case(tmp_path):
    for name in (".env", ".ENV.local", "server.PEM", ".aws/credentials", "a.py"):
        put(tmp_path, name, "TOKEN=1\n")
    files = WorkspaceFiles(tmp_path)

    assert names(files) == ["a.py"]
    assert files.report.skipped[Skipped.SECRET] == 4


def test_t15_a_link_with_a_harmless_name_to_a_secret_is_refused(tmp_path):
    put(tmp_path, ".env", "TOKEN=1\n")
    (tmp_path / "notes.md").symlink_to(tmp_path / ".env")
    files = WorkspaceFiles(tmp_path)

    assert names(files) == []
    assert files.read(tmp_path / "notes.md") is None
    assert is_secret_file(str(tmp_path / "notes.md"))
    assert not is_secret_file(str(tmp_path / "other.md"))


def test_f17_binary_minified_and_huge_files_are_skipped_and_counted(tmp_path):
    put(tmp_path, "a.bin", b"abc\0def")
    put(tmp_path, "bundle.js", "x=1;" * 10_000)
    put(tmp_path, "wide.js", ("y=2;" * 150 + "\n") * 100)
    put(tmp_path, "huge.py", "x = 1\n" * 2_000)
    put(tmp_path, "ok.py", "x = 1\n")
    files = WorkspaceFiles(tmp_path, limits=ScanLimits(max_file_bytes=65_000))
    put(tmp_path, "huge.py", "x = 1\n" * 20_000)

    assert names(files) == ["ok.py"]
    assert files.report.skipped == {
        Skipped.BINARY: 1, Skipped.MINIFIED: 2, Skipped.TOO_LARGE: 1,
    }  # fmt: skip


def test_f16_bytes_that_are_not_utf8_are_replaced_and_marked(tmp_path):
    put(tmp_path, "latin.py", b"name = 'caf\xe9'\n")
    put(tmp_path, "bom.py", b"\xef\xbb\xbfx = 1\n")
    by_name = {file.relative: file for file in WorkspaceFiles(tmp_path).scan() if file}

    assert by_name["latin.py"].replaced
    assert "caf\ufffd" in by_name["latin.py"].text
    assert (by_name["bom.py"].text, by_name["bom.py"].replaced) == ("x = 1\n", False)


def test_f18_special_files_are_skipped_without_blocking(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "dangling.py").symlink_to(tmp_path / "nowhere")
    put(tmp_path, "ok.py", "x\n")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket.py"))
    files = WorkspaceFiles(tmp_path)

    assert names(files) == ["ok.py"]
    assert files.report.skipped == {Skipped.NOT_REGULAR: 2, Skipped.LINK: 1}
    assert files.read(tmp_path / "pipe.py") is None
    assert files.read(tmp_path / "vanished.py") is None
    listener.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_f18_an_unreadable_file_is_counted(tmp_path):
    put(tmp_path, "locked.py", "x\n")
    (tmp_path / "locked.py").chmod(0)
    files = WorkspaceFiles(tmp_path)

    assert names(files) == []
    assert files.report.skipped == {Skipped.UNREADABLE: 1}


def test_f19_links_to_directories_are_not_followed(tmp_path):
    put(tmp_path, "sub/a.py", "x\n")
    (tmp_path / "sub" / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    put(outside, "b.py", "x\n")
    (tmp_path / "out").symlink_to(outside)
    files = WorkspaceFiles(tmp_path)

    assert names(files) == ["sub/a.py"]
    assert files.report.skipped == {Skipped.LINK: 3}


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ScanLimits(max_files=3), "files"),
        (ScanLimits(max_total_bytes=6), "bytes"),
        (ScanLimits(max_seconds=3), "time"),
    ],
)
def test_f19_a_scan_ends_at_its_limits(tmp_path, limits, reason):
    for number in range(10):
        put(tmp_path, f"{number}.py", "x\n")
    clock = iter(range(100))
    files = WorkspaceFiles(tmp_path, limits=limits, now=lambda: float(next(clock)))

    assert 1 <= len(names(files)) <= 3
    assert files.report.exhausted == reason


def test_a_missing_workspace_is_no_error(tmp_path):
    files = WorkspaceFiles(tmp_path / "nowhere")

    assert names(files) == []


@pytest.mark.parametrize(
    ("name", "taken"),
    [("a.py", True), ("sub/b.py", True), ("ignored/c.py", False), ("node_modules/d.js", False)],
)
def test_one_file_is_read_by_the_rules_of_a_scan(tmp_path, name, taken):
    put(tmp_path, ".gitignore", "ignored/\n")
    put(tmp_path, name, "x\n")

    assert (WorkspaceFiles(tmp_path).read(tmp_path / name) is not None) is taken


def test_one_file_outside_or_below_a_linked_directory_is_not_read(tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    put(outside, "b.py", "x\n")
    (tmp_path / "link").symlink_to(outside)
    files = WorkspaceFiles(tmp_path)

    assert files.read(outside / "b.py") is None
    assert files.read(tmp_path / "link" / "b.py") is None
    assert files.read(tmp_path / ".." / outside.name / "b.py") is None
