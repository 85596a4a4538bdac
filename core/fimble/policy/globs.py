r"""File patterns as in `.gitignore`, matched in time that no pattern can blow up (T17).

Patterns come with cloned repositories. Translated to regular expressions, as libraries do, a
pattern such as `*a*a*a*a*ab` takes a minute for one file name (measured: pathspec 1.1, 250
characters, five stars: 72 s). Here a star only ever goes back to the last star, so matching costs
at most length of pattern times length of name.

Semantics are those of gitignore(5): the last rule that matches decides, `!` takes back, what lies
in an ignored folder stays ignored. POSIX classes such as `[[:alpha:]]` are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

_Accepts: TypeAlias = Callable[[str], bool]
_Glob: TypeAlias = tuple[_Accepts | None, ...]
"""Each element takes one item, None any number of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    ignores: bool
    folders_only: bool
    segments: _Glob


class IgnoreRules:
    """The rules of one list of patterns; a pattern that is broken matches nothing, as in git."""

    def __init__(self, patterns: Iterable[str]) -> None:
        rules = (_parse(pattern) for pattern in patterns)
        self._rules = tuple(rule for rule in rules if rule is not None)[::-1]

    def decide(self, relative: str) -> bool | None:
        """Return whether a file or folder is ignored; None when no rule speaks of it.

        `relative` counts from the folder of the rules, with slashes; folders end in one.
        """
        names = relative.rstrip("/").split("/")
        for depth in range(1, len(names)):
            if self._decide(names[:depth], is_folder=True):
                return True
        return self._decide(names, is_folder=relative.endswith("/"))

    def decide_entry(self, relative: str) -> bool | None:
        """Return the same for a walker that never enters ignored folders: parents are not asked."""
        return self._decide(relative.rstrip("/").split("/"), is_folder=relative.endswith("/"))

    def _decide(self, names: list[str], *, is_folder: bool) -> bool | None:
        for rule in self._rules:
            if (is_folder or not rule.folders_only) and _matches(rule.segments, names):
                return rule.ignores
        return None


def _parse(line: str) -> _Rule | None:
    pattern = _without_trailing_blanks(line.rstrip("\r\n"))
    if not pattern or pattern.startswith("#"):
        return None
    ignores = not pattern.startswith("!")
    pattern = pattern if ignores else pattern[1:]
    folders_only = pattern.endswith("/")
    pattern = pattern[:-1] if folders_only else pattern
    anchored = "/" in pattern
    names = pattern.removeprefix("/").split("/")
    if not anchored:
        names = ["**", *names]
    segments: list[_Accepts | None] = []
    for name in names:
        accepts = None if name == "**" else _segment(name)
        if name != "**" and accepts is None:
            return None
        segments.append(accepts)
    if segments[-1] is None:
        segments.insert(-1, _anything)  # "a/**" is what lies in a, not a itself.
    return _Rule(ignores=ignores, folders_only=folders_only, segments=tuple(segments))


def _segment(pattern: str) -> _Accepts | None:
    """Return the test for one name of a path; None when the pattern is empty or broken."""
    if not pattern:
        return None
    if not any(special in pattern for special in "*?[\\"):
        return pattern.__eq__
    parts: list[_Accepts | None] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            parts.append(None)
        elif character == "?":
            parts.append(_anything)
        elif character == "[":
            accepts, at = _character_class(pattern, at)
            if accepts is None:
                return None
            parts.append(accepts)
        else:
            if character == "\\":
                if at == len(pattern):
                    return None
                character = pattern[at]
                at += 1
            parts.append(character.__eq__)
    return partial(_matches, tuple(parts))


def _character_class(pattern: str, at: int) -> tuple[_Accepts | None, int]:
    """Return the test of the class whose "[" stands before `at`, and where it ends."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[tuple[str, str]] = []
    first = True
    while first or pattern[at : at + 1] != "]":
        first = False
        low, at = _class_character(pattern, at)
        high = low
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("", "]"):
            high, at = _class_character(pattern, at + 1)
        if not low or not high:
            return None, at
        ranges.append((low, high))
    return partial(_in_class, tuple(ranges), negated), at + 1


def _class_character(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at : at + 1] == "\\"
    return pattern[at : at + 1], at + 1


def _in_class(ranges: tuple[tuple[str, str], ...], negated: bool, character: str) -> bool:  # noqa: FBT001 - bound by partial
    return any(low <= character <= high for low, high in ranges) is not negated


def _anything(_: str) -> bool:
    return True


def _matches(glob: _Glob, items: Sequence[str]) -> bool:
    """Whether `glob` takes all of `items`, which are the names of a path or a name's characters."""
    at = position = 0
    star, resume = -1, 0
    while position < len(items):
        if at < len(glob) and (accepts := glob[at]) is not None and accepts(items[position]):
            at += 1
            position += 1
        elif at < len(glob) and glob[at] is None:
            star, resume = at, position
            at += 1
        elif star >= 0:
            resume += 1
            at, position = star + 1, resume
        else:
            return False
    return all(part is None for part in glob[at:])


def _without_trailing_blanks(line: str) -> str:
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return f"{stripped} " if backslashes % 2 and len(stripped) < len(line) else stripped
