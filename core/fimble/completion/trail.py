"""Why a completion was shown or not: what `--why` prints.

A trail is data for people: it never holds more of the document than what was sent or shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fimble.completion.draft import RuleEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCost:
    """A part of the prompt and what it costs."""

    name: str
    tokens: int
    unread: int = 0
    """Of these, the tokens that the server should have to read anew, by our model of its cache."""


@dataclass(slots=True, kw_only=True)
class DecisionTrail:
    """Filled while a completion is made; one for each request."""

    decision: str = ""
    """Shown, nothing, skipped, dropped, superseded or failed, with the reason."""
    while_typing: str = ""
    """Why nobody would be asked here but by a key that was pressed for it."""
    engine: str = ""
    reused: str = ""
    """Which earlier work answered: a cached suggestion, the running stream, or nothing."""
    layout: str = ""
    session: str = ""
    """"continued", or why a new prompt was begun."""
    segments: list[SegmentCost] = field(default_factory=list[SegmentCost])
    counted_by: str = ""
    """Who counted the tokens of the segments."""
    prompt: str = ""
    """Exactly what was sent; kept in memory only."""
    expected_evaluated_tokens: int | None = None
    """What the server should have to read anew, by our model of its cache."""
    evaluated_seconds: float | None = None
    """What the server says it spent on the prompt."""
    prompt_tokens: int | None = None
    generated_tokens: int | None = None
    waited_s: float = 0.0
    """Debounce and queue, before the request went out."""
    first_token_s: float | None = None
    total_s: float = 0.0
    stop: str = ""
    """What ended the generation."""
    rules: list[RuleEffect] = field(default_factory=list[RuleEffect])
    source: str = ""
    """For the embedded engine: the match that it copied from and its confidence."""

    def lines(self) -> list[str]:
        """Render the trail for a terminal, one fact a line."""
        facts: list[tuple[str, str]] = [
            ("decision", self.decision),
            ("while typing", self.while_typing and f"not asked, {self.while_typing}"),
            ("engine", self.engine),
            ("reused", self.reused),
            ("layout", self.layout),
            ("session", self.session),
            ("segments", self._segments()),
            ("prompt tokens", f"{self.prompt_tokens} by the server" if self.prompt_tokens else ""),
            ("expected to be read", self._expected()),
            ("generated tokens", _number(self.generated_tokens or None)),
            ("waited", f"{self.waited_s * 1000:.0f} ms" if self.waited_s else ""),
            ("prompt evaluated in", _milliseconds(self.evaluated_seconds or None)),
            ("first token after", _milliseconds(self.first_token_s)),
            ("total", f"{self.total_s * 1000:.0f} ms"),
            ("stopped by", self.stop),
            ("source", self.source),
        ]
        rules = [
            f"rule {effect.rule}: "
            + (f"dropped, {effect.reason}" if effect.after is None else f"-> {effect.after!r}")
            for effect in self.rules
        ]
        return [f"{name}: {value}" for name, value in facts if value] + rules

    def _expected(self) -> str:
        """Say how much will be read anew, and of which segments."""
        total = _number(self.expected_evaluated_tokens)
        unread = [f"{it.name} {it.unread}" for it in self.segments if it.unread]
        if not total or not unread:
            return total
        if all(it.unread == it.tokens for it in self.segments):
            return f"{total}, all of it"
        return f"{total}, of {', '.join(unread)}"

    def _segments(self) -> str:
        costs = ", ".join(f"{segment.name} {segment.tokens}" for segment in self.segments)
        return f"{costs}; counted by {self.counted_by}" if costs and self.counted_by else costs


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value * 1000:.0f} ms"
