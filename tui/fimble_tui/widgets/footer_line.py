"""The bottom line: the keys that do something now, and no others."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import RenderResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from fimble_tui.application import app_of


class FooterLine(Widget):
    """Textual's footer mounts a widget per key and rebuilds them all; this one draws a line."""

    ALLOW_SELECT = False

    def __init__(
        self,
        describe: Callable[[str], str],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Draw keys; `describe` may say of an action what it does at the moment."""
        super().__init__(id=id)
        self._describe = describe
        self._keys: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        """Draw again whenever other keys do something."""
        changed = self.screen.bindings_updated_signal  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        changed.subscribe(self, self._bindings_changed)  # pyright: ignore[reportUnknownMemberType]

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()

    def render(self) -> RenderResult:
        """Return as many keys as fit, in the order in which they were declared."""
        parts: list[Content] = []
        used = 1
        self._keys = []
        for binding in self._possible():
            key = app_of(self).get_key_display(binding)
            part = Content.assemble(
                (key, "$footer-key-foreground"), (f" {self._words(binding)}", "$quiet"), "   "
            )
            if used + part.cell_length > self.size.width + 2:
                break
            self._keys.append((used, used + part.cell_length - 3, binding.key))
            used += part.cell_length
            parts.append(part)
        return Content.assemble(" ", *parts)

    def _words(self, binding: Binding) -> str:
        """Return what a key does now: the same key may stop an answer or leave a mode."""
        return self._describe(binding.action) or binding.description

    def _possible(self) -> list[Binding]:
        seen: set[str] = set()
        found: list[Binding] = []
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in seen:
                seen.add(binding.action)
                found.append(binding)
        return found

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        for start, end, key in self._keys:
            if start <= event.x < end:
                app_of(self).simulate_key(key)
