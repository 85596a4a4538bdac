"""What each part of a prompt costs, for the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fimble.completion.trail import SegmentCost

if TYPE_CHECKING:
    from fimble.completion.prompt_session import Prompt, PromptSession
    from fimble.engine.tokens.counter import TokenCounter


def segment_costs(
    session: PromptSession, prompt: Prompt, counter: TokenCounter, kept: int
) -> list[SegmentCost]:
    """Count each part, and what of it stands behind the `kept` characters of the prompt."""
    costs: dict[str, SegmentCost] = {}
    for name, text in (*session.parts, ("prefix", prompt.growing)):
        if text:
            former = costs.get(name, SegmentCost(name=name, tokens=0))
            unread = text[kept:] if kept > 0 else text
            costs[name] = SegmentCost(
                name=name,
                tokens=former.tokens + counter.count(text),
                unread=former.unread + (counter.count(unread) if unread else 0),
            )
        kept -= len(text)
    return list(costs.values())
