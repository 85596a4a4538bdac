"""Cut the part of a large document that is worth parsing out of it."""

from __future__ import annotations

from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

_REACH_CHARACTERS = 32_000
"""How far an excerpt reaches to either side at most: some 600 full lines of code in all."""
_SEPARATORS = (";", "}", ", ", ",")
"""What statements, bodies and items of a minified line end with; the surest first."""
_SEPARATOR_CHARACTERS = 500


def excerpt_around(
    snapshot: Snapshot, around: Position, *, lines: int
) -> tuple[Snapshot, Position]:
    """Cut at most `lines` lines around a place, fewer where lines are long.

    The excerpt begins at an unindented line where one is near, since a parse that begins inside a
    definition misreads what follows; a line longer than the reach is itself cut, behind a
    separator where one is near.

    Returns:
        The excerpt as a document of its own, and where it begins in the whole.
    """
    line, character = snapshot.clamp(around)
    above = (lines - 1) // 2
    middle = snapshot.line_with_ending(line)
    left = _cut_start(middle, character)
    right = min(len(middle), character + _REACH_CHARACTERS)
    first = line if left else _reach_up(snapshot, line, above, _REACH_CHARACTERS - character)
    last = (
        line if right < len(middle) else _reach_down(snapshot, line, lines - 1 - above, character)
    )
    pieces = [snapshot.line_with_ending(each) for each in range(first, line)]
    pieces.append(middle[left:right])
    pieces.extend(snapshot.line_with_ending(each) for each in range(line + 1, last + 1))
    excerpt = Snapshot.from_text(
        "".join(pieces),
        uri=snapshot.uri,
        version=snapshot.version,
        language_id=snapshot.language_id,
    )
    return excerpt, Position(first, left if first == line else 0)


def _cut_start(line: str, character: int) -> int:
    """Find where the excerpt begins in the line of the place: at its start if that is in reach."""
    left = character - _REACH_CHARACTERS
    if left <= 0:
        return 0
    for separator in _SEPARATORS:
        found = line.find(separator, left, min(character, left + _SEPARATOR_CHARACTERS))
        if found != -1:
            return found + len(separator)
    return left


def _reach_up(snapshot: Snapshot, line: int, count: int, characters: int) -> int:
    """Find the first line of the excerpt: within reach, and unindented if there is such a line."""
    first = line
    unindented: int | None = None
    while first > max(0, line - count):
        text = snapshot.line_with_ending(first - 1)
        characters -= len(text)
        if characters < 0:
            break
        first -= 1
        if text[:1].isalpha() or text[:1] in {"@", "#", "<", "_"}:
            unindented = first
    if first == 0 or unindented is None:
        return first
    return unindented


def _reach_down(snapshot: Snapshot, line: int, count: int, character: int) -> int:
    """Find the last line of the excerpt."""
    last = line
    characters = _REACH_CHARACTERS - (len(snapshot.line_with_ending(line)) - character)
    while last < min(snapshot.line_count - 1, line + count):
        characters -= len(snapshot.line_with_ending(last + 1))
        if characters < 0:
            break
        last += 1
    return last
