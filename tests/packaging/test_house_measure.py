"""The measure of the house: small modules, short functions, names that say something."""

import ast
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for root in ("prompts", "core", "lsp", "tui", "cli")
    for path in (ROOT / root).rglob("*.py")
)
NAMES = [path.relative_to(ROOT).as_posix() for path in SOURCES]

MODULE_LINES = 400
MEDIAN_LINES = 150
FUNCTION_LINES = 50
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

LONGER_WITH_REASON: dict[str, str] = {}
"""Modules or functions ("path:function") over the measure, and why they are better whole."""


def functions(source: Path) -> list[tuple[str, int]]:
    """Return name and length in lines, without the docstring, of each function of a module."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None and len(node.body) > 1:
                lines -= (first.end_lineno or 0) - first.lineno + 1
            found.append((node.name, lines))
    return found


def over_the_measure() -> dict[str, int]:
    """Return every module and function that is longer than the house allows, with its length."""
    found: dict[str, int] = {}
    for path, name in zip(SOURCES, NAMES, strict=True):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MODULE_LINES:
            found[name] = lines
        for function, length in functions(path):
            if length > FUNCTION_LINES:
                found[f"{name}:{function}"] = length
    return found


def test_modules_and_functions_keep_the_measure_or_say_why_not():
    """An exception that is no longer needed is an error too."""
    assert over_the_measure().keys() == LONGER_WITH_REASON.keys()


def test_most_modules_are_small():
    sizes = [len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES]

    assert median(sizes) <= MEDIAN_LINES


@pytest.mark.parametrize("name", NAMES)
def test_no_name_hides_what_a_thing_is(name):
    parts = {word for part in Path(name).with_suffix("").parts for word in part.split("_")}
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}

    assert not parts & EMPTY_NAMES
    assert not [one for one in classes if one.endswith(("Manager", "Helper", "Utils", "Util"))]


@pytest.mark.parametrize("name", NAMES)
def test_every_module_says_why_it_exists(name):
    assert ast.get_docstring(ast.parse((ROOT / name).read_text(encoding="utf-8")))


def test_the_length_of_a_function_is_measured_without_its_docstring(tmp_path):
    path = tmp_path / "module.py"
    path.write_text('def f():\n    """Two\n    lines."""\n    a = 1\n    return a\n')

    assert functions(path) == [("f", 3)]
