"""Text can be read on its background in both of our themes (WCAG 2.2, 1.4.3: 4.5 to 1)."""

import pytest
from textual.color import Color

from fimble_tui.theme import DARK, LIGHT, theme_named

READ = ["quiet", "code-keyword", "code-string", "code-number", "code-comment", "code-name"]
NAMED = ["foreground", "primary", "accent", "warning", "error", "success"]


def contrast(one, other):
    """WCAG 2.2: relative luminance of sRGB, from 1 to 21."""

    def luminance(colour):
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in colour.normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", ["background", "surface"])
@pytest.mark.parametrize("name", [*READ, "code-type", *NAMED])
def test_text_stands_out(theme, ground, name):
    text = theme.variables.get(name) or getattr(theme, name)

    assert contrast(Color.parse(text), Color.parse(getattr(theme, ground))) >= 4.5


@pytest.mark.parametrize(
    ("choice", "background", "name"),
    [
        ("dark", "", "fimble-dark"),
        ("light", "15;0", "fimble-light"),
        ("auto", "", "fimble-dark"),
        ("auto", "0;15", "fimble-light"),
        ("auto", "15;default;0", "fimble-dark"),
        ("ansi", "0;7", "fimble-ansi-light"),
        ("ansi", "nonsense", "fimble-ansi-dark"),
    ],
)
def test_auto_follows_the_terminals_background(choice, background, name):
    assert theme_named(choice, {"COLORFGBG": background}) == name
