r"""Halves of surrogate pairs that arrive apart and belong together.

JSON may carry half of a pair (`"\ud83d"`), and two edits may bring the halves one after the
other. The editor, which counts UTF-16, then has one character; a Python string would have two
code points, encode to six bytes that no decoder takes, and drift from the editor's text.
Documents therefore hold no high half directly before a low half; a lone half stays as it is.
"""

from __future__ import annotations

import re

_SPLIT_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def is_high_half(character: str) -> bool:
    """Whether `character` (one code point, or empty) is the first half of a surrogate pair."""
    return "\ud800" <= character <= "\udbff"


def is_low_half(character: str) -> bool:
    """Whether `character` (one code point, or empty) is the second half of a surrogate pair."""
    return "\udc00" <= character <= "\udfff"


def join_halves(text: str) -> str:
    """Return `text` with every high half that stands before a low half joined to it."""
    if text.isascii() or _SPLIT_PAIR.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
