"""Characters that must not reach a document unseen, and gates on the model's own doubt."""

from __future__ import annotations

from fimble.completion.draft import Draft, Dropped, Place
from fimble.policy.hidden import hidden_characters, hidden_name


def drop_hidden_characters(draft: Draft, place: Place) -> Draft | Dropped:
    """Bidirectional, zero-width, tag and control characters may hide what code does (T13).

    One that the document holds already is the user's own affair.
    """
    for character in hidden_characters(draft.text):
        if character not in place.around.snapshot.text:
            return Dropped(reason=f"hidden character {hidden_name(character)}")
    return draft


def gate_by_logprob(draft: Draft, place: Place) -> Draft | Dropped:
    """A suggestion that the model itself thinks unlikely is not shown, where it can be asked."""
    if place.min_mean_logprob is None or not place.logprobs:
        return draft
    mean = sum(place.logprobs) / len(place.logprobs)
    if mean >= place.min_mean_logprob:
        return draft
    return Dropped(reason=f"mean log-probability {mean:.2f} is below {place.min_mean_logprob:.2f}")
