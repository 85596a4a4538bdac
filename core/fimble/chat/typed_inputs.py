"""A prompt's inputs as they are typed before the question: `/translate target=Rust @src/a.py`."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_GIVEN: Final = re.compile(r'\s*([a-z][a-z0-9_-]*)=(?:"([^"\n]*)"|(\S*))(?=\s|\Z)')


def typed_inputs(text: str, names: Collection[str]) -> tuple[dict[str, str], str]:
    """Return the inputs that `text` begins with, and the rest of it.

    Args:
        text: What was typed behind the prompt's name.
        names: Inputs that the prompt declares; a word with another name ends them.
    """
    found: dict[str, str] = {}
    at = 0
    while (match := _GIVEN.match(text, at)) and match[1] in names:
        found[match[1]] = match[2] if match[2] is not None else match[3]
        at = match.end()
    return (found, text[at:].lstrip()) if found else ({}, text)
