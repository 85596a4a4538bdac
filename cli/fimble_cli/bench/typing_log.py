"""What happened on the screen while somebody typed, event by event."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fimble_cli.bench.ghost import Ghost
from fimble_cli.bench.trace import StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEvent:
    """A key was pressed; times are seconds of the monotonic clock."""

    at_s: float
    kind: StepKind
    text: str = ""
    gap: int = 0
    shown_before: Ghost | None = None
    """What was on the screen when the key was pressed."""
    expected: Ghost | None = None
    """What of it has to stay, as the key agrees with it; None otherwise."""
    accepted: str = ""
    """What the key took over from the suggestion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenEvent:
    """What is shown changed."""

    at_s: float
    ghost: Ghost | None


@dataclass(slots=True)
class TypingLog:
    """Both kinds of events in order."""

    clock: Callable[[], float] = time.monotonic
    keys: list[KeyEvent] = field(default_factory=list[KeyEvent])
    screens: list[ScreenEvent] = field(default_factory=list[ScreenEvent])

    def key(self, event: KeyEvent) -> None:
        """Note a key."""
        self.keys.append(event)

    def screen(self, ghost: Ghost | None) -> None:
        """Note what is shown from now on."""
        self.screens.append(ScreenEvent(at_s=self.clock(), ghost=ghost))
