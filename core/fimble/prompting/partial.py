"""A partial: words that several templates share, put in by a line `[[include NAME]]`.

The spelling is that of role lines, so it is no variable, cannot come out of a value (values are
never read as template text) and is escaped like them. A partial is plain lines of a body: no
front matter, no roles, and no include of its own, so that one look at a template and its partials
shows all of a prompt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fimble.prompting.problems import Problem

INCLUDE_LINE = re.compile(
    r"\[\[ {0,4}include(?:[ \t]{1,4}([^\[\]\s][^\[\]\n]{0,99}?))? {0,4}\]\][ \t]*\Z"
)
"""A whole line that puts a partial in; its name is None when it is left out."""

PARTIAL_NAME = re.compile(r"[a-z][a-z0-9]{0,59}(?:[-_][a-z0-9]{1,59}){0,9}\Z")
"""Names are those of templates, and become the name of a file."""

MAX_PARTIAL_CHARACTERS = 16_384
MAX_INCLUDES = 20
"""Lines `[[include NAME]]` in one template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """One partial, good or broken."""

    name: str
    origin: str
    """The file, or `bundled:_partials/name`, for messages."""
    text: str
    """With LF at the ends of lines and no blank lines around it; empty when it was not read."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with it by itself; places are those in its own file."""
    first_line: int = 1
    """The line of its file on which `text` begins."""


def included_names(text: str) -> Iterator[str]:
    """Yield the name on each include line of a template, good or broken."""
    for line in text.splitlines():
        found = INCLUDE_LINE.match(line)
        if found is not None and found[1] is not None:
            yield found[1]
