"""The record of trust: one file for each workspace in the user's state directory.

It must be nowhere that a repository could write: not inside the workspace, not another user's,
not reached through a link. Written in one step, so that a reader sees the old record or the new.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec

from fimble.errors import TrustError
from fimble.private_files import own_folder, read_private, write_private
from fimble.trust.pins import Pin, TrustRecord

_FORMAT = 1
_MAX_BYTES = 67_108_864
_MAX_RECORDS = 5_000


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of one file."""

    format: int
    workspace: str
    reviewed: str
    pins: dict[str, str]
    """Reviewed texts by path."""


class TrustStore:
    """Reads and writes the records.

    Args:
        folder: Where they are; below the user's state directory when None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the records are; it need not exist."""
        return self._folder or _default_folder()

    def load(self, workspace: Path) -> TrustRecord | None:
        """Return what was reviewed in `workspace`, None when nothing was.

        Raises:
            TrustError: The record is unsafe or damaged; then nothing is trusted.
        """
        resolved = self._outside(workspace)
        record = self._read(self._path(resolved))
        return record if record is not None and record.workspace == str(resolved) else None

    def save(self, workspace: Path, *, reviewed: str, pins: tuple[Pin, ...]) -> TrustRecord:
        """Keep what was reviewed in `workspace`, in place of what was there before.

        Raises:
            TrustError: It cannot be written, or would lie where the repository can write.
        """
        resolved = self._outside(workspace)
        content = msgspec.json.encode(
            _Record(
                format=_FORMAT,
                workspace=str(resolved),
                reviewed=reviewed,
                pins={pin.path: pin.text for pin in pins},
            )
        )
        path = self._path(resolved)
        try:
            own_folder(self.folder)
            write_private(path, content)
        except OSError as error:
            raise self._failure("written", error) from error
        return TrustRecord(workspace=str(resolved), reviewed=reviewed, pins=pins)

    def forget(self, workspace: Path) -> bool:
        """Withdraw all trust in `workspace`; False when there was none.

        Raises:
            TrustError: The record cannot be deleted.
        """
        path = self._path(_resolved(workspace))
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._failure("deleted", error) from error
        return True

    def file_of(self, workspace: Path) -> Path:
        """Return where the record of `workspace` is kept, whether or not there is one.

        Raises:
            TrustError: The workspace cannot be looked at.
        """
        return self._path(_resolved(workspace))

    def records(self) -> tuple[TrustRecord, ...]:
        """Return the records of all workspaces, by path; damaged ones are left out."""
        found: list[TrustRecord] = []
        paths = sorted(self.folder.glob("*.json")) if self.folder.is_dir() else []
        for path in paths[:_MAX_RECORDS]:
            with suppress(TrustError):
                record = self._read(path)
                if record is not None:
                    found.append(record)
        return tuple(sorted(found, key=lambda record: record.workspace))

    def _read(self, path: Path) -> TrustRecord | None:
        try:
            data = read_private(path, _MAX_BYTES)
        except OSError as error:
            raise self._failure("read", error) from error
        if data is None:
            return None
        try:
            record = msgspec.json.decode(data, type=_Record)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise _damaged(path) from None
        if record.format != _FORMAT:
            raise _damaged(path)
        pins = tuple(Pin(path=name, text=text) for name, text in record.pins.items())
        return TrustRecord(workspace=record.workspace, reviewed=record.reviewed, pins=pins)

    def _outside(self, workspace: Path) -> Path:
        """Return the workspace's real path; refuse a store that lies inside of it."""
        resolved, folder = _resolved(workspace), _resolved(self.folder)
        if folder.is_relative_to(resolved):
            raise TrustError(
                f"What you trust is kept in {folder}, which lies inside the workspace {resolved}.",
                hint="A repository could then trust itself. Set XDG_STATE_HOME to another place.",
            )
        return resolved

    def _path(self, resolved: Path) -> Path:
        name = hashlib.sha256(str(resolved).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        return self.folder / f"{name}.json"

    def _failure(self, done: str, error: OSError) -> TrustError:
        reason = (error.strerror or str(error)).rstrip(".")
        return TrustError(
            f"The record of trust in {self.folder} could not be {done}: {reason}.",
            hint="It must be a folder of yours that nobody else may write to.",
        )


def _default_folder() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415 - not on the way of a keystroke

    return user_state_path("fimble") / "trust"


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise TrustError(f"The folder {path} cannot be looked at: {error}.") from error


def _damaged(path: Path) -> TrustError:
    return TrustError(
        f"The record of trust {path} is damaged.",
        hint="Delete it, then run `fimble trust` in the workspace again.",
    )
