"""What a caller gives for a variable, and how it becomes safe text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from fimble.prompting.guards import Neutralise
from fimble.prompting.variables import Nature, Variable


@dataclass(frozen=True, slots=True)
class ControlText:
    """A control string inside a value, such as the file separators between snippets.

    Only strings out of a model's profile belong here: they reach the prompt untouched.
    """

    text: str


Part: TypeAlias = str | ControlText
Value: TypeAlias = str | tuple[Part, ...]
"""A text, or texts with control strings between them."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def safe_parts(variable: Variable, value: Value, neutralise: Neutralise) -> tuple[Part, ...]:
    """Return the value's parts as they may enter a prompt."""
    if isinstance(value, str):
        if variable.nature is Nature.CONTROL:
            return (ControlText(value),)
        parts: tuple[Part, ...] = (value,)
    else:
        parts = value
    if variable.nature is Nature.LINE:
        parts = tuple(one_line(part) if isinstance(part, str) else part for part in parts)
    return tuple([neutralise(part) if isinstance(part, str) else part for part in parts])


def joined(parts: tuple[Part, ...]) -> str:
    """Return the parts as one text."""
    if len(parts) == 1 and isinstance(parts[0], str):
        return parts[0]
    return "".join([part if isinstance(part, str) else part.text for part in parts])


def one_line(text: str) -> str:
    """Return `text` with line breaks and other control characters as spaces (a path, a name)."""
    return _BREAKS.sub(" ", text)
