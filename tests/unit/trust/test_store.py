"""The record is the user's alone, whole or not there, and never where a repository can write."""

import os
import stat

import pytest

from fimble.errors import TrustError
from fimble.trust.pins import Pin
from fimble.trust.store import TrustStore

PINS = (Pin(path="AGENTS.md", text="Regel: größer\n"), Pin(path="b", text=""))
posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")


def save(store, workspace):
    return store.save(workspace, reviewed="2026-01-01T00:00:00+00:00", pins=PINS)


def the_file(store):
    (path,) = store.folder.iterdir()
    return path


def test_what_was_kept_is_found_again_also_through_a_link(store, workspace, tmp_path):
    assert store.load(workspace) is None

    saved = save(store, workspace)
    (tmp_path / "other name").symlink_to(workspace)

    assert store.load(tmp_path / "other name") == saved
    assert saved.pins == PINS
    assert store.records() == (saved,)


def test_trust_that_is_withdrawn_is_gone(store, workspace):
    save(store, workspace)

    assert store.forget(workspace)
    assert not store.forget(workspace)
    assert store.load(workspace) is None
    assert store.records() == ()


@posix
def test_t08_folder_and_file_are_for_their_owner_alone_whatever_the_umask(store, workspace):
    before = os.umask(0)
    try:
        save(store, workspace)
    finally:
        os.umask(before)

    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(the_file(store).stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("harm", ["folder is writable", "file is writable", "link", "fifo"])
def test_t08_a_record_that_others_could_have_written_is_refused(store, workspace, tmp_path, harm):
    save(store, workspace)
    path = the_file(store)
    if harm == "folder is writable":
        store.folder.chmod(0o777)
    elif harm == "file is writable":
        path.chmod(0o666)
    elif harm == "link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.unlink()
        os.mkfifo(path)

    with pytest.raises(TrustError, match="nobody else may write"):
        store.load(workspace)


@posix
def test_t08_another_users_folder_is_refused(store, workspace, monkeypatch):
    save(store, workspace)
    monkeypatch.setattr(os, "getuid", lambda: 12_345_678)

    with pytest.raises(TrustError, match="belongs to another user"):
        store.load(workspace)
    with pytest.raises(TrustError):
        save(store, workspace)


def test_t05_a_store_inside_the_workspace_is_refused_for_reading_and_writing(workspace):
    inside = TrustStore(workspace / ".local" / "state")

    for act in (lambda: inside.load(workspace), lambda: save(inside, workspace)):
        with pytest.raises(TrustError, match="lies inside the workspace"):
            act()
    assert not inside.folder.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"format":2,"workspace":"","reviewed":"","pins":{}}',
        b'{"format":1,"workspace":"","reviewed":"","pins":{"a":1}}',
        b'{"format":1,"workspace":"","reviewed":"","pins":{},"more":1}',
    ],
)
def test_a_damaged_record_is_an_error_with_a_way_out(store, workspace, content):
    save(store, workspace)
    the_file(store).write_bytes(content)

    with pytest.raises(TrustError, match=r"is damaged\. Delete it"):
        store.load(workspace)
    assert store.records() == ()


def test_a_record_of_another_workspace_under_our_name_does_not_count(store, workspace, tmp_path):
    save(store, tmp_path / "other")
    the_file(store).replace(store.folder / "kept")
    save(store, workspace)
    (store.folder / "kept").replace(next(store.folder.glob("*.json")))

    assert store.load(workspace) is None


def test_f21_a_write_that_fails_leaves_the_old_record(store, workspace, monkeypatch):
    saved = save(store, workspace)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TrustError, match="could not be written: No space left on device"):
        store.save(workspace, reviewed="later", pins=())

    assert store.load(workspace) == saved
    assert len(list(store.folder.iterdir())) == 1
