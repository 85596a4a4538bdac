"""The server's log: stderr, which editors show on request; never the editor's text.

Libraries do not write here. pygls logs whole messages at INFO and tracebacks at ERROR, httpx logs
addresses, asyncio prints objects; all three are cut off or stripped.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

from fimble.kept_log import KeptLog
from fimble_lsp.protocol.crash import crash_summary

if TYPE_CHECKING:
    from fimble.config.schema import LogSettings

LOGGER: Final = logging.getLogger("fimble_lsp")
"""Where every module of this room writes."""

_OURS = ("fimble", "fimble_lsp")
_MAX_BYTES = 1 << 20
_MUTED = ("pygls", "asyncio", "httpx", "httpcore", "ollama")


class StrippedFormatter(logging.Formatter):
    """Formats a record without its traceback; a defect is named by class and place alone."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line = f"fimble {record.levelname.lower()}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            line += f" ({crash_summary(record.exc_info[1])})"
        return line.replace("\r", " ").replace("\n", " ")


def follow_settings(settings: LogSettings) -> None:
    """Write what the user wants to read, to stderr or to the file that the user names.

    A file that cannot be opened is told on stderr, where the log then stays. What is important is
    kept for `fimble bugreport` too, unless the user does not want it.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if settings.file:
        from logging.handlers import RotatingFileHandler  # noqa: PLC0415 - few people want one

        try:
            handler = RotatingFileHandler(
                settings.file, maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8"
            )
        except OSError as error:
            reason = error.strerror
            LOGGER.error("log.file: %s cannot be written (%s)", settings.file, reason)  # noqa: TRY400 - no trace
    handlers = [handler, KeptLog()] if settings.keep else [handler]
    formers = {former for name in _OURS for former in logging.getLogger(name).handlers}
    for each in handlers:
        each.setFormatter(StrippedFormatter())
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.handlers[:] = handlers
        logger.setLevel(settings.level.upper())
    for former in formers:
        former.close()


def configure_logging() -> None:
    """Send our warnings to stderr and silence the libraries; for the server process only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(StrippedFormatter())
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(logging.WARNING)
        logger.propagate = False
    for name in _MUTED:
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.setLevel(logging.WARNING)
        logger.propagate = False
