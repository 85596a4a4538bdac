"""The application that a widget lives in, with a type: Textual's own is generic and left open."""

from __future__ import annotations

from typing import TypeAlias, cast

from textual.app import App
from textual.dom import DOMNode

AnyApp: TypeAlias = App[object]


def app_of(node: DOMNode) -> AnyApp:
    """Return the application of a mounted widget or screen."""
    return cast("AnyApp", node.app)  # pyright: ignore[reportUnknownMemberType]
