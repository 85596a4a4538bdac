"""The turns of one conversation in order, as they are known in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fimble.chat.transcript import Question, Turn
from fimble.errors import FimbleError


class Branch:
    """A line of turns, each the parent of the next."""

    def __init__(self, turns: Iterable[Turn] = ()) -> None:
        self._turns = list(turns)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, oldest first."""
        return tuple(self._turns)

    @property
    def opening(self) -> Question | None:
        """The first turn's question, which the prompt begins with."""
        return self._turns[0].question if self._turns else None

    @property
    def newest(self) -> Turn | None:
        """The last turn."""
        return self._turns[-1] if self._turns else None

    @property
    def newest_id(self) -> int | None:
        """The last turn's number."""
        return self._turns[-1].turn_id if self._turns else None

    def find(self, turn_id: int) -> Turn:
        """Return a turn; raises `FimbleError` when it is not there."""
        return self._turns[self._place(turn_id)]

    def before(self, turn_id: int) -> tuple[Turn, ...]:
        """Return the turns before one."""
        return tuple(self._turns[: self._place(turn_id)])

    def append(self, turn: Turn) -> None:
        """Add a turn at the end."""
        self._turns.append(turn)

    def put(self, turn: Turn) -> None:
        """Replace the turn of the same number."""
        self._turns[self._place(turn.turn_id)] = turn

    def cut(self, turn_id: int) -> Turn:
        """End the branch before a turn; returns that turn."""
        place = self._place(turn_id)
        turn = self._turns[place]
        del self._turns[place:]
        return turn

    def withdraw(self, turn_id: int) -> None:
        """Take one turn out; the next one follows its parent."""
        parent = self.find(turn_id).parent
        self._turns = [
            replace(turn, parent=parent) if turn.parent == turn_id else turn
            for turn in self._turns
            if turn.turn_id != turn_id
        ]

    def _place(self, turn_id: int) -> int:
        for place, turn in enumerate(self._turns):
            if turn.turn_id == turn_id:
                return place
        raise FimbleError("That turn is not in this conversation any more.")
