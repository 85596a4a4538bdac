"""Neovim without a screen: keys go in as typed, Lua tells what is there."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LONGEST_WAIT_S = 40.0
_BETWEEN_LOOKS_S = 0.02

_NOBODYS_SETTINGS = ("-u", "NONE", "-i", "NONE", "-n")

_GHOST = """
(function()
  local space = vim.api.nvim_get_namespaces()[NAME]
  local marks = space and vim.api.nvim_buf_get_extmarks(0, space, 0, -1, {details = true}) or {}
  local mark = marks[1]
  if not mark then return '' end
  local lines = {mark[4].virt_text[1][1]}
  for _, line in ipairs(mark[4].virt_lines or {}) do lines[#lines + 1] = line[1][1] end
  return table.concat(lines, string.char(10))
end)()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neovim:
    """A running Neovim."""

    program: str
    socket: Path
    environment: Mapping[str, str]

    def press(self, keys: str) -> None:
        """Type keys, by Neovim's names: <Tab>, <Esc>."""
        self._ask("--remote-send", keys)

    def lua(self, expression: str) -> object:
        """Return the value of a Lua expression."""
        wrapped = f"luaeval({json.dumps(f'vim.json.encode({expression})')})"
        return json.loads(self._ask("--remote-expr", wrapped))

    def ghost(self, namespace: str = "fimble") -> str:
        """Return the ghost text, the empty text where there is none."""
        return str(self.lua(" ".join(_GHOST.replace("NAME", f"'{namespace}'").split("\n"))))

    def until(self, expression: str, value: object = True) -> None:
        """Wait until a Lua expression has a value.

        Raises:
            AssertionError: It does not come to have it.
        """
        deadline = time.monotonic() + _LONGEST_WAIT_S
        while (found := self.lua(expression)) != value:
            if time.monotonic() > deadline:
                messages = self._ask("--remote-expr", "execute('messages')")
                raise AssertionError(f"{expression} is {found!r}, not {value!r}\n{messages}")
            time.sleep(_BETWEEN_LOOKS_S)

    def until_ghost(self, text: str, namespace: str = "fimble") -> None:
        """Wait until the ghost text is `text`.

        Raises:
            AssertionError: It does not come.
        """
        deadline = time.monotonic() + _LONGEST_WAIT_S
        while (found := self.ghost(namespace)) != text:
            if time.monotonic() > deadline:
                messages = self._ask("--remote-expr", "execute('messages')")
                raise AssertionError(f"the ghost text is {found!r}, not {text!r}\n{messages}")
            time.sleep(_BETWEEN_LOOKS_S)

    def _ask(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, "--server", str(self.socket), *arguments],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=True,
            timeout=_LONGEST_WAIT_S,
        )
        return done.stdout + done.stderr


@contextmanager
def headless(
    program: str, folder: Path, environment: Mapping[str, str], *arguments: str
) -> Generator[Neovim]:
    """Run Neovim in `folder` with `arguments` and nobody's settings until the block ends."""
    socket = folder / "nvim.sock"
    process = subprocess.Popen(
        [program, "--headless", "--listen", str(socket), *_NOBODYS_SETTINGS, *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _LONGEST_WAIT_S
        while not socket.exists():
            assert process.poll() is None, "Neovim ended before it listened"
            assert time.monotonic() < deadline, "Neovim does not listen"
            time.sleep(_BETWEEN_LOOKS_S)
        yield Neovim(program=program, socket=socket, environment=environment)
    finally:
        process.terminate()
        process.wait(_LONGEST_WAIT_S)
