"""Folders as people write them."""

from __future__ import annotations

from pathlib import Path


def place_words(folder: str | Path) -> str:
    """Return a folder with "~" for the user's home; not yet printable."""
    home, text = str(Path.home()), str(folder)
    inside = home != "/" and (text == home or text.startswith(f"{home}/"))
    return f"~{text[len(home) :]}" if inside else text
