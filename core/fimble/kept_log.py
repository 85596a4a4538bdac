"""The log kept for a report of a bug: warnings and errors, as JSON, a file for each process.

No level writes code or prompts (T16). Nothing is created before there is something to write, one
file is at most a megabyte and its predecessor, and only the newest files stay.
"""

from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path
from typing import Final

from fimble.version import VERSION

_PREFIX: Final = "server-"
_SUFFIX: Final = ".jsonl"
_MAX_BYTES: Final = 1 << 20
_MOST_FILES: Final = 10


def log_folder() -> Path:
    """Return where logs are kept, whether or not it exists."""
    from platformdirs import user_log_path  # noqa: PLC0415 - only who writes or reads one

    return user_log_path("fimble", appauthor=False)


def kept_files(folder: Path) -> list[Path]:
    """Return the files of all processes, the newest first; empty where nothing was kept."""
    try:
        found = [(path.lstat().st_mtime, path) for path in folder.glob(f"{_PREFIX}*{_SUFFIX}*")]
    except OSError:
        return []
    return [path for _, path in sorted(found, reverse=True)]


class KeptLog(logging.Handler):
    """Writes what is important into a file of this process; a disk that is full is none of ours."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(logging.WARNING)
        self._folder = folder
        self._file: logging.Handler | None = None
        self._given_up = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; the first one opens the file."""
        if self._given_up:
            return
        try:
            if self._file is None:
                self._file = self._open()
            self._file.emit(record)
        except OSError:
            self._given_up = True

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
        super().close()

    def _open(self) -> logging.Handler:
        from logging.handlers import RotatingFileHandler  # noqa: PLC0415 - loads sockets

        from fimble.private_files import own_folder  # noqa: PLC0415 - with the first record

        folder = self._folder or log_folder()
        own_folder(folder)
        for old in kept_files(folder)[_MOST_FILES - 1 :]:
            old.unlink(missing_ok=True)
        path = folder / f"{_PREFIX}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{_SUFFIX}"
        handler = RotatingFileHandler(path, maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8")
        handler.setFormatter(_JsonLines(self.formatter))
        return handler


class _JsonLines(logging.Formatter):
    """One JSON object a line; the message is what the log's own formatter makes of the record."""

    def __init__(self, words: logging.Formatter | None) -> None:
        super().__init__()
        self._words = words

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage() if self._words is None else self._words.format(record)
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return json.dumps(
            {
                "time": f"{moment}.{int(record.msecs):03d}Z",
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": message,
                "process": record.process,
                "version": VERSION,
            },
            ensure_ascii=False,
        )
