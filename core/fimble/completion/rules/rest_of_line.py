"""Fit a suggestion to what already follows on the cursor's line."""

from __future__ import annotations

from dataclasses import replace

from fimble.completion.brackets import CLOSER_OF, Unmatched, open_at_cursor, read_marks
from fimble.completion.draft import Draft, Dropped, Place
from fimble.completion.overlap import end_start_overlap
from fimble.completion.soundness import Soundness
from fimble.completion.surroundings import CLOSERS, Surroundings

_MIN_OVERLAP = 3
"""Fewer characters in common with what follows may be chance."""

_TERMINATORS = frozenset(";,:>")
_BRACKETS = frozenset(CLOSER_OF.values())


def replace_auto_closed(draft: Draft, place: Place) -> Draft | Dropped:
    """Closing marks after the cursor are replaced when the text brings its own.

    Editors close brackets and quotes by themselves; a suggestion that closes what was opened
    before the cursor stands in for them (after TabbyML/tabby, "line end" replacement).
    """
    rest = place.around.rest.rstrip()
    if not rest or any(c not in CLOSERS and not c.isspace() for c in rest):
        return draft
    length = 0
    for closing in closes(draft.text, place.around):
        start = length + len(rest[length:]) - len(rest[length:].lstrip())
        if not rest.startswith(closing.mark, start):
            break
        length = start + len(closing.mark)
    remaining = rest[length:].strip()
    if remaining and _TERMINATORS.issuperset(remaining) and draft.text.endswith(remaining):
        length = len(rest)
    return replace(draft, replaced_characters=length) if length else draft


def break_before_closer(draft: Draft, place: Place) -> Draft | Dropped:
    """Behind several lines, a bracket that follows the cursor goes to a line of its own."""
    around = place.around
    rest = around.rest[draft.replaced_characters :].strip()
    if draft.replaced_characters or rest[:1] not in _BRACKETS or place.partial:
        return draft
    if not rest or "\n" not in draft.text or not draft.text.startswith("\n"):
        return draft
    return draft.with_text(f"{draft.text}\n{around.indentation}")


def trim_repeated_rest(draft: Draft, place: Place) -> Draft | Dropped:
    """A suggestion that ends with what already follows on the line keeps only what is new."""
    rest = place.around.rest.strip()
    if draft.replaced_characters or not place.around.mid_line or "\n" in draft.text:
        return draft
    text = draft.text
    while length := _overlap(text.rstrip(), rest):
        text = text.rstrip()[:-length]
    return draft.with_text(text)


def _overlap(said: str, rest: str) -> int:
    """Count the characters at the end of `said` that are the beginning of `rest`, not by chance."""
    length = end_start_overlap(said, rest)
    return length if length == len(rest) or length >= _MIN_OVERLAP else 0


def trim_unbalanced_closers(draft: Draft, place: Place) -> Draft | Dropped:
    """A bracket that closes nothing, here or above, ends the suggestion.

    Not every closing mark has an opening one (`a)` in a shell's `case`), so the tree is asked too.
    """
    around = place.around
    stack = list(open_at_cursor(around).opens)
    for closing in closes(draft.text, around):
        if closing.mark in stack:
            del stack[len(stack) - 1 - stack[::-1].index(closing.mark) :]
        elif closing.mark in _BRACKETS:
            if around.tree is not None and Soundness(around).is_sound(draft):
                return draft
            kept = draft.text[: closing.offset].rstrip()
            if read_marks(kept, around.language).opens:
                return Dropped(reason="its brackets do not match")
            return draft.with_text(kept)
    return draft


def closes(text: str, around: Surroundings) -> tuple[Unmatched, ...]:
    """Return the marks in `text` that close what stands open at the cursor."""
    here = open_at_cursor(around)
    if here.in_comment:
        return ()
    quote = here.opens[-1] if here.opens and here.opens[-1] not in _BRACKETS else ""
    return read_marks(text, around.language, quote=quote).closes
