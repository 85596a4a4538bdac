"""Writes what a user took over from an answer: inside the workspace, whole or not at all.

The file is read again at the last moment: what was changed since the preview is never overwritten.
Writing goes to a new file beside the old one, flushed to the disk, which then takes its place with
the same permissions (security T2). Every edit is recorded with both texts before it is made, so
that it can be taken back without any version control.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.errors import FimbleError, PathRefusedError
from fimble.policy.containment import contain
from fimble.policy.protected import is_protected
from fimble.policy.secrets import is_secret_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fimble.history.sessions.applied import AppliedEdit
    from fimble.history.sessions.session_store import SessionStore

_MAX_BYTES: Final = 8_000_000
_BOM: Final = b"\xef\xbb\xbf"


class FileChangedError(FimbleError):
    """The file is not what it was when the change was previewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTarget:
    """A file that a block may be applied to, as it was read."""

    path: Path
    """Real and inside the workspace."""
    relative: str
    """From the workspace's root, with slashes."""
    text: str | None
    """None when there is no such file yet."""
    protected: bool
    """Whether it may make things run, so that one key must not be enough."""
    bom: bool = False
    """Whether it begins with a byte order mark, which is kept."""


class WorkspaceEditor:
    """Reads, writes and restores files of one workspace."""

    def __init__(self, workspace: Path, store: SessionStore) -> None:
        self._workspace = workspace
        self._store = store

    def target(self, name: str) -> EditTarget:
        """Return the file that a name in an answer means; the name is untrusted.

        Raises:
            PathRefusedError: It is outside, goes through a link, holds secrets, or is no text.
        """
        path = contain(self._workspace, name)
        relative = path.relative_to(self._workspace.resolve()).as_posix()
        if is_secret_file(str(path)):
            raise PathRefusedError(
                f"{relative} looks like a file of secrets and is not touched.", path=str(path)
            )
        data = _read(path)
        try:
            text = None if data is None else data.removeprefix(_BOM).decode("utf-8")
        except UnicodeDecodeError as error:
            raise PathRefusedError(
                f"{relative} is not UTF-8, so it cannot be changed without harm.", path=str(path)
            ) from error
        return EditTarget(
            path=path,
            relative=relative,
            text=text,
            protected=is_protected(relative),
            bom=bool(data and data.startswith(_BOM)),
        )

    def apply(self, target: EditTarget, text: str, *, turn_id: int) -> AppliedEdit:
        """Write `text` to a target that was previewed; the edit can be undone.

        Raises:
            FileChangedError: The file changed since it was read; nothing is written.
            PathRefusedError: It cannot be written.
            SessionStoreError: The edit cannot be recorded; nothing is written.
        """
        self._refuse_if_changed(target)
        edit = self._store.applied.record(
            turn_id, path=str(target.path), before=target.text, after=text
        )
        try:
            _replace(target.path, _encoded(text, bom=target.bom), self._workspace)
        except OSError as error:
            self._store.applied.forget(edit.apply_id)
            raise PathRefusedError(
                f"{target.relative} cannot be written ({error.strerror}).", path=str(target.path)
            ) from error
        return edit

    def undo(self, edit: AppliedEdit) -> EditTarget:
        """Bring back what was there before an edit; returns the file as it is now.

        Raises:
            FileChangedError: The file was changed since; nothing is written.
            PathRefusedError: It cannot be written.
        """
        target = self.target(edit.path)
        if target.text != edit.after:
            raise FileChangedError(
                f"{target.relative} was changed since, so undoing would lose that.",
                hint="Take it back by hand; the conversation holds both texts.",
            )
        try:
            if edit.before is None:
                target.path.unlink()
            else:
                _replace(target.path, _encoded(edit.before, bom=target.bom), self._workspace)
        except OSError as error:
            raise PathRefusedError(
                f"{target.relative} cannot be written ({error.strerror}).", path=str(target.path)
            ) from error
        self._store.applied.undone(edit.apply_id)
        return self.target(edit.path)

    def standing(self, turn_ids: Iterable[int], *, session_id: int = 0) -> tuple[AppliedEdit, ...]:
        """Return the edits that were not taken back, newest first.

        Args:
            turn_ids: The turns that they were made from.
            session_id: Also those of this session's other branches; 0 for none.
        """
        found = [edit for each in turn_ids for edit in self._store.applied.of_turn(each)]
        if session_id:
            found += self._store.applied.of_session(session_id)
        standing = {edit.apply_id: edit for edit in found if edit.undone_at is None}
        return tuple(standing[number] for number in sorted(standing, reverse=True))

    def _refuse_if_changed(self, target: EditTarget) -> None:
        now = self.target(target.relative)
        if now.text != target.text:
            raise FileChangedError(
                f"{target.relative} was changed while you looked at the preview.",
                hint="Look at it again: the preview is made from the file as it is now.",
            )


def _encoded(text: str, *, bom: bool) -> bytes:
    return (_BOM if bom else b"") + text.encode("utf-8", "replace")


def _read(path: Path) -> bytes | None:
    """Read a regular file without following a link; None when it is not there."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PathRefusedError(
            f"{path.name} cannot be read ({error.strerror}).", path=str(path)
        ) from error
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise PathRefusedError(f"{path.name} is no regular file.", path=str(path))
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise PathRefusedError(f"{path.name} is too large to be changed here.", path=str(path))
    return data


def _replace(path: Path, data: bytes, workspace: Path) -> None:
    """Put a new file in the place of `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    contain(workspace, path)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.fimble")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(beside, flags | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
