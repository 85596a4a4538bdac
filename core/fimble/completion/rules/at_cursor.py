"""Fit the beginning of a suggestion to what stands right before the cursor."""

from __future__ import annotations

import re

from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.indentation import leading, width
from fimble.completion.surroundings import Surroundings

_WORD_AT_END = re.compile(r"[^\W\d]\w*$")
_WORD_AT_START = re.compile(r"[^\W\d]\w*")
_WORDS = re.compile(r"\w+")
_MIN_LINE_WORDS = 2
"""A line start of fewer words may be meant again: `max(max(a, b), c)`."""

_MIN_FRAGMENT = 3
_DOUBLED_BY_RIGHT = frozenset({"long", "not", "await"})
_OPENS_BODY = re.compile(r"[:{(\[]\s*$")


def trim_repeated_line_start(draft: Draft, place: Place) -> Draft | Dropped:
    """A model that starts the cursor's line over again says the typed part twice."""
    typed = place.around.before.strip()
    text = draft.text.lstrip()
    if not text.startswith(typed) or len(_WORDS.findall(typed)) < _MIN_LINE_WORDS:
        return draft
    rest = text[len(typed) :]
    if typed[-1].isalnum() and rest[:1].isalnum():
        return draft
    if place.around.before[-1:].isspace():
        rest = rest.lstrip(" \t")
    return draft.with_text(rest)


def trim_repeated_word(draft: Draft, place: Place) -> Draft | Dropped:
    """The word at the cursor, begun or complete, is not said again: `retu` + `return x`."""
    before = place.around.before
    at_end = _WORD_AT_END.search(before.rstrip(" \t"))
    at_start = _WORD_AT_START.match(draft.text)
    if at_end is None or at_start is None:
        return draft
    typed, said = at_end.group(), at_start.group()
    rest = draft.text[len(typed) :]
    if before[-1] in " \t":
        doubled = said == typed and typed not in _DOUBLED_BY_RIGHT and rest[:1] in {" ", "\t"}
        return draft.with_text(rest.lstrip(" \t")) if doubled else draft
    document = place.around.snapshot.text
    if not said.startswith(typed) or typed + said in document:
        return draft
    known = len(typed) >= _MIN_FRAGMENT or (len(typed) > 1 and said in document)
    return draft.with_text(rest) if known else draft


def trim_doubled_space(draft: Draft, place: Place) -> Draft | Dropped:
    """One space between what was typed and what is suggested is enough.

    More of them, on either side, are alignment, or text that is meant to stand apart.
    """
    before = place.around.before
    if place.around.line_is_blank or not before[-1].isspace() or before[-2:].isspace():
        return draft
    doubled = draft.text[:1] == " " and not draft.text[1:2].isspace()
    return draft.with_text(draft.text[1:]) if doubled else draft


def fit_first_indentation(draft: Draft, place: Place) -> Draft | Dropped:
    """On a blank line the editor and the model may both have indented, or neither.

    The lines around say how deep the line should be: as the one above, a level more behind the
    header of a block.
    """
    around = place.around
    first = draft.text.partition("\n")[0]
    if not around.line_is_blank or not first.strip():
        return draft
    own, said = width(around.before), width(first)
    expected = _expected_width(around)
    if said and own and own + said > expected:
        kept = " " * max(0, expected - own)
        return draft.with_text(kept + draft.text[len(leading(first)) :])
    if said or around.before or not expected or around.indent_style is None:
        return draft
    if around.language is None or not around.language.indent_blocks or not _behind_header(around):
        return draft
    return draft.with_text(around.indent_style.render(expected) + draft.text)


def _expected_width(around: Surroundings) -> int:
    if not around.above:
        return 0
    step = 4 if around.indent_style is None else around.indent_style.columns
    return width(around.above[0]) + (step if _behind_header(around) else 0)


def _behind_header(around: Surroundings) -> bool:
    if not around.above:
        return False
    above = around.above[0].rstrip()
    if around.language is None:
        return _OPENS_BODY.search(above) is not None
    return re.search(around.language.block_header, above.strip()) is not None
