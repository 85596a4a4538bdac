"""Which files of a project would not be there yet while one of its files is written.

The most careful view of a hole: what tests a module and what imports it was, as a rule, written
later. It hides too much (not all of them were), as the whole tree hides too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from hole_tasks import is_test, source_files

_PACKAGE_FILES = frozenset({"__init__", "index", "mod"})
_PYTHON_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>[\w.]+)[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n]*)"
    r"|import[ \t]+(?P<whole>[^\n]*))",
    re.MULTILINE,
)
_SCRIPT_IMPORT = re.compile(r"(?:from|import|require\()[ \t]*['\"](?P<path>[^'\"]+)['\"]")
_WORD = re.compile(r"\w+")


class Dependents:
    """The files of a tree that import a module, found by its name: rather one too many."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _imports(self) -> dict[Path, frozenset[str]]:
        return {
            path: frozenset(_imported(path.read_text(encoding="utf-8", errors="replace"), path))
            for path in source_files(self._root)
        }

    def hidden_from(self, path: Path) -> frozenset[str]:
        """Return the paths of tests, and of files that import the module at `path`."""
        name = path.parent.name if path.stem in _PACKAGE_FILES else path.stem
        return frozenset(
            str(other)
            for other, imported in self._imports.items()
            if other != path and (name in imported or is_test(other, self._root))
        )


def _imported(text: str, path: Path) -> Iterable[str]:
    """Return every word that may name a module that `text` imports."""
    if path.suffix != ".py":
        for found in _SCRIPT_IMPORT.finditer(text):
            yield re.sub(r"\.(?:js|ts|mjs|mts)$", "", found["path"]).rsplit("/", 1)[-1]
        return
    for found in _PYTHON_IMPORT.finditer(text):
        for part in (found["module"], found["names"], found["whole"]):
            yield from _WORD.findall(part or "")
