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

_SNAP_SHARE = 0.25
"""Within the last quarter of the way up, an unindented line is a better start than a random one."""


_ENCLOSING_LINES = 3
_ENCLOSING_CHARACTERS = 120
"""A longer line is no header."""

_ENCLOSING_REACH = 400
"""Lines looked at for a header."""

_CLOSERS = ")]}>"

_COMMENTS = ("#", "//", "/*", "*", "--", "<!--")
"""What no header of a block begins with."""

_COMMENT_TAIL = ("*/", "* ")


def choose_anchor_line(
    snapshot: Snapshot, cursor: Position, *, target_tokens: int, count: CountTokens
) -> int:
    """Return the first line of a new window before `cursor` of about `target_tokens`.

    Walks up until the tokens are used, then prefers the nearest line that starts an unindented
    statement, which is where a reader (and a model) finds its feet; else one that begins
    something, and not the end of a comment or of a bracket whose beginning is not shown.
    """
    target = max(1, target_tokens)

    def fits(lines: int) -> bool:
        return count(text_before(snapshot, cursor.line - lines, cursor)) <= target

    lines = _most(fits, cursor.line)
    top = cursor.line - lines
    if top == 0:
        return 0
    nearby = range(top, top + int(lines * _SNAP_SHARE) + 1)
    for start in nearby:
        if _starts_statement(snapshot.line(start)):
            return start
    return next((start for start in nearby if not _ends_something(snapshot.line(start))), top)


def _ends_something(line: str) -> bool:
    bare = line.strip()
    return not bare or bare[0] in _CLOSERS or bare.startswith(_COMMENT_TAIL)


def _most(fits: Callable[[int], bool], limit: int) -> int:
    """Return the largest number up to `limit` that fits, by doubling and then bisection."""
    low, step = 0, 16
    while low < limit and fits(min(limit, low + step)):
        low = min(limit, low + step)
        step *= 2
    high = min(limit, low + step) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _starts_statement(line: str) -> bool:
    return bool(line) and not line[0].isspace() and line[0] not in ")]}#"


def enclosing_lines(snapshot: Snapshot, line: int) -> str:
    """Return the lines that open the blocks around the start of `line`, outermost first.

    A window that begins inside a function says little without the line that names it. Read off
    the indentation, which costs no tree and is right in every language that people indent; of a
    header that is broken over several lines its first one is taken.
    """
    indentation = _indentation(snapshot, line)
    found: list[str] = []
    for above in range(line - 1, max(-1, line - 1 - _ENCLOSING_REACH), -1):
        if indentation == 0 or len(found) == _ENCLOSING_LINES:
            break
        text = snapshot.line(above)
        own = len(text) - len(text.lstrip())
        if not text.strip() or own >= indentation or text.startswith(_COMMENTS, own):
            continue
        if text[own] in _CLOSERS:
            indentation = own + 1  # The header of this block begins further up, at this depth.
            continue
        indentation = own
        if len(text) <= _ENCLOSING_CHARACTERS:
            found.append(snapshot.line_with_ending(above))
    return "".join(reversed(found))


def _indentation(snapshot: Snapshot, line: int) -> int:
    """Return the depth of the first line with text from `line` on."""
    for below in range(line, min(snapshot.line_count, line + _ENCLOSING_REACH)):
        text = snapshot.line(below)
        if text.strip():
            return len(text) - len(text.lstrip())
    return 0


def text_before(snapshot: Snapshot, anchor_line: int, cursor: Position) -> str:
    """Return the text from the start of `anchor_line` up to `cursor`."""
    return snapshot.slice(Range(Position(anchor_line, 0), cursor))


def text_after(
    snapshot: Snapshot, cursor: Position, *, budget_tokens: int, count: CountTokens
) -> str:
    """Return the text from `cursor` on, whole lines, at most `budget_tokens`."""
    last_line = snapshot.line_count - 1
    rest = snapshot.line_with_ending(cursor.line)[cursor.character :]
    if count(rest) > budget_tokens:
        return rest[: _most(lambda length: count(rest[:length]) <= budget_tokens, len(rest))]

    def after(lines: int) -> str:
        bottom = cursor.line + lines
        if bottom >= last_line:
            return snapshot.slice(Range(cursor, snapshot.end))
        return snapshot.slice(Range(cursor, Position(bottom + 1, 0)))

    return after(_most(lambda lines: count(after(lines)) <= budget_tokens, last_line - cursor.line))
