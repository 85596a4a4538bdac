"""Pictures of a screen, kept as SVG: what a change did to the looks can be seen in review.

pytest-textual-snapshot would do this, but it holds pytest below 9 (syrupy 4.8). With
`FIMBLE_NEW_PICTURES=1` the pictures are written instead of compared.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import gettempdir

from textual.app import App

FOLDER = Path(__file__).parents[1] / "tui" / "pictures"
_NUMBERED = re.compile(r"terminal-\d+")
_FONTS = re.compile(r"(?s)@font-face \{.*?\}\s*")


def picture_of(app: App[None]) -> str:
    """Return what is on the screen, without what differs from run to run or is fetched."""
    svg = _NUMBERED.sub("screen", app.export_screenshot(title="fimble", simplify=True))
    return "\n".join(line.rstrip() for line in _FONTS.sub("", svg).split("\n"))


def check_picture(app: App[None], name: str) -> None:
    """Compare the screen with the picture of that name.

    Raises:
        AssertionError: It looks different; both pictures are named.
    """
    path = FOLDER / f"{name}.svg"
    now = picture_of(app)
    if os.environ.get("FIMBLE_NEW_PICTURES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if now != before:
        other = Path(gettempdir()) / path.name
        other.write_text(now, encoding="utf-8")
        raise AssertionError(
            f"{path.name} looks different now: see {other}; FIMBLE_NEW_PICTURES=1 accepts it."
        )
