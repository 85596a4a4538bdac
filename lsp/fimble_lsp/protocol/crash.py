"""What may be said about a defect: its class and the places it passed, never a value.

The text of a foreign exception can quote the document, and a traceback quotes source lines and
local paths. Neither may leave the process; module and line numbers are enough to find a defect.
"""

from __future__ import annotations

import traceback

_PLACES = 6


def crash_summary(error: BaseException) -> str:
    """Describe `error` in one line: its class, then the innermost places, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{_module(frame.filename)}:{frame.lineno}" for frame in frames[-_PLACES:]]
    if not places:
        return type(error).__name__
    return f"{type(error).__name__} at {' < '.join(reversed(places))}"


def _module(filename: str) -> str:
    """Shorten a path to its last folder and file, as paths tell the user's name."""
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
