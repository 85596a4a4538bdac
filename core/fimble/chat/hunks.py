"""A change as hunks that are taken or left one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT_LINES = 3
"""As in every unified diff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """One place where the texts differ; lines keep their ends."""

    number: int
    """From 0."""
    old_start: int
    """Line of the old text where it begins, from 0."""
    new_start: int
    old_lines: tuple[str, ...]
    """What goes."""
    new_lines: tuple[str, ...]
    """What comes."""
    before: tuple[str, ...]
    """Unchanged lines above, for showing."""
    after: tuple[str, ...]
    """Unchanged lines below, for showing."""

    @property
    def header(self) -> str:
        """The line that a unified diff begins the hunk with."""
        shown = len(self.before) + len(self.after)
        old_first = self.old_start - len(self.before) + 1
        new_first = self.new_start - len(self.before) + 1
        old, new = len(self.old_lines) + shown, len(self.new_lines) + shown
        return f"@@ -{old_first},{old} +{new_first},{new} @@"


def hunks(old: str, new: str, *, context: int = CONTEXT_LINES) -> tuple[Hunk, ...]:
    """Return what turns `old` into `new`, in order."""
    old_lines, new_lines = lines_of(old), lines_of(new)
    found: list[Hunk] = []
    for tag, a, b, c, d in SequenceMatcher(
        None, old_lines, new_lines, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            found.append(
                Hunk(
                    number=len(found),
                    old_start=a,
                    new_start=c,
                    old_lines=tuple(old_lines[a:b]),
                    new_lines=tuple(new_lines[c:d]),
                    before=tuple(old_lines[max(0, a - context) : a]),
                    after=tuple(old_lines[b : b + context]),
                )
            )
    return tuple(found)


def assemble(old: str, changes: Sequence[Hunk], taken: Collection[int]) -> str:
    """Return `old` with the hunks of those numbers."""
    lines = lines_of(old)
    parts: list[str] = []
    at = 0
    for hunk in changes:
        parts += lines[at : hunk.old_start]
        parts += hunk.new_lines if hunk.number in taken else hunk.old_lines
        at = hunk.old_start + len(hunk.old_lines)
    return "".join([*parts, *lines[at:]])


def lines_of(text: str) -> list[str]:
    """Return the lines with their ends, split at line feeds only: no byte of a file is lost."""
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] else ended
