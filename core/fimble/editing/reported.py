"""What an editor reports of a place, as a template's `${diagnostics}` shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fimble.prompting.values import one_line

_MOST = 20
_LONGEST = 2000
_TITLE_CHARACTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One error or warning of another tool."""

    line: int
    """From 0."""
    severity: str
    """"error", "warning", "information" or "hint"."""
    message: str
    source: str = ""
    """The tool and its code for the problem, such as "pyright reportUndefinedVariable"."""

    @property
    def title(self) -> str:
        """The message as it fits into a menu."""
        first = one_line(self.message.strip().partition("\n")[0])
        return first if len(first) <= _TITLE_CHARACTERS else f"{first[:_TITLE_CHARACTERS]}…"


def reported_text(path: str, problems: Iterable[Reported]) -> str:
    """Return problems as compilers print them, one below the other, each once."""
    lines = dict.fromkeys(
        f"{path}:{each.line + 1}: {each.severity}: {each.message.strip()[:_LONGEST]}"
        + (f" ({each.source})" if each.source else "")
        for each in problems
    )
    return "\n".join(list(lines)[:_MOST])
