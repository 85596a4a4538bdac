"""How deep a line is indented, in columns; the only place that knows the width of a tab."""

from __future__ import annotations

_TAB = 8
"""Columns per tab when indentations are compared, as Python's own tokenizer has it."""


def indentation(line: str) -> int:
    """Return the columns of white space that a line begins with."""
    return len(line[: len(line) - len(line.lstrip())].expandtabs(_TAB))
