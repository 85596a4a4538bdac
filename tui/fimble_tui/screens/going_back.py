"""What going back to an earlier turn costs, told before it happens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fimble.chat.transcript import Turn
from fimble_tui.screens.dialogs import ChoiceDialog

HERE = "e"
"""The conversation shall end before the turn."""
IN_A_NEW_SESSION = "f"
"""This session stays as it is; another one ends before the turn."""


def going_back_dialog(
    turns: Sequence[Turn],
    place: int,
    *,
    tokens_per_s: float | None,
    clock: Callable[[], float],
) -> ChoiceDialog:
    """Return the question that is asked before the branch ends at an earlier turn.

    Args:
        turns: The branch.
        place: Of the turn in it; there are later ones.
        tokens_per_s: The measured speed of reading a prompt; None while it is unknown.
        clock: Seconds that only go up.
    """
    later = len(turns) - place - 1
    behind = "the turn behind it leaves" if later == 1 else f"the {later} turns behind it leave"
    cost = _cost(turns[place].answer.statistics.prompt_tokens, tokens_per_s)
    return ChoiceDialog(
        f"Edit turn {place + 1} of {len(turns)}? Then {behind} this conversation; "
        f"the store keeps {'it' if later == 1 else 'them'}.{cost}",
        {HERE: "edit it here", IN_A_NEW_SESSION: "edit it in a new session"},
        clock=clock,
    )


def _cost(tokens: int, tokens_per_s: float | None) -> str:
    """Return what the next answer reads again at most: a cache may hold the beginning."""
    if not tokens:
        return ""
    seconds = f", about {max(1, round(tokens / tokens_per_s)):,} s" if tokens_per_s else ""
    return f" The next answer reads up to {tokens:,} tokens again{seconds}."
