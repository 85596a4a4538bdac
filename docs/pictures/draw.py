# ruff: noqa: INP001, T201, S603 - a script that runs our own programs and prints where it wrote
"""Draw the pictures of the documentation from what really happens, without Ollama.

Run from the root of the repository: `uv run python docs/pictures/draw.py`.

`complete.svg` is the README's first command in a terminal; `neovim.svg` and `emacs.svg` are ghost
text in a real Neovim 0.11 and a real Emacs with the files of `docs/editors/`, and are drawn where
the editor and `tmux` are on PATH.
"""

from __future__ import annotations

import io
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EDITORS = HERE.parent / "editors"
BIN = Path(sys.executable).parent
PLACE = "examples/inventory.py:46:21"
_COLUMNS, _LINES = 92, 14
_PATIENCE_S = 30.0


def main() -> None:
    """Draw what can be drawn here."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "HOME": home,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
        }
        command = f"fimble complete {PLACE}"
        draw("complete", command, f"$ {command}\n{in_terminal(command.split(), environment)}")
        for program, name, screen in (
            ("nvim", "neovim", in_neovim),
            ("emacs", "emacs", in_emacs),
        ):
            if shutil.which(program) and shutil.which("tmux"):
                draw(name, f"{program} examples/inventory.py", screen(environment))
            else:
                print(f"{name}.svg is left as it is: {program} or tmux is not on PATH")


def draw(name: str, title: str, screen: str) -> None:
    """Write what a terminal showed as an SVG that loads nothing from anywhere."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(screen.rstrip()))
    # The stock format names a font on a content delivery network.
    offline = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    path = HERE / f"{name}.svg"
    svg = console.export_svg(
        title=title, theme=DIMMED_MONOKAI, code_format=offline, unique_id=f"fimble-{name}"
    )
    path.write_text(re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE), encoding="utf-8")
    print(path.relative_to(ROOT))


def in_terminal(command: Sequence[str], environment: dict[str, str]) -> str:
    """Run a command in a terminal of its own and return what it wrote."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            portion = os.read(ours, 4096)
        except OSError:  # How Linux reports the end of a terminal.
            break
        if not portion:
            break
        written += portion
    os.close(ours)
    process.wait()
    return written.decode().replace("\r\n", "\n")


def in_neovim(environment: dict[str, str]) -> str:
    """Open the example, go to its end in insert mode, and return the screen with ghost text."""
    settings = "set noswapfile laststatus=0 noruler shortmess+=I number termguicolors"
    nvim = (
        f"nvim -u NONE -i NONE -c '{settings}' -c 'syntax on' -c 'hi Normal guibg=NONE'"
        f" -c 'lua dofile(\"{EDITORS / 'neovim.lua'}\").setup()' examples/inventory.py"
    )
    return with_ghost(nvim, (":set filetype=python", "Enter", "G", "A"), environment)


def in_emacs(environment: dict[str, str]) -> str:
    """Open the example in a plain Emacs, go to its end, and return the screen with ghost text."""
    plain = (
        "(setq make-backup-files nil auto-save-default nil create-lockfiles nil"
        " inhibit-startup-screen t python-indent-guess-indent-offset nil"
        " display-line-numbers-width 4 vc-handled-backends nil"
        ' fimble-settings \'(:engine (:kind "embedded")))'
    )
    looks = (
        "(menu-bar-mode -1)",
        "(global-display-line-numbers-mode)",
        "(load-theme 'wombat t)",
        '(set-face-background \'default "unspecified-bg")',
    )
    words = ["emacs", "-nw", "-Q", "-L", str(EDITORS)]
    for form in (plain, *looks, "(require 'fimble)", "(global-fimble-mode)"):
        words += ["--eval", form]
    return with_ghost(shlex.join([*words, "examples/inventory.py"]), ("M->", "Left"), environment)


def with_ghost(editor: str, to_the_end: Sequence[str], environment: dict[str, str]) -> str:
    """Run an editor on the example, press keys, and return the screen with ghost text."""
    tmux = ("tmux", "-L", f"fimble-{os.getpid()}", "-f", os.devnull)
    size = ("-x", str(_COLUMNS), "-y", str(_LINES))

    def run(*arguments: str) -> str:
        return subprocess.run(
            (*tmux, *arguments), cwd=ROOT, env=environment, check=True, capture_output=True
        ).stdout.decode()

    def wait_for(found: Callable[[str], bool]) -> str:
        deadline = time.monotonic() + _PATIENCE_S
        while not found(screen := run("capture-pane", "-ep")):
            if time.monotonic() > deadline:
                raise TimeoutError(screen)
            time.sleep(0.1)
        return screen

    run("new-session", "-d", *size, editor)
    try:
        run("set-option", "-g", "status", "off")
        wait_for(lambda screen: "The stock of a small shop" in screen)
        run("send-keys", *to_the_end)
        wait_for(lambda screen: re.search(r"46 +item = self\.", _plain(screen)) is not None)
        # The server reads the workspace meanwhile; each key asks again.
        deadline = time.monotonic() + _PATIENCE_S
        while not _has_ghost(run("capture-pane", "-p")) and time.monotonic() < deadline:
            run("send-keys", "BSpace", ".")
            time.sleep(1)
        return wait_for(_has_ghost)
    finally:
        run("kill-server")


def _has_ghost(screen: str) -> bool:
    return re.search(r"46 +item = self\._items", _plain(screen)) is not None


def _plain(screen: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", screen)


if __name__ == "__main__":
    main()
