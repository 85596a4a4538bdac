"""Versions of model servers that are known to have a trouble that Fimble cannot work around."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fimble_cli.checks.finding import Finding, ok, problem

_UPGRADE: Final = "install a newer Ollama (https://ollama.com/download)"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    """What is wrong below a version."""

    below: tuple[int, int, int]
    families: tuple[str, ...]
    """Beginnings of the architectures that it concerns; empty for all."""
    sentence: str


_TROUBLES: Final = (
    # ollama/ollama issue 14419: "0.17.1 for qwen3.5 support".
    _Trouble(
        below=(0, 17, 1),
        families=("qwen35", "qwen3next"),
        sentence="cannot load models of the Qwen3.5 and 3.6 family",
    ),
)


def check_version(version: str, family: str) -> Finding:
    """Name the server's version, and its trouble where one is known.

    Args:
        version: As the server says it, such as "0.33.0-rc2"; empty when it does not.
        family: The model's architecture, empty when it is not known.
    """
    check = "server"
    number = _number(version)
    for trouble in _TROUBLES:
        concerned = not trouble.families or family.startswith(trouble.families)
        if number is not None and number < trouble.below and concerned:
            return problem(check, f"Ollama {version} {trouble.sentence}.", _UPGRADE)
    return ok(check, f"Ollama {version or 'of an unknown version'} answers.")


def _number(version: str) -> tuple[int, int, int] | None:
    """Return the numbers of a version; None for one that has none, as builds by hand ("0.0.0")."""
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if found is None:
        return None
    number = (int(found[1]), int(found[2]), int(found[3]))
    return number if any(number) else None
