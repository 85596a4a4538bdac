"""A prompt's segments as a bar: what it is made of, and what of it the model must still read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fimble.chat.meter import ContextMeter, MeterSegment

RULES: Final = "rules"
TALK: Final = "conversation"
ATTACHED: Final = "attached"
QUESTION: Final = "question"

STYLES: Final = {
    RULES: "$quiet",
    TALK: "$primary",
    ATTACHED: "$accent",
    QUESTION: "$success",
}
"""One colour for each kind of segment."""
_READ: Final = "█"
_TO_BE_READ: Final = "▓"
_RESERVED: Final = "░"
_FREE: Final = "·"


@dataclass(frozen=True, slots=True)
class BarPart:
    """A stretch of the bar in one colour."""

    text: str
    style: str


def kind_of(segment: MeterSegment) -> str:
    """Return which of the four kinds a segment is."""
    name = segment.name
    if name.startswith("rules"):
        return RULES
    if name == TALK or name.startswith(("question ", "answer ")):
        return TALK
    return QUESTION if name in {QUESTION, "frame"} else ATTACHED


def totals(meter: ContextMeter) -> dict[str, int]:
    """Return the tokens of each kind that is there, in the order of the prompt."""
    sums: dict[str, int] = {}
    for segment in meter.segments:
        kind = kind_of(segment)
        sums[kind] = sums.get(kind, 0) + segment.tokens
    return {kind: sums[kind] for kind in STYLES if sums.get(kind)}


def bar(meter: ContextMeter, cells: int) -> list[BarPart]:
    """Return the whole window in `cells` cells: nothing that is there takes less than one.

    A full block is reused, a shaded one is to be read; a light one is kept for the answer.
    """
    window = max(meter.window_tokens, meter.tokens, 1)
    parts: list[BarPart] = []
    used = 0
    for kind, reused, tokens in _stretches(meter):
        width = min(max(1, round(tokens / window * cells)), cells - used)
        parts.append(BarPart((_READ if reused else _TO_BE_READ) * width, STYLES[kind]))
        used += width
    left = cells - used
    reserved = min(round(meter.reserved_tokens / window * cells), left)
    parts.append(BarPart(_FREE * (left - reserved), "$faint"))
    parts.append(BarPart(_RESERVED * reserved, "$faint"))
    return [part for part in parts if part.text]


def _stretches(meter: ContextMeter) -> Iterator[tuple[str, bool, int]]:
    """Yield neighbours of one kind and state as one."""
    kind, reused, tokens = "", False, 0
    for segment in meter.segments:
        now = (kind_of(segment), segment.reused)
        if now != (kind, reused) and tokens:
            yield kind, reused, tokens
            tokens = 0
        kind, reused = now
        tokens += segment.tokens
    if tokens:
        yield kind, reused, tokens
