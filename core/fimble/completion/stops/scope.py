"""The code is over when it leaves the scope of the cursor, or closes what stood open there.

Leaving is read from the indentation, which holds for languages with and without braces and for
code that does not parse; closing is read from the syntax tree.
"""

from __future__ import annotations

import re

from fimble.completion.indentation import width
from fimble.completion.stops.generated import Cut, Generated, Line
from fimble.completion.surroundings import Surroundings

_CLOSING = re.compile(
    r"\s*(?:[\])}](?:[\s\])};,]*[\])};,])?|(?:end|fi|done|esac)\b|"
    r"end(?:if|for|foreach|while|switch)\b|</[\w:.-]*>|/>)"
)
"""A line that begins by closing something, up to what it closes."""

_CONTINUING = re.compile(
    r"\s*(?:[\])}]*\s*(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then)\b|"
    r"(?:case|default|when)\b.*:?|do\s*$|[\])}].*[\[{(:]\s*$|[\])}]\s*while\b|"
    r"(?:public|private|protected)\s*:\s*$|(?:[\w-]+:\s*)?\{\s*$)"
)
"""A line that closes one part of a statement and opens the next, or a label in a body."""

_DIRECTIVE = re.compile(r"#\s*(?:if|ifdef|ifndef|else|elif|endif|define|undef|pragma|region|end)")
_CLOSING_HINT = re.compile(r"[\])}]|\b(?:end|fi|done|esac|endif|endforeach|endwhile)\b|</")
_OPENS_AGAIN = re.compile(r"(?:[\[{(:]|\|[^|]*\||=>|->|\b(?:do|then|else))\s*$")
_TAIL_CLOSES = re.compile(r"[\s\])};,]*(?:(?://|#|--).*)?$")

_LINES_BELOW = 400
"""How far down the closing line of the cursor's scope is looked for."""


def stop_at_scope_end(seen: Generated) -> Cut | None:
    """A line that is indented less than the code at the cursor has left its scope.

    Behind a block's header so has a line at the header's own depth; behind a finished line, which
    a prefetch goes on from, the next statement stands there. A line that closes the scope still
    belongs to it, if the document does not close it already.
    """
    line = seen.newest
    if line.is_blank or seen.is_first_line:
        return None
    if seen.around.line_is_blank:
        left = line.width < _body_width(seen)
    else:
        head = width(seen.around.before, seen.around.tab_columns)
        left = line.width < head or (
            line.width == head and _is_header(seen.around) and not _CONTINUING.match(line.text)
        )
    if not left or _DIRECTIVE.match(line.text):
        return None
    if _CLOSING.match(line.text) and _holds_content(seen):
        return _close(seen, line)
    return seen.cut_before(line, "the scope was left")


def _is_header(around: Surroundings) -> bool:
    """Whether the cursor's line opens a block, as far as is known of its language."""
    language = around.language
    return language is None or re.search(language.block_header, around.before.strip()) is not None


def stop_at_node_end(seen: Generated) -> Cut | None:
    """The mark that closes a node which stood open at the cursor ends what is missing.

    Where the line goes on by opening another part (`} else {`), so does the node.
    """
    line = seen.newest
    if seen.watch is None or not _CLOSING_HINT.search(line.text):
        return None
    text = seen.text[seen.start : line.end]
    closing = seen.watch.first_closing(text)
    if closing is None:
        return None
    tail = text[closing:]
    if _OPENS_AGAIN.search(tail) and not _TAIL_CLOSES.match(tail):
        seen.watch.goes_on(text)
        return None
    if not seen.is_first_line and _CLOSING.match(line.text):
        return _close(seen, line)
    return Cut(end=line.end, reason="what was open at the cursor is closed")


def closes_below(around: Surroundings, closing: str) -> bool:
    """Whether the document itself closes the cursor's scope, as the line `closing` would."""
    tab = around.tab_columns
    depth = width(closing, tab)
    mark = _mark(closing)
    last = min(around.snapshot.line_count, around.cursor.line + 1 + _LINES_BELOW)
    if around.rest.strip() and _mark(around.rest) == mark:
        return True
    for number in range(around.cursor.line + 1, last):
        line = around.snapshot.line(number)
        if line.strip() and width(line, tab) <= depth:
            return width(line, tab) == depth and _mark(line) == mark
    return False


def _close(seen: Generated, line: Line) -> Cut:
    if closes_below(seen.around, line.text):
        return seen.cut_before(line, "the document closes the scope itself")
    closing = _CLOSING.match(line.text)
    if closing is not None and _OPENS_AGAIN.search(line.text[closing.end() :]):
        return Cut(end=line.start + closing.end(), reason="the scope was closed")
    return Cut(end=line.end, reason="the scope was closed")


def _mark(line: str) -> str:
    """Return what a line closes with first: a bracket, a word, or a tag."""
    text = line.strip()
    if text[:1] in ")]}":
        return text[:1]
    found = re.match(r"</?[\w:.-]*|\w+|/>", text)
    return found.group() if found else ""


def _body_width(seen: Generated) -> int:
    """Return how deep the code at the cursor is: on a blank line, as its first line stands."""
    own = width(seen.around.before, seen.around.tab_columns)
    first = next((line for line in seen.lines if not line.is_blank), None)
    if first is None:
        return own
    return own if seen.around.before else first.width


def _holds_content(seen: Generated) -> bool:
    """Whether something was said before the newest line."""
    return len(seen.content(2)) > 1 or not seen.around.line_is_blank
