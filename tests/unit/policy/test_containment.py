"""Paths that try to leave the workspace, and those that may not be refused (security T2)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fimble.errors import PathRefusedError
from fimble.policy.containment import contain

HOSTILE = [
    "", "..", "../x", "a/../../x", "a/..", "./../x", "a/./../../x", "/etc/passwd", "/",
    "//host/share", "//?/C:/x", "~/x", "~root/.ssh/id_rsa", "a\\..\\..\\x", "\\\\host\\share",
    "..\\x", "C:/x", "C:x", "c:\\x", "file:///etc/passwd", "a.txt:stream", "a.txt::$DATA",
    "con", "CON", "Con.txt", "nul", "sub/NUL.tar.gz", "aux.py", "prn", "com1", "COM9.log",
    "lpt1", "lpt¹", "conin$", "CONOUT$", "nul .txt", "a.txt.", "a.txt ", "dir./x", "dir /x",
    "a\0b", "a\nb", "a\x1b[2J", "a\x7f", "a*b", "a?b", "a<b", 'a"b', "a|b", "x" * 300,
    "é" * 200, "a/" * 3000, "\ud800", "link", "link/x", "dirlink/inside.txt",
    "escape/secret.txt", "dangling", "fifo", "file.txt/below", "loop", "loop/x",
    "../work-secret/x", "twin",
]  # fmt: skip

PLAIN = [
    "file.txt", "sub/inside.txt", "new.txt", "sub/new/deep.py", ".hidden", "sub", "a b.txt",
    "ünï.py", "conference.py", "auxiliary/com.py", "...x", "nulls.txt", "./file.txt",
    "sub//inside.txt",
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    (work / "file.txt").write_text("x")
    (work / "sub" / "inside.txt").write_text("x")
    outside = tmp_path / "work-secret"
    outside.mkdir()
    (outside / "secret.txt").write_text("x")
    (work / "link").symlink_to(outside / "secret.txt")
    (work / "dirlink").symlink_to(work / "sub")
    (work / "escape").symlink_to(outside)
    (work / "dangling").symlink_to(work / "nowhere")
    (work / "twin").symlink_to(work / "file.txt")
    (work / "loop").symlink_to(work / "loop")
    os.mkfifo(work / "fifo")
    return work


def test_t02_the_table_is_long_enough():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("path", HOSTILE, ids=ascii)
def test_t02_a_hostile_path_is_refused(root, path):
    with pytest.raises(PathRefusedError) as refused:
        contain(root, path)

    assert refused.value.hint
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("path", PLAIN)
def test_a_plain_path_is_resolved_below_the_root(root, path):
    assert contain(root, path) == root.resolve() / path


@pytest.mark.parametrize("name", ["file.txt", "sub/inside.txt", "new.txt"])
def test_an_absolute_path_inside_the_root_is_accepted(root, name):
    assert contain(root, root / name) == root.resolve() / name


def test_t02_a_sibling_whose_name_begins_like_the_root_is_outside(root):
    with pytest.raises(PathRefusedError):
        contain(root, root.parent / "work-secret" / "secret.txt")


def test_the_root_itself_may_be_reached_through_a_link(root):
    alias = root.parent / "alias"
    alias.symlink_to(root)

    assert contain(alias, "file.txt") == root.resolve() / "file.txt"
    assert contain(alias, alias / "file.txt") == root.resolve() / "file.txt"


def test_a_root_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(PathRefusedError):
        contain(tmp_path / "nowhere", "x")


def test_t02_a_directory_swapped_for_a_link_is_noticed(root):
    assert contain(root, "sub/inside.txt")
    (root / "sub" / "inside.txt").unlink()
    (root / "sub").rmdir()
    (root / "sub").symlink_to(root.parent / "work-secret")

    with pytest.raises(PathRefusedError):
        contain(root, "sub/secret.txt")
