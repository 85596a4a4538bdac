"""The only place that turns untrusted text into something that a widget shows (T10, T11).

Model output, names of files and models, errors of a server and what a store kept are untrusted.
Here each of them passes `printable`, so that no control or hidden character reaches the terminal,
and none is ever read as markup. A test forbids `Static(`, `Label(` and `notify(` elsewhere.
"""

from __future__ import annotations

from typing import Literal

from textual.content import Content
from textual.widgets import Static

from fimble.policy.printable import printable, printable_line
from fimble_tui.application import AnyApp


def screen_text(text: str) -> str:
    """Return `text` without anything that could steer a terminal; line feeds stay."""
    return printable(text)


def screen_line(text: str) -> str:
    """Return `text` as one line that cannot steer a terminal."""
    return printable_line(text)


def same_length(text: str) -> str:
    """Return `text` with one visible character for each that is not, for a line being edited.

    A cursor counts characters, so that a control cannot become several there; the text itself is
    not changed.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character in {"\t", shown} else shown if len(shown) == 1 else "�"
        for character in text
        for shown in (printable(character),)
    )


def screen_content(text: str, style: str = "") -> Content:
    """Return `text` for a widget, in one style of our own."""
    return Content.styled(printable(text), style) if style else Content(printable(text))


class PlainText(Static):
    """A `Static` that never reads markup; what it shows cannot steer the terminal."""

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(screen_content(text), id=id, classes=classes, markup=False)

    def show(self, text: str | Content) -> None:
        """Show other text; a `Content` must have been made here."""
        self.update(screen_content(text) if isinstance(text, str) else text)


def announce(
    app: AnyApp,
    text: str,
    *,
    severity: Literal["information", "warning", "error"] = "information",
    timeout_s: float = 4.0,
) -> None:
    """Show a short notice in the corner."""
    app.notify(printable(text), severity=severity, timeout=timeout_s, markup=False)


def copy(app: AnyApp, text: str) -> None:
    """Put `text` on the clipboard, by OSC 52 (base64, so that it cannot end the sequence).

    What is copied is what was seen: controls are in their visible form here too, since a terminal
    may act on them when they are pasted.
    """
    app.copy_to_clipboard(printable(text))
