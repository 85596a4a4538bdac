"""Unified diffs as models write them: counts and line numbers are wrong, context is about right.

Each hunk is looked for by its own lines, nearest to where it says it is and below the one before;
first exactly, then without regard to white space at line ends, then to indentation, whose
difference is carried over to the new lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fimble.chat.hunks import lines_of

_HEADER: Final = re.compile(r"^@@+(?: -(\d{1,9})(?:,\d{1,9})? \+\d{1,9}(?:,\d{1,9})?)? ?@*")
_FILE_LINE: Final = re.compile(
    r"^(?:diff --git |index [0-9a-f]|--- |\+\+\+ |new file |deleted file )"
)
_PATH_LINE: Final = re.compile(r"^\+\+\+ (?:[ab]/)?(\S.*?)(?:\t.*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchHunk:
    """One hunk as it was written; lines are without their ends."""

    line: int | None
    """Where the old lines begin, from 0, as it says; None when it does not."""
    marks: tuple[tuple[str, str], ...]
    """" ", "-" or "+", and the line."""

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that must be there."""
        return tuple(text for mark, text in self.marks if mark != "+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """A text after a patch."""

    text: str
    placed: int
    """How many hunks found their place."""
    unplaced: tuple[PatchHunk, ...]


def patch_path(diff: str) -> str:
    """Return the new file's path as a diff names it; empty when it does not."""
    for line in diff.split("\n"):
        match = _PATH_LINE.match(line)
        if match and match[1] != "/dev/null":
            return match[1]
    return ""


def split_patch(diff: str) -> tuple[tuple[str, str], ...]:
    """Return path and part of each file that a diff is about; one without a name has path ""."""
    parts: list[list[str]] = [[]]
    inside = False
    for line in diff.split("\n"):
        if inside and (line.startswith("diff --git ") or _begins_file(line, parts[-1])):
            moved = [parts[-1].pop()] if line.startswith("+++ ") else []
            parts.append(moved)
            inside = False
        inside = inside or line.startswith("@@")
        parts[-1].append(line)
    return tuple((patch_path(text), text) for each in parts if (text := "\n".join(each)).strip())


def _begins_file(line: str, before: list[str]) -> bool:
    """Whether `+++ ` follows a `--- ` line: the names of the next file, without a `diff` line."""
    return line.startswith("+++ ") and bool(before) and before[-1].startswith("--- ")


def read_patch(diff: str) -> tuple[PatchHunk, ...]:
    """Return the hunks of a diff of one file."""
    found: list[PatchHunk] = []
    line: int | None = None
    marks: list[tuple[str, str]] = []
    for text in diff.split("\n"):
        header = _HEADER.match(text) if text.startswith("@@") else None
        if header or _is_file_line(text, marks):
            _close(found, line, marks)
            line = int(header[1]) - 1 if header and header[1] else None
        elif text.startswith((" ", "-", "+")):
            marks.append((text[0], text[1:]))
        elif not text:
            marks.append((" ", ""))
    _close(found, line, marks)
    return tuple(found)


def apply_patch(text: str, patch: Sequence[PatchHunk]) -> Patched:
    """Return `text` with every hunk that finds its place."""
    lines = [line.rstrip("\r\n") for line in lines_of(text)]
    end = "\r\n" if "\r\n" in text else "\n"
    unplaced: list[PatchHunk] = []
    at = shift = 0
    for hunk in patch:
        place = _find(lines, hunk.old, at, None if hunk.line is None else hunk.line + shift)
        if place is None:
            unplaced.append(hunk)
            continue
        new = _new_lines(hunk, lines[place : place + len(hunk.old)])
        lines[place : place + len(hunk.old)] = new
        shift += len(new) - len(hunk.old)
        at = place + len(new)
    whole = end.join(lines)
    ended = text.endswith("\n") or not text
    return Patched(
        text=whole + end if lines and ended else whole,
        placed=len(patch) - len(unplaced),
        unplaced=tuple(unplaced),
    )


def _is_file_line(text: str, marks: list[tuple[str, str]]) -> bool:
    """Whether a line names files; inside a hunk `--- x` may be a removed line of SQL or Lua."""
    return bool(_FILE_LINE.match(text)) and (not marks or text.startswith(("diff ", "index ")))


def _close(found: list[PatchHunk], line: int | None, marks: list[tuple[str, str]]) -> None:
    while marks and marks[-1] == (" ", ""):
        marks.pop()
    if any(mark != " " for mark, _ in marks):
        found.append(PatchHunk(line=line, marks=tuple(marks)))
    marks.clear()


def _find(lines: list[str], old: tuple[str, ...], at: int, number: int | None) -> int | None:
    """Return where `old` stands from `at` on, nearest to `number`; blank lines alone need one."""
    wanted = at if number is None else number
    if not old:
        return min(max(at, wanted), len(lines))
    for form in _FORMS:
        shape = [form(line) for line in old]
        if number is None and not any(shape):
            continue
        shaped = [form(line) for line in lines]
        places = [
            place
            for place in range(at, len(lines) - len(old) + 1)
            if shaped[place] == shape[0] and shaped[place : place + len(old)] == shape
        ]
        if places:
            return min(places, key=lambda place: abs(place - wanted))
    return None


_FORMS: Final[tuple[Callable[[str], str], ...]] = (str, str.rstrip, str.strip)


def _new_lines(hunk: PatchHunk, there: list[str]) -> list[str]:
    """Return what replaces the lines that are there; kept lines stay as the file has them."""
    extra = _missing_indentation(hunk.old, there)
    new: list[str] = []
    kept = iter(there)
    for mark, text in hunk.marks:
        if mark == " ":
            new.append(next(kept))
        elif mark == "-":
            next(kept)
        else:
            new.append(extra + text if text.strip() else text)
    return new


def _missing_indentation(old: Sequence[str], there: Sequence[str]) -> str:
    """Return the indentation that the file has and the patch left out."""
    for written, real in zip(old, there, strict=True):
        if written.strip():
            lead = real[: len(real) - len(real.lstrip())]
            own = written[: len(written) - len(written.lstrip())]
            return lead[: len(lead) - len(own)] if lead.endswith(own) else ""
    return ""
