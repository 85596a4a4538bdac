"""What a file says of some of its lines that a question mentions: the same as in an editor.

A prompt that was tested with `imports` and `before` is given both in the chat too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fimble.prompting.place_values import PlaceInDocument, place_values
from fimble.syntax.one_shot import parse, parse_window
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

NO_SURROUNDINGS: Final[Mapping[str, str]] = MappingProxyType({})
"""Of a file that is mentioned as a whole."""

_PARSE_MS: Final = 200.0
"""Done in a thread while somebody types; what takes longer is parsed around the lines alone."""

_SAID_BY_THE_ATTACHMENT: Final = frozenset({"path", "language", "selection", "prefix", "suffix"})


def surroundings(text: str, path: str, *, first_line: int, last_line: int) -> dict[str, str]:
    """Return the values for a template that follow from a file and lines of it.

    Args:
        text: The whole file.
        path: Inside the workspace, with slashes; tells the language.
        first_line: From 1.
        last_line: Included; may be behind the file's last one.
    """
    snapshot = Snapshot.from_text(text, uri=f"file:///{path}")
    start = Position(first_line - 1, 0)
    end = min(Position(last_line, 0), snapshot.end)
    tree = parse(snapshot, deadline_ms=_PARSE_MS) or parse_window(
        snapshot, start, deadline_ms=_PARSE_MS
    )
    place = PlaceInDocument(
        snapshot=snapshot,
        cursor=_inside(snapshot, min(last_line, snapshot.line_count) - 1),
        path=path,
        selection=Range(start, end),
    )
    values = place_values(place, tree)
    return {name: value for name, value in values.items() if name not in _SAID_BY_THE_ATTACHMENT}


def _inside(snapshot: Snapshot, last: int) -> Position:
    """Return a place in the last line that is inside of what the lines define.

    Behind its first character, or before it where the line only closes what stands above.
    """
    line = snapshot.line(last)
    column = len(line) - len(line.lstrip())
    return Position(last, column + (1 if line[column : column + 1].isalnum() else 0))
