"""What importing a part really loads; a linter cannot tell a deferred import from an eager one."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

AS_INSTALLED = "import sys; sys.modules['click'] = None\n"
"""Our development tools bring click, and where click and rich are httpx loads its command line.

Users do not have click: a fact that costs or saves two thirds of httpx's import time.
"""
LOAD_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module({package!r})
for module in pkgutil.walk_packages(package.__path__, {package!r} + "."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
"""
REPORT = "\nimport sys; print(*sys.modules)"


def loaded_by(code: str) -> set[str]:
    """Return the names of all modules in a fresh interpreter after `code`."""
    done = subprocess.run(
        [sys.executable, "-c", AS_INSTALLED + code + REPORT],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


def within(modules: set[str], packages: set[str]) -> set[str]:
    """Return those of `packages` that are among `modules`, themselves or by a part."""
    return {
        package
        for package in packages
        if any(name == package or name.startswith(f"{package}.") for name in modules)
    }


EDGE = {"asyncio", "subprocess", "httpx", "ollama", "sqlite3", "textual", "pygls", "lsprotocol"}


@pytest.mark.parametrize(
    "room", ["fimble.text", "fimble.syntax", "fimble.completion", "fimble.prompting"]
)
def test_pure_rooms_load_no_loop_socket_process_database_or_terminal(room):
    forbidden = EDGE | {"socket", "rich", "fimble.engine.ollama", "fimble.config"}

    assert within(loaded_by(LOAD_ALL.format(package=room)), forbidden) == set()


def test_the_policy_room_loads_no_loop_process_database_or_terminal():
    assert within(loaded_by(LOAD_ALL.format(package="fimble.policy")), EDGE) == set()


def test_nothing_of_the_core_loads_an_editor_protocol_or_a_terminal():
    forbidden = {"pygls", "lsprotocol", "textual", "rich", "fimble_lsp", "fimble_tui"}

    assert within(loaded_by(LOAD_ALL.format(package="fimble")), forbidden) == set()


def test_the_language_server_never_loads_textual():
    code = "import fimble_cli.main, fimble_cli.commands.lsp"

    loaded = loaded_by(code + LOAD_ALL.format(package="fimble_lsp"))

    assert within(loaded, {"textual", "rich", "fimble_tui", "sqlite3"}) == set()


def test_the_chat_never_loads_pygls():
    loaded = loaded_by("import fimble_cli.main" + LOAD_ALL.format(package="fimble_tui"))

    assert within(loaded, {"pygls", "lsprotocol", "fimble_lsp"}) == set()


def test_the_front_door_loads_nothing_heavy():
    """`fimble --help` and the start of every command pay for this list only."""
    loaded = loaded_by("import fimble_cli.main")

    ours = {name for name in loaded if name.startswith("fimble")}
    assert ours <= {
        *("fimble", "fimble.errors", "fimble.version"),
        *("fimble.policy", "fimble.policy.hidden", "fimble.policy.printable"),
        *("fimble_cli", "fimble_cli.main", "fimble_cli.diagnostics"),
        *("fimble_cli.exit_codes", "fimble_cli.output"),
    }
    heavy = EDGE | {"argparse", "msgspec", "platformdirs", "tree_sitter", "yaml", "json", "tomllib"}
    assert within(loaded, heavy) == set()


def test_configuration_loads_no_more_than_it_needs():
    """The language server reads its settings at start-up."""
    loaded = loaded_by("import fimble.config.holder")

    assert within(loaded, {*EDGE, "platformdirs", "tomllib", "difflib"}) == set()


def test_users_do_not_get_click():
    """See AS_INSTALLED: a dependency that brings it would slow the server's first request."""
    lock = tomllib.loads((Path(__file__).parents[2] / "uv.lock").read_text())
    packages = {package["name"]: package for package in lock["package"]}
    waiting, installed = ["fimble"], set()
    while waiting:
        name = waiting.pop()
        if name not in installed:
            installed.add(name)
            waiting += [one["name"] for one in packages[name].get("dependencies", [])]

    assert "textual" in installed
    assert "click" not in installed
