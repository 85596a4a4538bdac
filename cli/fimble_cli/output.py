"""The one owner of standard output.

Results go here and nothing else: what a pipe receives is exactly the answer. On a terminal every
text is made printable first (T10); styles are added around it, never taken from it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

from fimble.policy.printable import printable

_DIM = "\x1b[2m"
_NORMAL_INTENSITY = "\x1b[22m"


class OutputClosedError(Exception):
    """Whoever read our output has gone away; there is nobody to tell."""


class Output:
    """Writes results to one stream."""

    def __init__(self, stream: TextIO, *, environment: Mapping[str, str]) -> None:
        self._stream = stream
        self.is_terminal = stream.isatty()
        """Whether a person reads along; otherwise output is data and is not changed."""
        self.has_style = self.is_terminal and _wants_style(environment)
        """Whether the terminal shows dim text and its user has not declined."""

    def write(self, text: str) -> None:
        """Write `text` as it is to a pipe or file, printable to a terminal."""
        self._write(printable(text) if self.is_terminal else text)

    def write_line(self, text: str = "") -> None:
        """Write `text` and a line feed."""
        self.write(f"{text}\n")

    def ghost(self, text: str) -> str:
        """Return `text`, made printable, in the style of a suggestion not yet accepted."""
        shown = printable(text)
        if not self.has_style:
            return f"⟦{shown}⟧"
        return "\n".join(f"{_DIM}{line}{_NORMAL_INTENSITY}" for line in shown.split("\n"))

    def write_rendered(self, text: str) -> None:
        """Write `text` that was put together from `ghost` and printable pieces."""
        self._write(text)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            raise OutputClosedError from None


def _wants_style(environment: Mapping[str, str]) -> bool:
    """Follow https://no-color.org, TERM=dumb, and consoles of Windows that show raw codes."""
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return os.name != "nt" or "WT_SESSION" in environment
