"""A real terminal of a fixed size, held by tmux: keys go in, the screen comes out as text.

Waiting is for what the screen shows, never for time; a screen counts when two looks agree, so
that none is taken while it is being drawn.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

_LONGEST_WAIT_S = 40.0
_BETWEEN_LOOKS_S = 0.03
_BETWEEN_PRESSES_S = 1.0

needs_tmux = pytest.mark.skipif(
    shutil.which("tmux") is None,
    reason="tmux is not on PATH: it is the terminal of this test (apt-get install tmux)",
)


@dataclass(frozen=True, slots=True)
class Terminal:
    """One window of a tmux server that nobody else uses."""

    socket: str

    def type(self, text: str) -> None:
        """Type characters as they are."""
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names: Enter, Tab, C-l, C-Up."""
        self._tmux("send-keys", *keys)

    def press_until(self, keys: Sequence[str], *words: str) -> str:
        """Press keys again and again until all `words` are shown; returns the screen.

        For what answers nothing while a server behind it is not ready, and does not say so.

        Raises:
            AssertionError: They do not come.
        """
        deadline = time.monotonic() + _LONGEST_WAIT_S
        while True:
            self.press(*keys)
            looks = time.monotonic() + _BETWEEN_PRESSES_S
            while time.monotonic() < looks:
                if all(each in (now := self.screen()) for each in words):
                    return now
                time.sleep(_BETWEEN_LOOKS_S)
            if time.monotonic() > deadline:
                raise AssertionError(f"{words} was not shown:\n{self.screen()}")

    def shows(self, *words: str, without: Sequence[str] = ()) -> str:
        """Wait until all `words` and none of `without` are on the screen; returns the screen.

        Raises:
            AssertionError: They do not come; the message shows what is there instead.
        """
        deadline = time.monotonic() + _LONGEST_WAIT_S
        before = ""
        while True:
            now = self.screen()
            holds = all(each in now for each in words) and not any(each in now for each in without)
            if holds and now == before:
                return now
            if time.monotonic() > deadline:
                raise AssertionError(f"{words} without {without} was not shown:\n{now}")
            before = now
            time.sleep(_BETWEEN_LOOKS_S)

    def screen(self) -> str:
        """Return what is on the screen now, line by line."""
        lines = self._tmux("capture-pane", "-p").split("\n")
        return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"

    def in_other_screen(self) -> bool:
        """Whether a program holds the alternate screen, over the terminal's own."""
        return self._tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    def _tmux(self, *arguments: str) -> str:
        return _tmux(self.socket, *arguments)


@contextmanager
def terminal(
    directory: Path, environment: Mapping[str, str], *, columns: int = 80, rows: int = 24
) -> Generator[Terminal]:
    """Open a shell in `directory` with nothing but `environment` and a search path.

    Args:
        directory: Where the shell stands.
        environment: Its variables.
        columns: Width.
        rows: Height.
    """
    socket = f"fimble-{uuid4().hex[:12]}"
    own = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment}
    words = ["env", "-i", *(f"{name}={value}" for name, value in own.items()), "PS1=$ ", "sh"]
    size = ("-x", str(columns), "-y", str(rows))
    _tmux(socket, "new-session", "-d", *size, "-c", str(directory), shlex.join(words))
    try:
        _tmux(socket, "set-option", "-g", "status", "off")
        made = Terminal(socket)
        # What is typed before the shell is there is echoed in front of its prompt.
        made.shows("$")
        yield made
    finally:
        _tmux(socket, "kill-server")


def _tmux(socket: str, *arguments: str) -> str:
    command = ("tmux", "-L", socket, "-f", os.devnull, *arguments)
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
