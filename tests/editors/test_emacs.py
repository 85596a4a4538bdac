"""Emacs: `docs/editors/fimble.el` in batch and in a terminal, and eglot's completion menu."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from support.editing import ACTED_ON, BEGUN, DOCUMENTED, DOCUMENTED_CODE, WHOLE, Desk
from support.terminal import Terminal, needs_tmux, terminal

TESTS = Path(__file__).parent / "ghost-text.el"
pytestmark = [
    pytest.mark.skipif(
        shutil.which("emacs") is None,
        reason="emacs is not on PATH (tests/editors/install.sh installs it)",
    ),
    pytest.mark.timeout(300),
]


def batch(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Emacs without a screen and without anybody's settings."""
    return subprocess.run(
        ["emacs", "-Q", "--batch", *arguments],
        cwd=desk.workspace,
        env={**desk.environment, "FIMBLE_TEST_FILE": str(desk.file)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_package_compiles_without_a_warning(desk: Desk, tmp_path: Path) -> None:
    copy = str(shutil.copy(DOCUMENTED / "fimble.el", tmp_path))

    done = batch(
        desk, "--eval", "(setq byte-compile-error-on-warn t)", "-f", "batch-byte-compile", copy
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "fimble.elc").is_file()


def test_every_test_of_the_package_passes(desk: Desk) -> None:
    done = batch(
        desk, "-L", str(DOCUMENTED), "-l", str(TESTS), "-f", "ert-run-tests-batch-and-exit"
    )

    assert done.returncode == 0, done.stderr
    counted = re.search(r"Ran (\d+) tests, (\d+) results as expected", done.stderr)
    assert counted is not None
    assert counted[1] == counted[2] == str(TESTS.read_text("utf-8").count("(ert-deftest "))


EGLOT = next(iter(Path("/usr/share/emacs/site-lisp/elpa").glob("eglot-*")), None)
needs_eglot = pytest.mark.skipif(
    EGLOT is None, reason="eglot is not installed (tests/editors/install.sh installs elpa-eglot)"
)


def emacs(*arguments: str) -> str:
    """Return the shell line for an Emacs in the terminal without anybody's settings."""
    plain = ("--eval", "(setq make-backup-files nil auto-save-default nil)")
    return shlex.join(["emacs", "-nw", "-Q", *plain, *arguments, "shop.py"])


@needs_tmux
def test_in_a_terminal_what_is_typed_stays_and_tab_accepts(desk: Desk) -> None:
    with terminal(desk.workspace, desk.environment, columns=110) as shown:
        settings = ("-L", str(DOCUMENTED), "--eval", "(require 'fimble)")
        shown.type(emacs(*settings, "--eval", "(global-fimble-mode)"))
        shown.press("Enter")
        shown.shows("(Python Fimble", without=["Fimble:"])

        shown.press("M-<", "C-n", "C-n", "C-e")
        shown.type("ret")
        shown.shows("    return width * height")
        shown.type("urn")
        shown.shows("    return width * height")
        assert desk.file.read_text("utf-8") != WHOLE

        shown.press("Tab", "C-x", "C-s")
        shown.shows("    return width * height", "Wrote")
    assert desk.file.read_text("utf-8") == WHOLE


@needs_tmux
def test_in_a_terminal_c_g_dismisses(desk: Desk) -> None:
    with terminal(desk.workspace, desk.environment, columns=110) as shown:
        settings = ("-L", str(DOCUMENTED), "--eval", "(require 'fimble)")
        shown.type(emacs(*settings, "--eval", "(global-fimble-mode)"))
        shown.press("Enter")
        shown.shows("(Python Fimble", without=["Fimble:"])
        shown.press("M-<", "C-n", "C-n", "C-e")
        shown.type("ret")
        shown.shows("    return width * height")

        shown.press("C-g")
        shown.shows("    ret\n", "Quit", without=["return width"])
        shown.press("M-x")
        shown.type("fimble-suggest")
        shown.press("Enter")
        shown.shows("    return width * height")


@needs_tmux
@needs_eglot
def test_eglots_menu_completes_at_point(desk: Desk) -> None:
    with terminal(desk.workspace, desk.environment, columns=110) as shown:
        shown.type(emacs("-L", str(EGLOT), "-l", str(DOCUMENTED / "eglot.el"), "-l", "eglot"))
        shown.press("Enter")
        shown.shows("(Python")
        shown.press("M-x")
        shown.type("eglot")
        shown.press("Enter")
        shown.shows("[eglot:")
        shown.press("M-<", "C-n", "C-n", "C-e")
        shown.type("ret")
        shown.press_until(["C-M-i"], "    return width * height")

        shown.press("C-x", "C-s")
        shown.shows("Wrote")
    assert desk.file.read_text("utf-8") == WHOLE


@needs_tmux
@needs_eglot
def test_ghost_text_stands_beside_another_server_of_eglot(desk: Desk) -> None:
    server = Path(__file__).parent / "other_server.py"
    program = (
        f'(setq eglot-server-programs \'((python-mode . ("python" {json.dumps(str(server))}))))'
    )
    with terminal(desk.workspace, desk.environment, columns=110) as shown:
        own = (
            "-L",
            str(DOCUMENTED),
            "--eval",
            "(require 'fimble)",
            "--eval",
            "(global-fimble-mode)",
        )
        shown.type(emacs("-L", str(EGLOT), "-l", "eglot", "--eval", program, *own))
        shown.press("Enter")
        shown.shows("(Python Fimble", without=["Fimble:"])
        shown.press("M-x")
        shown.type("eglot")
        shown.press("Enter")
        shown.shows("[eglot:")
        shown.press("M-<", "C-n", "C-n", "C-e")
        shown.type("ret")
        shown.shows("    return width * height")
        shown.press("Tab", "C-x", "C-s")
        shown.shows("Wrote")
    assert desk.file.read_text("utf-8") == WHOLE


def with_eglot(desk: Desk, shown: Terminal) -> None:
    """Open the file with eglot and Fimble for its server, in the second function."""
    ours = [str(DOCUMENTED / name) for name in ("eglot.el", "eglot-actions.el")]
    loads = [word for path in (*ours, "eglot") for word in ("-l", path)]
    shown.type(emacs("-L", str(EGLOT), *loads))
    shown.press("Enter")
    shown.shows("(Python")
    shown.press("M-x")
    shown.type("eglot")
    shown.press("Enter")
    shown.shows("[eglot:")
    shown.press("M-<", *["C-n"] * 7, "C-e")
    shown.shows("All L8")
    assert desk.file.read_text("utf-8") == BEGUN


def is_documented_and_undone(desk: Desk, shown: Terminal) -> None:
    """Say yes, save, and take it back."""
    shown.shows("(y or n)")
    shown.type("y")
    shown.shows("Return the border")
    shown.press("C-x", "C-s")
    shown.shows("Wrote")
    assert desk.file.read_text("utf-8") == BEGUN.replace(ACTED_ON, DOCUMENTED_CODE)
    shown.press("C-/")
    shown.shows("raise ValueError", without=["Return the border"])


@needs_tmux
@needs_eglot
def test_an_action_of_eglots_menu_asks_and_edits(acting_desk: Desk) -> None:
    with terminal(acting_desk.workspace, acting_desk.environment, columns=110) as shown:
        with_eglot(acting_desk, shown)
        # eglot does not show when the server is ready; before, there are no actions.
        shown.press_until(["M-x", "fimble-actions", "Enter"], "Pick an action")
        shown.type("Document with Fimble")
        shown.press("Enter")
        is_documented_and_undone(acting_desk, shown)


@needs_tmux
@needs_eglot
def test_an_instruction_in_emacs_edits(acting_desk: Desk) -> None:
    with terminal(acting_desk.workspace, acting_desk.environment, columns=110) as shown:
        with_eglot(acting_desk, shown)
        shown.press("M-x")
        shown.type("fimble-edit")
        shown.press("Enter")
        shown.shows("Edit with Fimble:")
        shown.type("Document it.")
        shown.press("Enter")
        is_documented_and_undone(acting_desk, shown)
    assert "Document it." in acting_desk.stub.generations[-1].prompt
