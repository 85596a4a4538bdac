"""T1: there is no way from a model's words to a running program.

Not by care but by absence: no module of ours can start a process, evaluate text as code or open a
browser. Read from the syntax trees of all packages, so that a deferred import does not hide.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for root in ("prompts", "core", "lsp", "tui", "cli")
    for path in (ROOT / root).rglob("*.py")
)

FORBIDDEN_MODULES = {
    *("subprocess", "pty", "multiprocessing", "concurrent.futures.process", "webbrowser"),
    *("pickle", "marshal", "shelve", "dill", "cloudpickle"),
    *("code", "codeop", "runpy", "ctypes", "cffi", "imp", "jinja2"),
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "breakpoint"}
FORBIDDEN_ATTRIBUTES = {
    *("system", "popen", "startfile", "fork", "forkpty", "posix_spawn", "posix_spawnp"),
    *("create_subprocess_exec", "create_subprocess_shell", "subprocess_exec", "subprocess_shell"),
    *(f"{family}{form}" for family in ("exec", "spawn") for form in ("l", "le", "lp", "lpe")),
    *(f"{family}{form}" for family in ("exec", "spawn") for form in ("v", "ve", "vp", "vpe")),
}
PLAIN_WORDS = {"system", "fork"}
"""What our own values have too (`question.system`, `store.fork`): forbidden of a module only."""
IMPORTS_BY_NAME = {
    "cli/fimble_cli/main.py": "subcommands, from a closed table",
    "core/fimble/syntax/grammars.py": "grammars, from a closed table",
    "core/fimble/engine/http_library.py": "httpx and ollama, off the event loop",
}
"""Modules that may call import_module; the name never comes from outside."""
REVIEWED = {
    # `fimble bench` starts our own server with this interpreter; none of the words is given.
    "cli/fimble_cli/bench/lsp_pipe.py": ["create_subprocess_exec"],
    # The user's own $EDITOR, as a list of words and without a shell, for a contained file: no word
    # of a model is among them.
    "tui/fimble_tui/opening.py": ["subprocess"],
    # Workers that parse for the symbol index: this interpreter, with one function of ours.
    "core/fimble/context/index/processes.py": [
        "multiprocessing",
        "concurrent.futures.process",
        "concurrent.futures.process.BrokenProcessPool",
        "multiprocessing.connection",
        "multiprocessing.connection.wait",
    ],
    "core/fimble/process_life.py": ["ctypes"],  # Windows has no other way to see a process end
}


def violations(source: str) -> list[str]:
    """Return what in `source` could run something."""
    found: list[str] = []
    tree = ast.parse(source)
    modules = imported_names(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found += [name.name for name in names if is_forbidden(name.name)]
            case ast.ImportFrom(module=str(module), names=names):
                whole = [module, *(f"{module}.{name.name}" for name in names)]
                found += [name for name in whole if is_forbidden(name)]
                found += [name.name for name in names if name.name in FORBIDDEN_ATTRIBUTES]
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                found.append(name)
            case ast.Attribute(attr=name, value=value) if name in FORBIDDEN_ATTRIBUTES:
                if name not in PLAIN_WORDS or not is_value(value, modules):
                    found.append(name)
            case ast.keyword(arg="shell", value=ast.Constant(value=True)):
                found.append("shell=True")
            case _:
                pass
    return found


def imported_names(tree: ast.AST) -> set[str]:
    """Return every name that an import binds, under whatever other name."""
    return {
        (name.asname or name.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }


def is_value(owner: ast.expr, modules: set[str]) -> bool:
    """Whether an attribute's owner is surely no module: an attribute, or a name of our own."""
    match owner:
        case ast.Attribute(value=ast.Name(id="self")):
            return True
        case ast.Attribute(value=value):
            return is_value(value, modules)
        case ast.Subscript(value=value):
            return is_value(value, modules)
        case ast.Name(id=name):
            return name not in modules
        case _:
            return False


def is_forbidden(module: str) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in FORBIDDEN_MODULES)


@pytest.mark.parametrize("path", SOURCES)
def test_t01_no_module_can_run_anything(path):
    assert violations((ROOT / path).read_text(encoding="utf-8")) == REVIEWED.get(path, [])


def test_t01_modules_are_imported_by_name_in_reviewed_places_only():
    importing = {
        path for path in SOURCES if "import_module" in (ROOT / path).read_text(encoding="utf-8")
    }

    assert importing == IMPORTS_BY_NAME.keys()


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess",
        "def f():\n    from os import system",
        "import os\nos.popen('x')",
        "from concurrent.futures.process import ProcessPoolExecutor",
        "from concurrent.futures import process",
        "import asyncio\nasyncio.create_subprocess_exec('x')",
        "eval('1')",
        "exec('x')",
        "__import__('os')",
        "run('x', shell=True)",
        "import pickle as p",
        "import os\nos.execvp('sh', [])",
        "import os as o\no.system('x')",
        "import os.path\nos.fork()",
        "def f():\n    import os\n    return os.system",
        "__builtins__().system('x')",
    ],
)
def test_t01_the_search_finds_each_way(source):
    assert violations(source)


def test_t01_the_search_leaves_ordinary_code_alone():
    assert violations("import re, platform\nre.compile('x')\nplatform.machine()") == []
    assert (
        violations("def f(question, self):\n    return question.system, self.store.fork(1)") == []
    )
