"""Where other code of the workspace stands in a prompt, and which of it a session has shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fimble.pipeline.completion_context import NOTHING

if TYPE_CHECKING:
    from fimble.completion.prompt_session import PromptSession
    from fimble.engine.protocol import Hole
    from fimble.pipeline.completion_context import CompletionContext, ShownContext
    from fimble.pipeline.hole_renderer import HoleRenderer


class PromptContext:
    """Asks for context where the templates in force have a place for it."""

    def __init__(self, source: CompletionContext | None) -> None:
        self._source = source

    def is_wanted(self, holes: HoleRenderer) -> bool:
        """Whether a new prompt would show any."""
        return self._source is not None and self._source.active and holes.shows_context

    def first(self, hole: Hole, holes: HoleRenderer) -> ShownContext:
        """Return what a new prompt shows."""
        if self._source is None or not holes.shows_context:
            return NOTHING
        return self._source.chosen(hole)

    def behind(self, hole: Hole, last: PromptSession, holes: HoleRenderer) -> ShownContext:
        """Return what is appended to a prompt that goes on with a further hole."""
        if self._source is None or not holes.appends_context:
            return NOTHING
        return self._source.chosen(hole, known=last.context, spent=last.context_tokens)

    def is_lacking(self, session: PromptSession, hole: Hole, holes: HoleRenderer) -> bool:
        """Whether a pause is well spent on a new prompt with other context."""
        return (
            self._source is not None
            and holes.shows_context
            and self._source.gain(hole, session.context)
        )


def showing(
    session: PromptSession, context: ShownContext, last: PromptSession | None = None
) -> PromptSession:
    """Note what other code a prompt shows, with what the one that it goes on from did."""
    return replace(
        session,
        context=context.keys | (last.context if last else frozenset()),
        context_tokens=context.tokens + (last.context_tokens if last else 0),
    )
