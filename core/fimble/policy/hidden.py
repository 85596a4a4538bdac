"""Characters that a person reading code does not see, and that can change what it means (T13).

This is the one table of them. Bidirectional controls reorder a line on the screen (CVE-2021-42574),
tag characters and variation selectors carry whole messages invisibly, zero-width characters make
two names look alike, control characters steer terminals, and LINE SEPARATOR ends a line comment in
JavaScript. Emoji presentation selectors (U+FE0E, U+FE0F) are left alone: they show, and a message
needs the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

HIDDEN_RANGES: Final[tuple[tuple[int, int, str], ...]] = (
    (0x0000, 0x0008, "control character"),
    (0x000B, 0x000C, "control character"),
    (0x000E, 0x001F, "control character"),
    (0x007F, 0x009F, "control character"),
    (0x00AD, 0x00AD, "zero-width character"),  # soft hyphen
    (0x034F, 0x034F, "zero-width character"),  # combining grapheme joiner
    (0x061C, 0x061C, "bidirectional control"),
    (0x115F, 0x1160, "zero-width character"),  # Hangul fillers
    (0x17B4, 0x17B5, "zero-width character"),  # Khmer inherent vowels
    (0x180B, 0x180F, "zero-width character"),  # Mongolian selectors and vowel separator
    (0x200B, 0x200D, "zero-width character"),
    (0x200E, 0x200F, "bidirectional control"),
    (0x2028, 0x2029, "line separator"),
    (0x202A, 0x202E, "bidirectional control"),
    (0x2060, 0x2065, "zero-width character"),
    (0x2066, 0x2069, "bidirectional control"),
    (0x206A, 0x206F, "bidirectional control"),  # deprecated formatting controls
    (0x3164, 0x3164, "zero-width character"),  # Hangul filler
    (0xFE00, 0xFE0D, "variation selector"),
    (0xFEFF, 0xFEFF, "zero-width character"),
    (0xFFA0, 0xFFA0, "zero-width character"),  # half-width Hangul filler
    (0xFFF0, 0xFFFB, "zero-width character"),
    (0x13430, 0x1343F, "zero-width character"),  # Egyptian hieroglyph format controls
    (0x1BCA0, 0x1BCA3, "zero-width character"),  # shorthand format controls
    (0x1D173, 0x1D17A, "zero-width character"),  # musical format controls
    (0xE0000, 0xE007F, "tag character"),
    (0xE0080, 0xE00FF, "zero-width character"),
    (0xE0100, 0xE01EF, "variation selector"),
    (0xE01F0, 0xE0FFF, "zero-width character"),
)
"""First and last code point of each run, and what a person calls it.

After Unicode 17's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), with the controls of
C0 and C1 other than TAB, LF and CR.
"""


def hidden_characters(text: str) -> Iterator[str]:
    """Yield the hidden characters of `text` in order, each as often as it stands there."""
    for found in _pattern().finditer(text):
        yield found[0]


def locate_hidden_characters(text: str) -> Iterator[tuple[int, str]]:
    """Yield offset (in code points) and name of each hidden character, for error messages."""
    for found in _pattern().finditer(text):
        yield found.start(), hidden_name(found[0])


def hidden_name(character: str) -> str:
    """Return what a hidden character is, such as "U+202E (bidirectional control)"."""
    code = ord(character)
    for first, last, kind in HIDDEN_RANGES:
        if first <= code <= last:
            return f"U+{code:04X} ({kind})"
    return f"U+{code:04X}"


def hidden_character_class() -> str:
    """Return the hidden characters as the inside of a regular expression's character class."""
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last, _ in HIDDEN_RANGES)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(f"[{hidden_character_class()}]")
