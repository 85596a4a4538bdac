"""Every row of docs/reliability.md has tests by its number that run, and no number is unknown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "reliability.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| ([TF]\d+) \| [^|]+\. \| ([^|]+) \|$", PAGE, re.MULTILINE))
KNOWN = {f"T{number}" for number in range(1, 19)} | {f"F{number}" for number in range(1, 28)}


def _always_skipped(function: ast.AsyncFunctionDef | ast.FunctionDef) -> bool:
    marks = [ast.unparse(each) for each in function.decorator_list]
    return any(re.match(r"pytest\.mark\.(skip\b|xfail)", mark) for mark in marks)


def _tests() -> Iterator[str]:
    """Yield the names, with their files, of all tests that run somewhere."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("test_") and not _always_skipped(node):
                yield f"{path.relative_to(TESTS).as_posix()}::{node.name}"


FOUND = frozenset(_tests())


def _numbers(name: str) -> set[str]:
    """Return the rows that a test's name stands for; `f02_to_f07` stands for all between."""
    spoken = re.match(r"test_((?:[tf]\d\d_(?:to_)?)+)", name.partition("::")[2])
    if spoken is None:
        return set()
    between = re.fullmatch(r"([tf])(\d\d)_to_[tf](\d\d)_", spoken[1])
    if between is not None:
        return {f"{between[1].upper()}{n}" for n in range(int(between[2]), int(between[3]) + 1)}
    return {f"{row[0].upper()}{int(row[1:])}" for row in re.findall(r"[tf]\d\d", spoken[1])}


def test_the_page_has_every_row() -> None:
    assert set(ROWS) == KNOWN


@pytest.mark.parametrize("row", sorted(KNOWN))
def test_a_row_names_tests_of_its_number_that_are_there(row: str) -> None:
    named = re.findall(r"`([^`]+)`", ROWS[row])

    assert named
    for name in named:
        assert name in FOUND
        assert row in _numbers(name)


def test_no_test_has_a_number_without_a_row() -> None:
    assert len(FOUND) > 1_000
    assert {row for name in FOUND for row in _numbers(name)} == KNOWN
