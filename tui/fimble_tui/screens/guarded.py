"""A screen that survives a mouse press on a widget that is just being removed.

Textual 8.2.8 asks such a widget for its region and dies of `NoWidget` (Textualize/textual#6643,
the fix #6645 is not merged). Here a hit on a widget that is no longer in the tree is a miss.
"""

from __future__ import annotations

from typing import TypeVar

from textual.errors import NoWidget
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

Result = TypeVar("Result")


class GuardedScreen(Screen[Result]):
    """The base of every screen of ours."""

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what is under the pointer, unless it is not there any more."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        if widget is None or not widget.is_attached:
            return None, None
        try:
            self.find_widget(widget)
        except NoWidget:
            return None, None
        return widget, offset
