"""Find the right end of a suggestion."""

from __future__ import annotations

import re

from fimble.completion.brackets import CLOSER_OF, read_marks
from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.stopping import CutFinder
from fimble.completion.surroundings import Extent

_WORD_AT_END = re.compile(r"\w+$")
_BRACKETS = frozenset(CLOSER_OF.values())
_FIRST_OF_WORD = re.compile(r"[\w\"'(\[{]")


def cut_where_a_stream_would_be(draft: Draft, place: Place) -> Draft | Dropped:
    """The last line of an answer gets no newline, so the stop rules have not seen it yet."""
    cut = CutFinder(place.around, place.extent).look(draft.text + "\n")
    return draft if cut is None else draft.with_text(draft.text[: cut.end])


def trim_unfinished_line(draft: Draft, place: Place) -> Draft | Dropped:
    """A model stopped by its budget has left its last line, or its last word, unfinished."""
    if not place.truncated:
        return draft
    head, newline, _ = draft.text.rpartition("\n")
    if newline and head.strip():
        return draft.with_text(head)
    return draft.with_text(_WORD_AT_END.sub("", draft.text))


def trim_open_end(draft: Draft, place: Place) -> Draft | Dropped:
    """A block that ends with something open goes back to the last line where nothing was."""
    if place.extent is Extent.LINE or place.partial:
        return draft
    language = place.around.language
    opens = read_marks(draft.text, language).opens
    if not opens or not _BRACKETS.issuperset(opens):
        return draft
    lines = draft.text.split("\n")
    for count in range(len(lines) - 1, 0, -1):
        head = "\n".join(lines[:count])
        if lines[count - 1].strip() and not read_marks(head, language).opens:
            return draft.with_text(head)
    return draft


def trim_trailing_space(draft: Draft, place: Place) -> Draft | Dropped:
    """White space at the end of a line shows as nothing and annoys linters.

    A space before a word that follows on the cursor's line stays.
    """
    lines = [line if line.strip() else "" for line in draft.text.split("\n")]
    text = "\n".join(lines)
    follows = place.around.rest[draft.replaced_characters :]
    spaced = "\n" not in text.strip() and _FIRST_OF_WORD.match(follows) is not None
    stripped = text.rstrip()
    if spaced and text != stripped and stripped:
        stripped += " "
    return draft.with_text(stripped)


def drop_blank(draft: Draft, place: Place) -> Draft | Dropped:
    """Nothing but white space is nothing."""
    del place
    return draft if draft.text.strip() else Dropped(reason="the model had nothing to add")
