"""Take off what a model puts around code: thoughts, introductions, fences, back-ticks."""

from __future__ import annotations

from fimble.completion import wrapping
from fimble.completion.draft import Draft, Dropped, Place

_FENCE_MARKS = ("```", "~~~")


def normalise_line_ends(draft: Draft, place: Place) -> Draft | Dropped:
    """Rules work on LF; the document's own ending is restored when the item is made."""
    del place
    return draft.with_text(draft.text.replace("\r\n", "\n").replace("\r", "\n"))


def strip_thoughts(draft: Draft, place: Place) -> Draft | Dropped:
    """A block of thoughts, closed or still open, is never shown."""
    if "think" in draft.text and "</think" not in place.around.snapshot.text:
        start = wrapping.after_thought(draft.text)
        if start is None:
            return Dropped(reason="the model was still thinking")
        start = start or wrapping.after_stray_thought(draft.text)
        return draft.with_text(draft.text[start:])
    return draft


def strip_preamble(draft: Draft, place: Place) -> Draft | Dropped:
    """Sentences before the code, such as "Here is the completed function:", go."""
    if not wrapping.holds_code(place.around):
        return draft
    return draft.with_text(draft.text[wrapping.after_preamble(draft.text) :])


def strip_fences(draft: Draft, place: Place) -> Draft | Dropped:
    """Only what is inside a Markdown fence is code, outside of Markdown itself."""
    if not wrapping.holds_code(place.around):
        return draft
    text = draft.text
    opening = wrapping.opening_fence(text)
    text = text[opening:]
    if wrapping.is_fence(text) and "\n" not in text.strip():
        return draft.with_text("")
    if opening:
        lines = text.split("\n")
        end = next((n for n, line in enumerate(lines) if wrapping.is_fence(line)), len(lines))
        text = "\n".join(lines[:end])
    stripped = text.rstrip()
    if stripped.endswith(_FENCE_MARKS):
        text = stripped[:-3]
    return draft.with_text(text)


def drop_prose(draft: Draft, place: Place) -> Draft | Dropped:
    """An answer that only talks to the reader is no completion."""
    lines = [line for line in draft.text.split("\n") if line.strip()]
    if lines and wrapping.holds_code(place.around) and all(map(wrapping.is_prose, lines)):
        return Dropped(reason="the model talked instead of completing")
    return draft


def strip_backticks(draft: Draft, place: Place) -> Draft | Dropped:
    """A whole answer in backticks is marked up, where backticks are no quotes."""
    text = draft.text.strip()
    language = place.around.language
    if language is None or "`" in language.quotes or not wrapping.holds_code(place.around):
        return draft
    inner = text[1:-1]
    if text[:1] == text[-1:] == "`" and inner.strip() and "`" not in inner and "$" not in inner:
        return draft.with_text(inner)
    return draft
