"""From raw model output to what is shown: small rules in one visible list.

Order matters and is the order of `RULES`: first what the model wraps around code, then what must
never be shown, then how the text fits into the line. Show nothing rather than something wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from fimble.completion.draft import Draft, Dropped, Place, Rule, RuleEffect
from fimble.completion.overlap import end_start_overlap
from fimble.completion.surroundings import CLOSERS
from fimble.policy.hidden import hidden_characters

_OPENERS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`"}
_QUOTES = frozenset("\"'`")
_CLOSING = frozenset(_OPENERS.values())

_MIN_OVERLAP = 3
"""Fewer characters in common with what follows may be chance."""


def apply_rules(
    draft: Draft, place: Place, rules: Sequence[Rule]
) -> tuple[Draft | Dropped, tuple[RuleEffect, ...]]:
    """Run `rules` in order; return the result and the effects for the decision trail."""
    effects: list[RuleEffect] = []
    for rule in rules:
        outcome = rule(draft, place)
        name = rule.__name__
        if isinstance(outcome, Dropped):
            effects.append(
                RuleEffect(rule=name, before=draft.text, after=None, reason=outcome.reason)
            )
            return outcome, tuple(effects)
        if outcome != draft:
            effects.append(RuleEffect(rule=name, before=draft.text, after=outcome.text))
            draft = outcome
    return draft, tuple(effects)


def normalise_line_ends(draft: Draft, place: Place) -> Draft | Dropped:
    """Rules work on LF; the document's own ending is restored when the item is made."""
    del place
    text = draft.text.replace("\r\n", "\n").replace("\r", "\n")
    return Draft(text=text, replaced_characters=draft.replaced_characters)


def drop_hidden_characters(draft: Draft, place: Place) -> Draft | Dropped:
    """Bidirectional, zero-width, tag and control characters may hide what code does (T13)."""
    for character in hidden_characters(draft.text):
        if character not in place.around.snapshot.text:
            return Dropped(reason=f"hidden character U+{ord(character):04X}")
    return draft


def trim_trailing_space(draft: Draft, place: Place) -> Draft | Dropped:
    """White space at the end of the last line shows as nothing and annoys linters."""
    del place
    return Draft(text=draft.text.rstrip(), replaced_characters=draft.replaced_characters)


def replace_auto_closed(draft: Draft, place: Place) -> Draft | Dropped:
    """Closing characters after the cursor are replaced when the text brings its own.

    Editors close brackets and quotes by themselves; a suggestion that closes what was opened
    before the cursor stands in for them (after TabbyML/tabby, "line end" replacement).
    """
    rest = place.around.rest.rstrip()
    if not rest or any(c not in CLOSERS for c in rest):
        return draft
    first_line = draft.text.partition("\n")[0]
    closed = _closes_before(place.around.before, first_line)
    if not closed:
        return draft
    length = 0
    while length < len(rest) and closed:
        closed -= rest[length] in _CLOSING
        length += 1
    if first_line.endswith(rest[length:]):
        length = len(rest)
    return Draft(text=draft.text, replaced_characters=length)


def trim_repeated_rest(draft: Draft, place: Place) -> Draft | Dropped:
    """A suggestion that ends with what already follows on the line keeps only what is new."""
    rest = place.around.rest.strip()
    if draft.replaced_characters or not rest or "\n" in draft.text:
        return draft
    length = end_start_overlap(draft.text, rest)
    if length == len(rest) or length >= _MIN_OVERLAP:
        return Draft(text=draft.text[: len(draft.text) - length])
    return draft


def drop_blank(draft: Draft, place: Place) -> Draft | Dropped:
    """Nothing but white space is nothing."""
    del place
    return draft if draft.text.strip() else Dropped(reason="the model had nothing to add")


def drop_repetition_of_below(draft: Draft, place: Place) -> Draft | Dropped:
    """The line below, said again, is noise."""
    below = place.around.below
    first = draft.text.strip().split("\n", 1)[0].strip()
    whole = (place.around.before.strip() + first).strip()
    if below and len(whole) >= _MIN_OVERLAP and whole == below[0].strip():
        return Dropped(reason="the suggestion repeats the line below")
    return draft


def _closes_before(before: str, text: str) -> int:
    """Count the brackets and quotes opened in `before` that `text` closes."""
    stack: list[str] = []
    for character in before:
        _step(stack, character)
    open_before = lowest = len(stack)
    for character in text:
        _step(stack, character)
        lowest = min(lowest, len(stack))
    return open_before - lowest


def _step(stack: list[str], character: str) -> None:
    if stack and character == stack[-1]:
        stack.pop()
    elif character in _OPENERS and not (stack and stack[-1] in _QUOTES):
        stack.append(_OPENERS[character])


RULES: tuple[Rule, ...] = (
    normalise_line_ends,
    drop_hidden_characters,
    trim_trailing_space,
    drop_blank,
    replace_auto_closed,
    trim_repeated_rest,
    drop_blank,
    drop_repetition_of_below,
)
