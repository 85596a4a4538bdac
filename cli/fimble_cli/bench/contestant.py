"""Whoever makes the suggestions: our server, or the model of another system."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from fimble_cli.bench.document import Document, Edit
from fimble_cli.bench.ghost import Ghost
from fimble_cli.bench.typing_log import TypingLog


class Contestant(ABC):
    """Hears what is typed and puts suggestions on the screen.

    The screen belongs to the editor: what is typed through stays, what is contradicted goes, before
    the contestant hears of the key. A contestant changes it with `show`.
    """

    closes_brackets: ClassVar[bool] = True
    """Whether its usual editor puts closing brackets and quotes behind the cursor by itself."""

    def __init__(self) -> None:
        self.log = TypingLog()
        self.ghost: Ghost | None = None
        """What is on the screen."""

    def begin_log(self) -> None:
        """Start a new log with an empty screen, for another trace."""
        self.log = TypingLog()
        self.ghost = None

    def show(self, ghost: Ghost | None) -> None:
        """Change what is on the screen."""
        if ghost != self.ghost:
            self.ghost = ghost
            self.log.screen(ghost)

    @abstractmethod
    async def open(self, document: Document) -> None:
        """Begin with a file."""

    @abstractmethod
    async def edited(self, document: Document, edit: Edit) -> None:
        """Follow a key, a backspace or an acceptance; must not wait for an answer."""

    async def moved(self, document: Document) -> None:  # noqa: B027 - most do nothing, as VS Code
        """Follow the cursor to another place."""

    async def dismissed(self) -> None:  # noqa: B027 - nothing to take back is the usual case
        """Follow the Escape key; the screen is empty already."""

    @abstractmethod
    async def close(self) -> None:
        """End all work."""
