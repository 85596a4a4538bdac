r"""Text that cannot steer a terminal: the one function between foreign text and a screen (T10).

Everything that did not come from our own source code is foreign: model output, file and model
names, server errors, document text. Each character is mapped by itself, so it does not matter
where a stream was cut into chunks. LF and TAB stay; the visible forms are `␛` for C0 controls and
`<U+202E>` for the rest. Lone surrogates are mapped too, since no output encoding takes them.
"""

from __future__ import annotations

import re
from functools import cache

from fimble.policy.hidden import hidden_character_class

_CONTROL_PICTURES = 0x2400
_LAST_C0 = 0x1F
_DELETE = 0x7F
_DELETE_PICTURE = "\u2421"


def printable(text: str) -> str:
    """Return `text` with every control and hidden character in a visible form."""
    if text.isascii() and text.isprintable():
        return text
    return _pattern().sub(_visible, text)


def printable_line(text: str) -> str:
    """Return `text` as one printable line: line feeds and tabs are made visible too."""
    return printable(text).replace("\n", "\u240a").replace("\t", "\u2409")


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(f"[\\r\\ud800-\\udfff{hidden_character_class()}]")


def _visible(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= _LAST_C0:
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return _DELETE_PICTURE
    return f"<U+{code:04X}>"
