"""Reading one TOML file without trusting it: a regular file, small, UTF-8, not nested to death."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from fimble.errors import ConfigError

MAX_FILE_BYTES = 256 * 1024
"""Far above any real configuration; a bound for what a cloned repository can make us read."""


def read_configuration_file(path: Path) -> tuple[str, dict[str, object]]:
    """Return text and content of the TOML file at `path`; both empty when it does not exist.

    Raises `ConfigError` when it is not a readable regular file of valid TOML.
    """
    data = _read_bytes(path)
    if not data:
        return "", {}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("the file is not UTF-8 text.", source=str(path), line=line) from None
    import tomllib  # noqa: PLC0415 - most machines have no file to read

    try:
        return text, tomllib.loads(text)
    except RecursionError:
        raise ConfigError("the file nests values too deeply.", source=str(path)) from None
    except ValueError as error:
        raise _syntax_error(path, str(error)) from None


def _read_bytes(path: Path) -> bytes:
    try:
        # O_NONBLOCK: a FIFO put in a repository must not hang the editor.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError("this is not a regular file.", source=str(path))
            data = file.read(MAX_FILE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigError(f"the file cannot be read: {reason}.", source=str(path)) from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(
            f"the file is larger than {MAX_FILE_BYTES // 1024} KiB.", source=str(path)
        )
    return data


def _syntax_error(path: Path, message: str) -> ConfigError:
    """Return tomllib's complaint, its position moved to the front."""
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if found is None:
        return ConfigError(f"this is not valid TOML: {message}.", source=str(path))
    reason = message[: found.start()]
    return ConfigError(
        f"this is not valid TOML at column {found[2]}: {reason[:1].lower()}{reason[1:]}.",
        source=str(path),
        line=int(found[1]),
    )
