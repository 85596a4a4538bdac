"""Nothing is shown that would break a document that was whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fimble.completion.brackets import CLOSER_OF, read_marks
from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.soundness import Soundness
from fimble.completion.surroundings import CLOSERS, Extent, Surroundings

_BRACKETS = frozenset(CLOSER_OF.values())
_LINES_TAKEN_BACK = 3
"""Lines at the end of a block that are given up to save the rest."""

_OPENED_TAG = re.compile(r"<([A-Za-z][\w.:-]*)(?:\s[^<>]*)?>[^<]*$")
_DANGLING = re.compile(r"(?:[,+\-*/%&|^<=.?~]|\b(?:and|or|not|in|is|return))\s*$")


def drop_new_syntax_errors(draft: Draft, place: Place) -> Draft | Dropped:
    """With the suggestion in it the document must have no more syntax errors than without.

    A suggestion may be unfinished, such as the header of a block or the first line of a call, but
    not wrong: there must be some way to go on. One of several lines that has ended rather loses
    its last ones. Nothing is said without a tree or beyond its time.
    """
    around = place.around
    if around.tree is None:
        return draft
    judge = Soundness(around)
    if judge.is_sound(draft):
        return draft
    saved = next(_saved(draft, place, judge), None)
    if saved is not None:
        return saved
    return draft if judge.is_tolerable(draft) else Dropped(reason="it would add a syntax error")


def _saved(draft: Draft, place: Place, judge: Soundness) -> Iterator[Draft]:
    """Yield what can be shown of a draft that is not sound as it is, the best first."""
    if not place.partial:
        yield from filter(judge.is_sound, _shortened(draft, place))
    if any(map(judge.is_sound, continuations(draft, place.around))):
        yield draft
    yield from filter(judge.is_sound, _repairs(draft, place))


def _shortened(draft: Draft, place: Place) -> Iterator[Draft]:
    """Yield a block without its last line, its last two, ..."""
    lines = draft.text.split("\n") if place.extent is Extent.BLOCK else []
    for count in range(len(lines) - 1, max(0, len(lines) - 1 - _LINES_TAKEN_BACK), -1):
        shorter = "\n".join(lines[:count]).rstrip()
        if shorter.strip():
            yield draft.with_text(shorter)


def _repairs(draft: Draft, place: Place) -> Iterator[Draft]:
    """Yield what may be meant: more of the closing marks replaced, or fewer lines."""
    rest = place.around.rest.rstrip()
    if all(c in CLOSERS or c.isspace() for c in rest):
        for length in range(draft.replaced_characters + 1, len(rest) + 1):
            yield replace(draft, replaced_characters=length)
    yield from _shortened(draft, place)


def continuations(draft: Draft, around: Surroundings) -> Iterator[Draft]:
    """Yield ways to go on behind an unfinished suggestion, the likely ones first."""
    return map(draft.with_text, _continued(draft.text, around))


def _continued(text: str, around: Surroundings) -> Iterator[str]:
    language = around.language
    opens = read_marks(text, language).opens
    brackets = [mark for mark in opens if mark in _BRACKETS]
    closing = "".join(reversed(brackets))
    if len(brackets) != len(opens) and opens[-1] in {'"', "'"}:
        return  # A string that the line's end leaves open is wrong, not unfinished.
    line = around.before + text if "\n" not in text else text.rpartition("\n")[2]
    if brackets or _DANGLING.search(text):
        for middle in ("", "x", " x: x"):
            yield f"{text}{middle}{closing}"
            yield f"{text}{middle}{closing};"
    else:
        yield f"{text};"
        yield f"{text} {{}}"
    if language is None or re.search(language.block_header, line.strip()) is None:
        return
    deeper = around.indentation + "        "
    yield f"{text}\n{deeper}x"
    yield f"{text}\n{deeper}x\n{around.indentation}finally:\n{deeper}x"
    yield f"{text}{closing} finally {{}}"
    yield f"{text}{closing} while (x);"
    for words in ("end", ":\nfi", ":\ndone", "x) ;;\nesac"):
        yield f"{text}\n{words}"
    if (tag := _OPENED_TAG.search(text)) is not None:
        yield f"{text}</{tag.group(1)}>"
