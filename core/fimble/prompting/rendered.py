"""What rendering yields: messages of segments, each segment with its origin and volatility."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fimble.prompting.template import Role
from fimble.prompting.volatility import Volatility


class Segment(NamedTuple):
    """A stretch of the prompt with one origin."""

    text: str
    volatility: Volatility
    variable: str
    """The variable whose value it is; empty for the template's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A value that did not fit its budget."""

    variable: str
    tokens: int
    """What the whole value would have cost."""
    kept_tokens: int
    """What is left of it; 0 when it was dropped."""


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """One role's text."""

    role: Role
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The segments joined."""
        return "".join([segment.text for segment in self.segments])


class Split(NamedTuple):
    """A prompt around one variable."""

    head: str
    value: str
    closing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A rendered template."""

    messages: tuple[RenderedMessage, ...]
    """In order; a completion layout has exactly one, of role `RAW`."""
    cuts: tuple[Cut, ...] = ()

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments of all messages, in order."""
        return tuple(segment for message in self.messages for segment in message.segments)

    @property
    def text(self) -> str:
        """A completion layout's whole prompt; for messages, their texts one after the other."""
        return "".join([message.text for message in self.messages])

    def split(self, variable: str) -> Split:
        """Return the text before, of and after `variable`.

        Raises:
            KeyError: The template does not use `variable`.
        """
        segments = self.segments
        for at, segment in enumerate(segments):
            if segment.variable == variable:
                return Split(_join(segments[:at]), segment.text, _join(segments[at + 1 :]))
        raise KeyError(variable)

    def stable_head(self, volatility: Volatility) -> str:
        """Return the beginning that nothing as volatile as `volatility` or more stands in."""
        return "".join(self._leading(volatility))

    def _leading(self, volatility: Volatility) -> Iterator[str]:
        for segment in self.segments:
            if segment.volatility >= volatility:
                return
            yield segment.text


def _join(segments: tuple[Segment, ...]) -> str:
    return "".join([segment.text for segment in segments])
