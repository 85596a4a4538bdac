"""Opening a file in the user's own editor: the one place that starts a program (T1).

Reviewed, and excepted by name in `tests/packaging/test_t01_no_execution.py`: the program is the
user's `$VISUAL` or `$EDITOR`, never a word of a model; the file was contained in the workspace by
`policy.containment`, and is passed as one argument of a list, without a shell.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from textual.app import SuspendNotSupported

from fimble_tui.application import AnyApp

_PLUS_LINE: Final = frozenset(
    {"vi", "vim", "nvim", "view", "nano", "pico", "emacs", "emacsclient", "joe", "jed", "kak", "ne"}
    | {"micro", "mg", "ed", "gvim"}
)
_GOTO: Final = frozenset({"code", "codium", "code-insiders", "cursor", "windsurf"})
_WITH_COLON: Final = frozenset({"hx", "helix", "subl", "zed", "zeditor"})

OpenFile: TypeAlias = Callable[[AnyApp, Path, int | None], str]
"""Opens a contained file at a line; returns what went wrong, or an empty string."""


def editor_command(
    path: Path, line: int | None, environment: Mapping[str, str]
) -> list[str] | None:
    """Return the words that open `path` at `line`; None when no editor is named."""
    words = shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "")
    if not words:
        return None
    name = Path(words[0]).stem
    # An absolute path never begins with a dash, so it cannot be taken for an option.
    file = str(path.absolute())
    if line is None:
        return [*words, file]
    if name in _GOTO:
        return [*words, "--goto", f"{file}:{line}"]
    if name in _WITH_COLON:
        return [*words, f"{file}:{line}"]
    if name in _PLUS_LINE:
        return [*words, f"+{line}", file]
    return [*words, file]


def open_in_editor(app: AnyApp, path: Path, line: int | None = None) -> str:
    """Suspend the chat and wait for the editor; returns what went wrong, or an empty string.

    `path` must have been contained by the caller.
    """
    try:
        command = editor_command(path, line, os.environ)
    except ValueError:
        return "$EDITOR cannot be read as a command: its quotes do not match."
    if command is None:
        return "No editor is named. Set $EDITOR, for instance: export EDITOR=vim."
    try:
        with app.suspend():
            result = subprocess.run(command, check=False)  # noqa: S603 - see the module's docstring
    except SuspendNotSupported:
        return "This terminal cannot be handed to an editor."
    except OSError as error:
        return f"{command[0]} cannot be started: {(error.strerror or str(error)).lower()}."
    if result.returncode:
        return f"{command[0]} ended with code {result.returncode}."
    return ""
