"""What all candidates of a place are compared with: names, lines and line ends close to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fimble.engine.embedded.cursor_context import CursorContext
from fimble.engine.embedded.document_tokens import TokenRun
from fimble.engine.embedded.token_corpus import rest_of_line
from fimble.engine.embedded.vocabulary import NEWLINES, Vocabulary

_TOKENS_ABOVE = 1_500
_TOKENS_BELOW = 500
_LINES_HERE = 8
"""Lines above whose names count as being in use here."""
_NEWLINE = re.compile(f"[{NEWLINES}]")
_HEADERS = frozenset(
    "if elif else for while def class with try except finally async match case".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The code around a place."""

    near: str
    """The tokens close to the cursor, those of its line and some below included."""
    nearby: frozenset[str]
    """The names among them."""
    here: frozenset[str]
    """The names of the last lines and of the cursor's."""
    open_brackets: int
    odd_quotes: bool
    lines_above: Mapping[str, int]
    """The tokens of lines, by how many lines above they stand."""
    lines_below: Mapping[str, int]
    endings: Mapping[str, float]
    """What part of the lines nearby ends with a token."""
    ends_in_colons: bool
    """Whether blocks begin with a colon, by the lines nearby."""
    is_header: bool
    """Whether the line begins as one that begins a block."""
    next_line: str
    """The tokens of the line below; empty where there is none."""
    previous_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """What stands above and below a line: the same for every key that is typed in it."""

    tokens: str
    names: frozenset[str]
    here: frozenset[str]
    above: Mapping[str, int]
    below: Mapping[str, int]
    endings: Mapping[str, float]
    ends_in_colons: bool
    next_line: str
    previous_line: str


@lru_cache(maxsize=1)
def _lines_around(before: TokenRun, after: TokenRun, vocabulary: Vocabulary) -> _Lines:
    above, below = before.tokens[-_TOKENS_ABOVE:], after.tokens[:_TOKENS_BELOW]
    is_name, texts = vocabulary.is_name, vocabulary.texts
    lines_above = _NEWLINE.split(above)[1:]
    lines_below = _NEWLINE.split(below)[1:]
    ends = Counter([each[-1] for each in (*lines_above, *lines_below) if each])
    total = max(1, sum(ends.values()))
    by_text = {texts[ord(token)]: count for token, count in ends.items()}
    return _Lines(
        tokens=above + below,
        names=_names(above + below, is_name),
        here=_names("".join(lines_above[-_LINES_HERE:]), is_name),
        above=_distances(lines_above[::-1]),
        below=_distances(lines_below),
        endings={token: count / total for token, count in ends.items()},
        ends_in_colons=by_text.get(":", 0) > by_text.get("{", 0),
        next_line=rest_of_line(after.tokens, 1),
        previous_line=lines_above[-1] if lines_above else "",
    )


def look_around(context: CursorContext, vocabulary: Vocabulary) -> Surroundings:
    """Read the surroundings of a place."""
    lines = _lines_around(context.hole.before, context.hole.after, vocabulary)
    line = context.line_tokens
    is_name, texts = vocabulary.is_name, vocabulary.texts
    depth = quotes = 0
    for token in line:
        text = texts[ord(token)]
        if not text:
            continue
        if text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(0, depth - 1)
        quotes += text in ("'", '"', "`")
    own = _names(line, is_name)
    return Surroundings(
        near=lines.tokens + line,
        nearby=lines.names | own,
        here=lines.here | own,
        open_brackets=depth,
        odd_quotes=quotes % 2 == 1,
        lines_above=lines.above,
        lines_below=lines.below,
        endings=lines.endings,
        ends_in_colons=lines.ends_in_colons,
        is_header=len(line) > 1 and texts[ord(line[1])] in _HEADERS,
        next_line=lines.next_line,
        previous_line=lines.previous_line,
    )


def _names(tokens: str, is_name: bytearray) -> frozenset[str]:
    return frozenset(token for token in set(tokens) if is_name[ord(token)])


def _distances(lines: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, line in enumerate(lines):
        found.setdefault(line, number)
    return found
