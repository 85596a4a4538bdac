"""Jump letters: one key for each place that can be reached in what is on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.cells import cell_len

from fimble_tui.markdown.lines import (
    FenceTarget,
    Line,
    LinkTarget,
    Mark,
    PlaceTarget,
    Span,
    Target,
)
from fimble_tui.messages import TargetAction

LETTERS: Final = "asdfghjklqwertyuiopzxcvbnm"
_ACTION_KEYS: Final = {
    "c": TargetAction.COPY,
    "a": TargetAction.APPLY,
    "e": TargetAction.EDIT,
    "r": TargetAction.ASK,
}
_WORDS: Final = {
    TargetAction.COPY: "copy",
    TargetAction.APPLY: "apply",
    TargetAction.EDIT: "open in editor",
    TargetAction.ASK: "ask about it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """One place with its letter."""

    letter: str
    """One letter, or two where there are more places than letters."""
    line: int
    """Of the whole conversation."""
    cell: int
    """The turn that it is in."""
    mark: Mark


def assign_letters(found: Sequence[tuple[int, int, Mark]]) -> tuple[Jump, ...]:
    """Give letters to (line, cell, mark), top down."""
    return tuple(
        Jump(letter=letter, line=line, cell=cell, mark=mark)
        for letter, (line, cell, mark) in zip(_codes(len(found)), found, strict=True)
    )


def after_key(jumps: Sequence[Jump], key: str) -> tuple[Jump, ...]:
    """Return the places that are still meant after a key, with what is left of their letters."""
    return tuple(
        replace(jump, letter=jump.letter[1:]) for jump in jumps if jump.letter.startswith(key)
    )


def _codes(count: int) -> list[str]:
    """Return so many codes, none of which begins another: as few of two letters as possible."""
    base = len(LETTERS)
    # n letters that begin pairs leave base - n single ones: base - n + n * base codes in all.
    beginning = max(0, -((base - count) // (base - 1)))
    single, first = LETTERS[: base - beginning], LETTERS[base - beginning :]
    return [*single, *(one + two for one in first for two in LETTERS)][:count]


def possible_actions(target: Target) -> dict[str, TargetAction]:
    """Return what can be done with a target, by key."""
    left_out: tuple[TargetAction, ...]
    match target:
        case FenceTarget(fence=fence):
            left_out = () if fence.path else (TargetAction.EDIT,)
        case PlaceTarget():
            left_out = (TargetAction.APPLY,)
        case LinkTarget():
            left_out = (TargetAction.APPLY, TargetAction.EDIT)
    return {key: action for key, action in _ACTION_KEYS.items() if action not in left_out}


def hint(target: Target | None) -> str:
    """Return what the next key does."""
    if target is None:
        return "press a letter · esc leaves"
    words = [f"{key} {_WORDS[action]}" for key, action in possible_actions(target).items()]
    return " · ".join([*words, "esc leaves"])


def with_letters(line: Line, jumps: Sequence[Jump], *, chosen: bool) -> Line:
    """Put each letter before its target."""
    spans: list[Span] = []
    letters = {jump.mark.column: jump.letter for jump in jumps}
    style = "letter-chosen" if chosen else "letter"
    column = 0
    for span in line.spans:
        # A target begins a span, except in a code block's head, which begins with a space.
        here = [at for at in sorted(letters) if column <= at < column + cell_len(span.text)]
        spans += [Span(f" {letters.pop(at)} ", style) for at in here]
        spans.append(span)
        column += cell_len(span.text)
    return Line(spans=tuple(spans), fill=line.fill)
