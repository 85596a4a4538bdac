"""Where a prompt's window into the document begins and what of the suffix it takes.

The window before the cursor starts at a fixed *anchor line* and never slides: a sliding window
changes the first token of the prompt on every newline, which costs the whole prompt again on a
model whose state cannot be rolled back (Qwen3.5/3.6). Peers slide by characters or lines and pay
500 tokens to the whole prompt per key.
"""

from __future__ import annotations

from collections.abc import Callable

from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

CountTokens = Callable[[str], int]
"""Tokens that a text costs, never too few."""

_ANCHOR_FILL = 0.5
"""A fresh window takes half of its budget, so that the other half can be typed into it."""

_SNAP_SHARE = 0.25
"""Within the last quarter of the way up, an unindented line is a better start than a random one."""


def choose_anchor_line(
    snapshot: Snapshot, cursor: Position, *, budget_tokens: int, count: CountTokens
) -> int:
    """Return the first line of a new window before `cursor`.

    Walks up until half of `budget_tokens` is used, then prefers the nearest line that starts an
    unindented statement, which is where a reader (and a model) finds its feet.
    """
    target = max(1, int(budget_tokens * _ANCHOR_FILL))
    used = count(snapshot.line(cursor.line)[: cursor.character])
    top = cursor.line
    best_start: int | None = None
    while top > 0:
        cost = count(snapshot.line_with_ending(top - 1))
        if used + cost > target:
            break
        used += cost
        top -= 1
        if used > target * (1 - _SNAP_SHARE) and _starts_statement(snapshot.line(top)):
            best_start = top
    if top == 0 or best_start is None:
        return top
    return best_start


def _starts_statement(line: str) -> bool:
    return bool(line) and not line[0].isspace() and line[0] not in ")]}#"


def text_before(snapshot: Snapshot, anchor_line: int, cursor: Position) -> str:
    """Return the text from the start of `anchor_line` up to `cursor`."""
    return snapshot.slice(Range(Position(anchor_line, 0), cursor))


def text_after(
    snapshot: Snapshot, cursor: Position, *, budget_tokens: int, count: CountTokens
) -> str:
    """Return the text from `cursor` on, whole lines, at most `budget_tokens`."""
    rest = snapshot.line_with_ending(cursor.line)[cursor.character :]
    used = count(rest)
    if used > budget_tokens:
        return _clip(rest, budget_tokens, count)
    parts = [rest]
    for index in range(cursor.line + 1, snapshot.line_count):
        line = snapshot.line_with_ending(index)
        used += count(line)
        if used > budget_tokens:
            break
        parts.append(line)
    return "".join(parts)


def _clip(text: str, budget_tokens: int, count: CountTokens) -> str:
    """Shorten one over-long line (minified code) to the budget by bisection."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if count(text[:middle]) <= budget_tokens:
            low = middle
        else:
            high = middle - 1
    return text[:low]
