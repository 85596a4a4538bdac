"""Whether a path lies inside the workspace: the one place that decides it (security T2).

A path is refused by the first rule it breaks: characters and names that mean something else on
some system, then what it leads to once links are followed. Windows names are refused everywhere,
because a repository is shared between systems. Paths are compared by their parts, never as text
(`/work` is no parent of `/work-secret`). The answer holds when it is given; whoever opens the
file does so without following links and looks again (`context.workspace_files`).
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from fimble.errors import PathRefusedError

_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_MAX_PATH = 4_096
_MAX_NAME_BYTES = 255


def contain(root: Path, path: str | Path) -> Path:
    """Return the absolute, real path of `path`, which lies inside `root`.

    Args:
        root: The workspace's directory; it may itself be reached through links.
        path: Relative to `root`, or absolute. The file need not exist yet, its name does not
            matter then, but what exists of it must be plain: no links below the root, and a
            regular file or a directory at its end.

    Raises:
        PathRefusedError: It leaves the workspace, goes through a link, names a device or a
            stream, or is no regular file.
    """
    text = os.fspath(path)
    _check_text(text)
    try:
        real_root = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _refused(os.fspath(root), "the workspace itself cannot be read") from error
    relative = _relative_parts(text, root, real_root)
    return _walk(real_root, relative, text)


def _check_text(text: str) -> None:
    if not text or len(text) > _MAX_PATH:
        raise _refused(text[:80], "it is empty or too long")
    if _CONTROL.search(text):
        raise _refused(text, "it holds control characters")
    if "\\" in text:
        raise _refused(text, "it holds a backslash, which separates directories on Windows")
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _refused(ascii(text), "it is not valid Unicode") from error
    if len(encoded) > _MAX_PATH:
        raise _refused(text[:80], "it is too long")
    if text.startswith(("//", "~")):
        raise _refused(text, "it names another machine or a home directory")


def _relative_parts(text: str, root: Path, real_root: Path) -> tuple[str, ...]:
    """Cut the root off an absolute path; names are checked, `..` is refused wherever it is."""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise _refused(text, "it goes up with '..'")
    if text.startswith("/"):
        for base in (real_root, root.absolute()):
            above = [part for part in base.as_posix().split("/") if part]
            if parts[: len(above)] == above:
                parts = parts[len(above) :]
                break
        else:
            raise _refused(text, "it is outside the workspace")
    for part in parts:
        _check_name(part, text)
    return tuple(parts)


def _check_name(name: str, text: str) -> None:
    if len(name.encode("utf-8")) > _MAX_NAME_BYTES:
        raise _refused(text[:80], "a name in it is too long")
    if ":" in name:
        raise _refused(text, "it names a drive or a stream on Windows")
    if any(character in '<>"|?*' for character in name):
        raise _refused(text, "it holds a character that Windows does not allow")
    if name.endswith((" ", ".")):
        raise _refused(text, "a name in it ends in a blank or a dot, which Windows drops")
    if name.split(".", 1)[0].rstrip(" ").casefold() in _DEVICES:
        raise _refused(text, "it names a device on Windows")


def _walk(real_root: Path, parts: tuple[str, ...], text: str) -> Path:
    """Go down part by part; nothing on the way may be a link."""
    at = real_root
    for number, part in enumerate(parts):
        at = at / part
        try:
            kind = at.lstat().st_mode
        except FileNotFoundError:
            # What does not exist yet cannot lead anywhere; its names have been checked.
            return real_root.joinpath(*parts)
        except (OSError, ValueError) as error:
            raise _refused(text, "it cannot be looked at") from error
        last = number == len(parts) - 1
        if stat.S_ISLNK(kind):
            raise _refused(text, "it goes through a symbolic link")
        if not stat.S_ISDIR(kind) and not (last and stat.S_ISREG(kind)):
            raise _refused(text, "it is no regular file")
    if _resolves_elsewhere(at, real_root):
        raise _refused(text, "it leads out of the workspace")
    return at


def _resolves_elsewhere(path: Path, real_root: Path) -> bool:
    try:
        return not path.resolve().is_relative_to(real_root)
    except (OSError, RuntimeError):
        return True


def _refused(path: str, reason: str) -> PathRefusedError:
    return PathRefusedError(
        f"The path {path!r} is refused: {reason}.",
        path=path,
        hint="Name a plain file inside the workspace.",
    )
