"""From raw model output to what is shown: small rules in one visible list.

Order matters and is the order of `RULES`: first what the model wraps around code, then what must
never be shown, then how the text fits the place: its beginning, its indentation, its end, the
rest of the line, and the lines around. Show nothing rather than something wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from fimble.completion.draft import Draft, Dropped, Place, Rule, RuleEffect
from fimble.completion.rules.at_cursor import (
    fit_first_indentation,
    trim_doubled_space,
    trim_repeated_line_start,
    trim_repeated_word,
)
from fimble.completion.rules.characters import drop_hidden_characters, gate_by_logprob
from fimble.completion.rules.ending import (
    cut_where_a_stream_would_be,
    drop_blank,
    trim_open_end,
    trim_trailing_space,
    trim_unfinished_line,
)
from fimble.completion.rules.indenting import convert_indentation
from fimble.completion.rules.repetition import (
    drop_copy_of_above,
    drop_copy_of_below,
    trim_repeated_below,
)
from fimble.completion.rules.rest_of_line import (
    break_before_closer,
    replace_auto_closed,
    trim_repeated_rest,
    trim_unbalanced_closers,
)
from fimble.completion.rules.syntax_errors import drop_new_syntax_errors
from fimble.completion.rules.unwrapping import (
    drop_prose,
    normalise_line_ends,
    strip_backticks,
    strip_fences,
    strip_preamble,
    strip_thoughts,
)

RULES: tuple[Rule, ...] = (
    gate_by_logprob,
    normalise_line_ends,
    strip_thoughts,
    strip_preamble,
    strip_fences,
    drop_prose,
    drop_hidden_characters,
    strip_backticks,
    trim_repeated_line_start,
    trim_repeated_word,
    trim_doubled_space,
    trim_unfinished_line,
    cut_where_a_stream_would_be,
    fit_first_indentation,
    convert_indentation,
    trim_repeated_below,
    drop_copy_of_below,
    drop_copy_of_above,
    trim_open_end,
    replace_auto_closed,
    trim_unbalanced_closers,
    trim_repeated_rest,
    trim_trailing_space,
    drop_blank,
    break_before_closer,
    drop_new_syntax_errors,
)


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
