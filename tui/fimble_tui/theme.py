"""The looks: a dark and a light theme of our own, and one in the terminal's sixteen colours.

Calm on purpose: one hue for what the user said, one for what asks for attention, greys for the
rest. Contrast of text on its background is at least 4.5:1 (WCAG 2.2, 1.4.3), which a test holds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

DARK: Final = Theme(
    name="fimble-dark",
    dark=True,
    primary="#7fb0d8",
    secondary="#9aa7b8",
    accent="#d8a974",
    warning="#d9b56b",
    error="#e08084",
    success="#93b97a",
    foreground="#d3d8df",
    background="#15181d",
    surface="#1b1f25",
    panel="#22272f",
    variables={
        "quiet": "#8c97a6",
        "faint": "#5a6473",
        "code-keyword": "#c49bd1",
        "code-string": "#9dbf86",
        "code-number": "#d8a974",
        "code-comment": "#7d8897",
        "code-name": "#7fb0d8",
        "code-type": "#7cc1bb",
        "border": "#3a4350",
        "border-blurred": "#2a3039",
        "footer-key-foreground": "#7fb0d8",
        "footer-description-foreground": "#8c97a6",
        "input-selection-background": "#7fb0d8 30%",
        "screen-selection-background": "#7fb0d8 35%",
        "screen-selection-foreground": "#eef2f7",
        "scrollbar": "#2f3742",
        "scrollbar-hover": "#414b59",
        "scrollbar-active": "#566273",
        "scrollbar-background": "#15181d",
        "scrollbar-background-hover": "#15181d",
        "scrollbar-background-active": "#15181d",
        "scrollbar-corner-color": "#15181d",
    },
)

LIGHT: Final = Theme(
    name="fimble-light",
    dark=False,
    primary="#215f92",
    secondary="#5c6672",
    accent="#8d5410",
    warning="#7d5a05",
    error="#a8323a",
    success="#3a6f2f",
    foreground="#262b31",
    background="#fbfaf7",
    surface="#f3f1eb",
    panel="#ebe8e0",
    variables={
        "quiet": "#626b76",
        "faint": "#a3a8ad",
        "code-keyword": "#7d3f93",
        "code-string": "#3a6f2f",
        "code-number": "#8d5410",
        "code-comment": "#616a76",
        "code-name": "#215f92",
        "code-type": "#14706a",
        "border": "#c3beb2",
        "border-blurred": "#dcd8cd",
        "footer-key-foreground": "#215f92",
        "footer-description-foreground": "#626b76",
        "input-selection-background": "#215f92 22%",
        "screen-selection-background": "#215f92 25%",
        "screen-selection-foreground": "#15181d",
        "scrollbar": "#d6d2c7",
        "scrollbar-hover": "#bfbaad",
        "scrollbar-active": "#a39d8f",
        "scrollbar-background": "#fbfaf7",
        "scrollbar-background-hover": "#fbfaf7",
        "scrollbar-background-active": "#fbfaf7",
        "scrollbar-corner-color": "#fbfaf7",
    },
)

_WHITE: Final = 7
_GREY: Final = 8
_ANSI_WORDS: Final = {
    "quiet": "ansi_default 60%",
    "faint": "ansi_bright_black",
    "code-keyword": "ansi_magenta",
    "code-string": "ansi_green",
    "code-number": "ansi_yellow",
    "code-comment": "ansi_bright_black",
    "code-name": "ansi_blue",
    "code-type": "ansi_cyan",
}


def _in_terminal_colours(name: str, base: str) -> Theme:
    """Return a theme that leaves every colour to the terminal."""
    origin = BUILTIN_THEMES[base]
    return Theme(
        name=name,
        ansi=True,
        dark=origin.dark,
        primary=origin.primary,
        secondary=origin.secondary,
        accent="ansi_yellow",
        warning=origin.warning,
        error=origin.error,
        success=origin.success,
        foreground=origin.foreground,
        background=origin.background,
        surface=origin.surface,
        panel=origin.panel,
        boost=origin.boost,
        variables={**origin.variables, **_ANSI_WORDS},
    )


def themes() -> tuple[Theme, ...]:
    """Return our themes; the first one is the default."""
    return (
        DARK,
        LIGHT,
        _in_terminal_colours("fimble-ansi-dark", "ansi-dark"),
        _in_terminal_colours("fimble-ansi-light", "ansi-light"),
    )


def theme_named(choice: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the theme for the setting `chat.theme`.

    With "auto" the terminal is asked by `COLORFGBG` (rxvt, Konsole, iTerm2 and others set it):
    its last number is the background's, and 7 and 9 to 15 are light.
    """
    if choice in {"dark", "light"}:
        return f"fimble-{choice}"
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    light = background.isdecimal() and (int(background) == _WHITE or int(background) > _GREY)
    if choice == "ansi":
        return "fimble-ansi-light" if light else "fimble-ansi-dark"
    return "fimble-light" if light else "fimble-dark"


def known_variables() -> dict[str, str]:
    """Return a value for each variable that only our themes have, for when another is chosen."""
    return {name: DARK.variables[name] for name in _ANSI_WORDS}
