"""Files for one user's eyes: their folder is the user's alone, and they appear whole or not at all.

Other users of the machine can neither read nor prepare what stands here (threat T8): a folder or a
file that belongs to somebody else is refused, and so is a link.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_OWNER_ONLY = 0o700
_OTHERS_WRITE = 0o022


def own_folder(path: Path) -> None:
    """Create `path` for its user alone, or make it so.

    Raises:
        PermissionError: It is a link, no folder, or another user's.
        OSError: It cannot be created or changed.
    """
    path.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    if os.name == "posix" and not path.is_symlink():
        path.chmod(_OWNER_ONLY)
    _check_owner(path.lstat(), path, stat.S_ISDIR)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, and give it its name when it is on the disk.

    Raises:
        OSError: It cannot be written; whatever was there before still is.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.stem[:32]}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def read_private(path: Path, max_bytes: int) -> bytes | None:
    """Return the content of a file of ours; None when there is none.

    Raises:
        PermissionError: It, or its folder, is a link, another user's, or open for others to write.
        OSError: It cannot be read, or is larger than `max_bytes`.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        _check_owner(path.parent.lstat(), path.parent, stat.S_ISDIR)
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        _check_owner(os.fstat(file.fileno()), path, stat.S_ISREG)
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(f"{path} is larger than {max_bytes:,} bytes")
    return data


def _check_owner(found: os.stat_result, path: Path, is_kind: Callable[[int], bool]) -> None:
    if not is_kind(found.st_mode):
        raise PermissionError(f"{path} is a link or no plain file or folder")
    if os.name != "posix":
        return
    if found.st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to another user")
    if found.st_mode & _OTHERS_WRITE:
        raise PermissionError(f"other users may write to {path}")
