"""From what an import names to files of the workspace, in any language. Pure.

No search path is read: what a module's name ends like decides, and the nearest file of those that
end so. An import of a library finds nothing, which is right.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import Final

_PACKAGE_FILES: Final = frozenset({"__init__", "index", "mod", "lib", "main"})
_SEPARATORS: Final = re.compile(r"[./\\:]+")
_TEST_MARKS: Final = re.compile(r"^(?:tests?_)|(?:_tests?|_spec|\.tests?|\.spec|Tests?|Spec)$")
_MOST: Final = 8


class ModuleNames:
    """The paths of a workspace by what imports call them."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Take paths from the root, with slashes."""
        self._by_name: dict[str, list[str]] = {}
        self._by_folder: dict[str, list[str]] = {}
        for path in paths:
            self._by_name.setdefault(_module_name(path), []).append(path)
            self._by_folder.setdefault(posixpath.dirname(path), []).append(path)

    def beside(self, path: str) -> list[str]:
        """Return the other files of a file's folder."""
        return [it for it in self._by_folder.get(posixpath.dirname(path), []) if it != path]

    def resolve(self, module: str, name: str, importer: str) -> list[str]:
        """Return the files that an import may mean, the likeliest first; none for a library's.

        Args:
            module: As written: `shop.cart`, `..cart`, `./cart.js`, `crate::cart`.
            name: What is taken out of it; it may be a module itself.
            importer: The path of the file that imports.
        """
        parts = [part for part in _SEPARATORS.split(_without_suffix(module)) if part]
        folder = _relative_folder(module, importer)
        if folder is not None:
            prefix = [part for part in folder.split("/") if part]
            parts = prefix + [part for part in parts if part not in (".", "..")]
            wanted = [[*parts, name], parts] if name not in ("", "*") else [parts]
            for each in wanted:
                found = [it for it in self._named(each) if _stem_parts(it) == each]
                if found:
                    return found
            return []
        for each in ([*parts, name], parts) if name not in ("", "*") else (parts,):
            found = self._ending_in(each, importer)
            if found:
                return found[:_MOST]
        return []

    def counterparts(self, path: str) -> list[str]:
        """Return the test beside a module, or the module beside a test, nearest first."""
        name = _module_name(path)
        bare = _TEST_MARKS.sub("", name)
        if bare != name:
            wanted = [bare]
        else:
            forms = ("test_{}", "tests_{}", "{}_test", "{}_spec", "{}.test", "{}.spec", "{}Test")
            wanted = [form.format(name) for form in (*forms, "{}Tests", "{}Spec")]
        found = [it for each in wanted for it in self._by_name.get(each, ()) if it != path]
        found = [it for it in found if posixpath.splitext(it)[1] == posixpath.splitext(path)[1]]
        return sorted(found, key=lambda it: (-_shared(it, path), it))[:2]

    def _named(self, parts: list[str]) -> list[str]:
        return self._by_name.get(parts[-1], []) if parts else []

    def _ending_in(self, parts: list[str], importer: str) -> list[str]:
        """Return files whose path ends like a module's name, with at least two parts or near."""
        found: list[tuple[int, int, str]] = []
        for path in self._named(parts):
            own = _stem_parts(path)
            same = 0
            while same < min(len(own), len(parts)) and own[-1 - same] == parts[-1 - same]:
                same += 1
            # `json` of the library is not `shop/json.py`: a short name must be a path from a root
            # of modules, which the workspace's own root or its `src` is.
            if same == len(parts) and (same > 1 or len(own) <= 2):  # noqa: PLR2004
                found.append((-same, -_shared(path, importer), path))
        return [path for _, _, path in sorted(found)]


def _without_suffix(module: str) -> str:
    return re.sub(r"\.(?:[cm]?[jt]sx?|h|hpp|hh)$", "", module)


def _relative_folder(module: str, importer: str) -> str | None:
    """Return the folder that a relative import counts from; None for one that is not relative."""
    folder = posixpath.dirname(importer)
    if module.startswith(("./", "../")):
        joined = posixpath.normpath(posixpath.join(folder, posixpath.dirname(module)))
        return "" if joined == "." else joined if not joined.startswith("..") else None
    dots = len(module) - len(module.lstrip("."))
    if not dots:
        return None
    for _ in range(dots - 1):
        folder = posixpath.dirname(folder)
    return folder


def _module_name(path: str) -> str:
    parts = _stem_parts(path)
    return parts[-1] if parts else ""


def _stem_parts(path: str) -> list[str]:
    parts = posixpath.splitext(path)[0].split("/")
    return parts[:-1] if parts[-1] in _PACKAGE_FILES and len(parts) > 1 else parts


def _shared(one: str, other: str) -> int:
    """Count the folders that two paths have in common from the root on."""
    count = 0
    for left, right in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count
