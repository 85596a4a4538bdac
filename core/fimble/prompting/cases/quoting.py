"""How a text out of a test or an answer stands in a sentence."""

from __future__ import annotations

SHOWN = 60
"""Characters of it that are shown."""


def quoted(text: str) -> str:
    """Return the beginning of `text` in backticks, or in quotation marks where it holds any."""
    shown = f"{text[:SHOWN]}…" if len(text) > SHOWN else text
    return f'"{shown}"' if "`" in shown else f"`{shown}`"
