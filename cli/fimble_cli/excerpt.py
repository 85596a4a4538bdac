"""A few lines of a file with a suggestion in its place, for people at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fimble.policy.printable import printable_line
from fimble.text.position import Range
from fimble.text.snapshot import Snapshot

LINES_ABOVE = 4
LINES_BELOW = 2
_WIDEST = 240
"""Characters of a line that are shown on either side; minified files have megabytes."""


def render_excerpt(
    snapshot: Snapshot, text: str, replace: Range, *, ghost: Callable[[str], str]
) -> str:
    """Return the lines around `replace` with `text` in its place, `ghost` styling what is new."""
    start, end = replace
    first = max(0, start.line - LINES_ABOVE)
    last = min(snapshot.line_count - 1, end.line + LINES_BELOW)
    gutter = len(str(last + 1))
    rows = [
        *((number, _clip_end(snapshot.line(number))) for number in range(first, start.line)),
        *_completed_rows(snapshot, text, replace, ghost),
        *((number, _clip_end(snapshot.line(number))) for number in range(end.line + 1, last + 1)),
    ]
    return "".join(
        f"{'' if number is None else number + 1:>{gutter}} │ {row}".rstrip() + "\n"
        for number, row in rows
    )


def _completed_rows(
    snapshot: Snapshot, text: str, replace: Range, ghost: Callable[[str], str]
) -> Iterator[tuple[int | None, str]]:
    start, end = replace
    before = _shown(snapshot.line(start.line)[: start.character][-_WIDEST:])
    after = _clip_end(snapshot.line(end.line)[end.character :])
    rows = [ghost(row) if row else "" for row in text.replace("\r\n", "\n").split("\n")]
    rows[0] = f"{before}{rows[0]}"
    rows[-1] = f"{rows[-1]}{after}"
    for offset, row in enumerate(rows):
        yield (start.line if offset == 0 else None), row


def _clip_end(text: str) -> str:
    return _shown(text[:_WIDEST]) + ("…" if len(text) > _WIDEST else "")


def _shown(text: str) -> str:
    """Return printable text with its tabs kept: they are indentation, not a threat."""
    return "\t".join(map(printable_line, text.split("\t")))
