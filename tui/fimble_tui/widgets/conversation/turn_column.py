"""The turns of a conversation, one under the other, as far as they are laid out.

Knows lines and where they are, but no widget: what is in view is told to it. While it follows, the
end is in view; else the turn at the top of the view stays where it is, whatever changes above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from fimble.chat.transcript import Turn
from fimble_tui.markdown.lines import Line
from fimble_tui.widgets.conversation.heights import Heights
from fimble_tui.widgets.conversation.turn_cell import TurnCell

_KEPT_AROUND: Final = 40
"""Turns beside those in view that stay laid out."""

LayCell = Callable[[TurnCell, int], object]
"""Lays a cell out at a width."""


class TurnColumn:
    """The cells, their heights, and which part of them is in view."""

    def __init__(self) -> None:
        self.cells: list[TurnCell] = []
        self.width = 0
        self.following = True
        self._heights = Heights()

    def replace(self, turns: Sequence[Turn]) -> None:
        """Hold other turns."""
        self.cells = [TurnCell(turn) for turn in turns]
        self._heights.count(())

    @property
    def total(self) -> int:
        """Lines of all turns; of those never laid out, a guess."""
        return self._heights.total if self.cells else 0

    def find(self, turn_id: int) -> TurnCell | None:
        """Return the cell of a turn."""
        for cell in reversed(self.cells):
            if cell.turn.turn_id == turn_id:
                return cell
        return None

    def at(self, number: int) -> int:
        """Return which cell holds a line."""
        return self._heights.at(number)

    def top(self, cell: int) -> int:
        """Return the first line of a cell."""
        return self._heights.top(cell)

    def line(self, number: int) -> Line | None:
        """Return a line, laying out its turn when it is not."""
        if not 0 <= number < self.total:
            return None
        cell_number = self.at(number)
        cell = self.cells[cell_number]
        lines = cell.lines if cell.lines is not None else cell.lay(self.width)
        row = number - self.top(cell_number)
        return lines[row] if row < len(lines) else None

    def lay(self, *, width: int, top: int, height: int, lay_cell: LayCell) -> int:
        """Lay out what is in view; returns the first line that is in view then.

        Args:
            width: Cells of a line.
            top: The first line in view before.
            height: Lines in view.
            lay_cell: Lays a cell out.
        """
        anchor, offset = self._anchor(top, height)
        if width != self.width:
            self.width = width
            for cell in self.cells:
                cell.guess(width)
        newest = len(self.cells) - 1 if self.following else len(self.cells)
        laid: set[int] = set()
        while True:
            self._heights.count(self._height(cell) for cell in self.cells)
            top = self._first_in_view(anchor, offset, height)
            shown = self._heights.between(top, top + height)
            missing = [
                number
                for number in shown
                if number not in laid and (self.cells[number].lines is None or number >= newest)
            ]
            if not missing:
                self._drop_far(shown)
                return top
            for number in missing:
                lay_cell(self.cells[number], width)
                laid.add(number)

    def _height(self, cell: TurnCell) -> int:
        if not cell.height:
            cell.guess(self.width)
        return cell.height

    def _anchor(self, top: int, height: int) -> tuple[int, int]:
        """Return a turn in view, and how far its first line is below the top of the view.

        One that is laid out, if there is one: heights above it may be wrong guesses.
        """
        if self.following or not self.cells:
            return -1, 0
        shown = self._heights.between(top, top + height)
        known = [number for number in shown if self.cells[number].lines is not None]
        anchor = (known or list(shown))[0]
        return anchor, self._heights.top(anchor) - top

    def _first_in_view(self, anchor: int, offset: int, height: int) -> int:
        bottom = max(self.total - height, 0)
        if anchor < 0:
            return bottom
        return max(min(self._heights.top(anchor) - offset, bottom), 0)

    def _drop_far(self, shown: range) -> None:
        first, last = shown.start - _KEPT_AROUND, shown.stop + _KEPT_AROUND
        for number, cell in enumerate(self.cells):
            if cell.lines is not None and not first <= number < last:
                cell.drop()
