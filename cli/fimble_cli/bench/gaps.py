"""Where code is cut out of a file, to be typed in again.

A gap is what people write in one go: up to a few lines of code of one block, from the start of
its first line's code or from the middle of that line to the end of the last. The syntax tree keeps
comments and texts out of it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fimble.syntax.cursor import Region, cursor_region
from fimble.syntax.one_shot import parse
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

_MAX_LINES: Final = 8
_FEWEST_CHARACTERS: Final = 60
_MOST_CHARACTERS: Final = 260
_LINES_BETWEEN: Final = 6
"""Between two gaps, so that each has surroundings of its own."""

_FROM_MID_LINE: Final = 0.3
_PARSE_MS: Final = 2_000.0
_TOKEN_START: Final = re.compile(r"(?<=[\s(\[{=,.:])\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What was cut out: `text[start:end]`, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    start: int
    code: str
    """Without indentation and blanks at the end; empty where there is no code."""
    indentation: int

    @property
    def code_start(self) -> int:
        return self.start + self.indentation

    @property
    def end(self) -> int:
        return self.code_start + len(self.code)


def choose_gaps(text: str, language_id: str, *, count: int, chance: random.Random) -> list[Gap]:
    """Return up to `count` gaps in the order of the file, drawn with `chance`."""
    lines = _lines_of(text, language_id)
    order = list(range(len(lines)))
    chance.shuffle(order)
    chosen: list[tuple[int, int, Gap]] = []
    for first in order:
        if len(chosen) == count:
            break
        last = _last_line(lines, first, wanted=chance.randint(1, _MAX_LINES))
        gap = _gap(lines, first, last, chance)
        apart = all(
            first > end + _LINES_BETWEEN or last < start - _LINES_BETWEEN
            for start, end, _ in chosen
        )
        if apart and gap is not None:
            chosen.append((first, last, gap))
    return [gap for _, _, gap in sorted(chosen, key=lambda it: it[0])]


def _last_line(lines: Sequence[_Line], first: int, *, wanted: int) -> int:
    """Return the last line of a run of code that stays inside the block of its first line."""
    last = first
    while (
        last + 1 < min(len(lines), first + wanted)
        and lines[last + 1].code
        and lines[last + 1].indentation >= lines[first].indentation
    ):
        last += 1
    return last


def _gap(lines: Sequence[_Line], first: int, last: int, chance: random.Random) -> Gap | None:
    if not lines[first].code:
        return None
    start = lines[first].code_start
    tokens = [found.start() for found in _TOKEN_START.finditer(lines[first].code)]
    if tokens and chance.random() < _FROM_MID_LINE:
        start += chance.choice(tokens)
    size = lines[last].end - start
    fits = _FEWEST_CHARACTERS <= size <= _MOST_CHARACTERS
    return Gap(start=start, end=lines[last].end) if fits else None


def _lines_of(text: str, language_id: str) -> list[_Line]:
    snapshot = Snapshot.from_text(text, language_id=language_id)
    tree = parse(snapshot, deadline_ms=_PARSE_MS)
    lines: list[_Line] = []
    start = 0
    for number, line in enumerate(text.split("\n")):
        bare = line.strip()
        indentation = len(line) - len(line.lstrip())
        is_code = bool(bare) and _is_code(tree, number, indentation, len(line.rstrip()))
        lines.append(_Line(start=start, code=bare if is_code else "", indentation=indentation))
        start += len(line) + 1
    return lines


def _is_code(tree: SyntaxTree | None, number: int, start: int, end: int) -> bool:
    """Whether a line neither begins nor ends inside a comment or a text."""
    if tree is None:
        return True
    places = (Position(number, start), Position(number, end))
    return all(cursor_region(tree, place) is Region.CODE for place in places)
