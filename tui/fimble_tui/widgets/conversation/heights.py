"""Where each turn of a conversation is, counted in lines from its beginning."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate


class Heights:
    """The tops of a column of cells."""

    def __init__(self) -> None:
        self._tops: list[int] = [0]

    def count(self, heights: Iterable[int]) -> None:
        """Take the heights of all cells."""
        self._tops = list(accumulate(heights, initial=0))

    @property
    def total(self) -> int:
        """Lines of the whole column."""
        return self._tops[-1]

    def top(self, cell: int) -> int:
        """Return the first line of a cell."""
        return self._tops[cell]

    def at(self, line: int) -> int:
        """Return the cell that holds `line`; the last one for a line behind the end."""
        return max(min(bisect_right(self._tops, line) - 1, len(self._tops) - 2), 0)

    def between(self, first: int, last: int) -> range:
        """Return the cells that show any of the lines from `first` to before `last`."""
        if len(self._tops) == 1:
            return range(0)
        return range(self.at(max(first, 0)), self.at(max(last - 1, 0)) + 1)
