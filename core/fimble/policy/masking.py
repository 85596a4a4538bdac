"""Secrets inside texts that go to a model as context: replaced, and counted (security T15).

Found are keys that are known by their shape, private keys and what is left of them where a cut
took away their first line, and random-looking values of something that is named `password`,
`secret`, `token` or the like. The file being edited is not masked: its user has it on the screen,
and a completion must fit it letter by letter.

Every pattern is linear (T17). A mask keeps the kind and hides the length. What is found of a
corpus of planted secrets, and what is masked wrongly in ordinary code, says `docs/reliability.md`.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from fimble.policy.key_shapes import SHAPES
from fimble.policy.named_secrets import NAMES, entropy, mask_named

_KEY_BLOCK: Final = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----)"
    r"[^-]{1,20000}(-----END (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----)?"
)
_ENCODED_LINE: Final = re.compile(
    r"""^([-+ \t"'`]{0,40})([A-Za-z0-9+/]{60,76}={0,2})(?=["'`,;\\n \t\r]{0,6}$)""", re.MULTILINE
)
"""One line of an encoded key, PEM or not, also in a diff or among strings."""
_ENCODED_END: Final = re.compile(
    r"""(\[masked: encoded\]["'`,;\\n \t\r]{0,6}\n[-+ \t"'`]{0,40})"""
    r"""(?=[a-zA-Z]{0,75}[0-9+/=])[A-Za-z0-9+/]{2,75}={0,2}(?=["'`,;\\n \t\r]{0,6}$)""",
    re.MULTILINE,
)
"""What is left of it for its last line."""
_ENCODED_ENTROPY: Final = 4.7
"""Bits for each of 60 or more characters: random ones have 5 to 5.4, words run together 4."""


def mask_secrets(text: str) -> tuple[str, int]:
    """Return `text` with its secrets replaced, and how many there were."""
    count = 0
    if "PRIVATE KEY" in text:
        text, count = _KEY_BLOCK.subn(_masked_block, text)
    for kind, triggers, pattern in SHAPES:
        if any(trigger in text for trigger in triggers):
            text, found = re.subn(pattern, partial(_masked_shape, kind), text)
            count += found
    text, found = _mask_encoded(text)
    count += found
    lowered = text.lower()
    if any(name in lowered for name in NAMES):
        text, found = mask_named(text)
        count += found
    return text, count


def _mask_encoded(text: str) -> tuple[str, int]:
    count = 0

    def encoded(match: re.Match[str]) -> str:
        nonlocal count
        line = match[2]
        if line.isalpha() or line.isupper() or line.islower() or entropy(line) < _ENCODED_ENTROPY:
            return match[0]
        count += 1
        return f"{match[1]}[masked: encoded]"

    text = _ENCODED_LINE.sub(encoded, text)
    return (_ENCODED_END.sub(r"\1[masked: encoded]", text), count) if count else (text, 0)


def _masked_block(match: re.Match[str]) -> str:
    return f"{match[1]}\n[masked: private-key]\n{match[2] or ''}"


def _masked_shape(kind: str, match: re.Match[str]) -> str:
    if "value" not in match.re.groupindex:
        return f"[masked: {kind}]"
    start, end = (each - match.start() for each in match.span("value"))
    return f"{match[0][:start]}[masked: {kind}]{match[0][end:]}"
