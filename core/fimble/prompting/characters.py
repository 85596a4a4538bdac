"""What no text of a template may hold: hidden and broken characters, and control tokens (T13).

Templates and partials are looked at by this one function, each with places in its own file.
"""

from __future__ import annotations

import re
from itertools import islice

from fimble.prompting.guards import TextGuards
from fimble.prompting.problems import Findings, Rule

_SHOWN_HIDDEN = 20
"""Hidden characters listed one by one before the list is cut."""

_BROKEN_TEXT = re.compile("[\r\ud800-\udfff]")


def normalised(text: str) -> str:
    """Return the text of a file without its byte order mark and with LF at the ends of lines."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def check_characters(text: str, guards: TextGuards, findings: Findings) -> None:
    """Refuse what a reviewer cannot see and what a tokenizer would take for a control token."""
    for offset, name in islice(guards.hidden_characters(text), _SHOWN_HIDDEN):
        hint = "Delete it: editors do not show it, but the model reads it."
        findings.at_offset(
            offset, f"A hidden character stands here: {name}.", hint, rule=Rule.HIDDEN_CHARACTER
        )
    broken = _BROKEN_TEXT.search(text)
    if broken is not None:
        what = "A carriage return without a line feed" if broken[0] == "\r" else "Half a character"
        findings.at_offset(
            broken.start(), f"{what} stands here.", "Save the file as UTF-8.", rule=Rule.BROKEN_TEXT
        )
    neutral = guards.neutralise(text)
    if neutral != text:
        findings.at_offset(
            _token_start(text, neutral),
            "A model's control token stands here.",
            "Control strings come from the model's profile: name them, as in `${turn_end}`.",
            rule=Rule.CONTROL_STRING,
        )


def _token_start(text: str, neutral: str) -> int:
    """Return where the first control token begins: the last bracket up to the first difference."""
    pairs = zip(text, neutral, strict=False)
    offset = next((at for at, (one, other) in enumerate(pairs) if one != other), len(neutral) - 1)
    return max(0, *(text.rfind(opener, 0, offset + 1) for opener in "<["))
