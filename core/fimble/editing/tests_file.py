"""Where the tests of a file live, by the conventions of its language and of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final

_BESIDE: Final = {
    "go": "{stem}_test{suffix}",
    "javascript": "{stem}.test{suffix}",
    "typescript": "{stem}.test{suffix}",
    "tsx": "{stem}.test{suffix}",
}
"""Languages whose tests stand beside the code."""
_APART: Final = {
    "python": ("tests", "test_{stem}{suffix}"),
    "ruby": ("test", "{stem}_test{suffix}"),
    "java": ("src/test/java", "{stem}Test{suffix}"),
    "kotlin": ("src/test/kotlin", "{stem}Test{suffix}"),
    "scala": ("src/test/scala", "{stem}Test{suffix}"),
    "php": ("tests", "{stem}Test{suffix}"),
    "csharp": ("tests", "{stem}Tests{suffix}"),
    "rust": ("tests", "{stem}{suffix}"),
    "c": ("tests", "test_{stem}{suffix}"),
    "cpp": ("tests", "test_{stem}{suffix}"),
    "lua": ("spec", "{stem}_spec{suffix}"),
    "bash": ("test", "{stem}.bats"),
}
"""Folder and name in all others."""
_OTHER: Final = ("tests", "test_{stem}{suffix}")
_ROOTS: Final = frozenset({"src", "lib", "app", "core", "source"})
"""Folders that tests do not mirror."""


def tests_file(path: str, language: str, exists: Callable[[str], bool]) -> str:
    """Return the file for tests of the file at `path`: one that is there, or else the usual one.

    Args:
        path: From the workspace's root, with slashes.
        language: Fimble's name of its language.
        exists: Whether a file or folder of the workspace is there.
    """
    source = PurePosixPath(path)
    usual = list(_usual(source, language))
    name = PurePosixPath(usual[0]).name
    there = [*usual, source.with_name(name).as_posix()]
    found = next((each for each in there if exists(each)), None)
    if found is not None:
        return found
    fitting = (each for each in usual if exists(PurePosixPath(each).parent.as_posix()))
    return next(fitting, usual[-1])


def _usual(path: PurePosixPath, language: str) -> Iterator[str]:
    """Yield where tests usually are, the likeliest first; the last is for a project without any."""
    parts = {"stem": path.stem, "suffix": path.suffix}
    if language in _BESIDE:
        name = _BESIDE[language].format(**parts)
        if language != "go":
            yield (path.parent / "__tests__" / name).as_posix()
        yield path.with_name(name).as_posix()
        return
    folder, form = _APART.get(language, _OTHER)
    name = form.format(**parts)
    if folder.startswith("src/test/"):
        yield PurePosixPath(folder, *path.parent.parts[3:], name).as_posix()
        return
    below = path.parent.parts
    if below[:1] and below[0] in _ROOTS:
        below = below[1:]
    for shorter in range(len(below) + 1):
        for kind in ("unit", ""):
            yield PurePosixPath(folder, kind, *below[shorter:], name).as_posix()
    yield PurePosixPath(folder, name).as_posix()
