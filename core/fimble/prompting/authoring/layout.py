"""A template's text as its writer sees it: lines, where the front matter ends, what is declared.

Works on whatever stands there, right or wrong, and on texts within the checker's limit only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fimble.prompting.authoring.front_outline import FrontOutline, KeyPath
from fimble.prompting.parse import MAX_TEMPLATE_CHARACTERS
from fimble.prompting.variables import (
    INPUT_PREFIX,
    VARIABLES,
    Kind,
    Variable,
    input_variable,
)
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

SLOT = re.compile(r"\$\$|\$\{([^{}\n]*)\}")
"""A dollar (no group) or a variable (its name) in a line of the body."""

_FENCE = re.compile(r"---[ \t]*\Z")
_MOST_BYTES = 4 * MAX_TEMPLATE_CHARACTERS


def bounded_text(snapshot: Snapshot) -> str:
    """Return the text, or of one that is too long to be a template a beginning that is too long.

    The checker refuses both alike, and a document of many megabytes is never joined.
    """
    if snapshot.byte_offset(snapshot.end) <= _MOST_BYTES:
        return snapshot.text
    kept: list[str] = []
    length = 0
    for line in snapshot.lines:
        kept.append(line[: MAX_TEMPLATE_CHARACTERS + 1])
        length += len(kept[-1])
        if length > MAX_TEMPLATE_CHARACTERS:
            break
    return "".join(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSlot:
    """One `${name}` in the body."""

    name: str
    range: Range
    """The whole of it, dollar and braces included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The parts of one template's text."""

    lines: tuple[str, ...]
    """Without their endings."""
    front: range
    """The lines between the two `---`; to the end of the text while there is no second one."""
    outline: FrontOutline

    @classmethod
    def of(cls, snapshot: Snapshot) -> Layout | None:
        """Take a text apart; None for one that is too long to be a template."""
        if len(bounded_text(snapshot)) > MAX_TEMPLATE_CHARACTERS:
            return None
        lines = tuple(snapshot.line(at) for at in range(snapshot.line_count))
        front = range(0)
        if _FENCE.match(lines[0].removeprefix("\ufeff")):
            fences = (at for at, line in enumerate(lines[1:], 1) if _FENCE.match(line))
            front = range(1, next(fences, len(lines)))
        outline = FrontOutline.of(lines[front.start : front.stop], first_line=front.start)
        return cls(lines=lines, front=front, outline=outline)

    @property
    def body(self) -> range:
        """The lines below the front matter."""
        return range(self.front.stop + 1 if self.front.stop else 0, len(self.lines))

    def value_of(self, path: KeyPath) -> str:
        """Return the word that stands as the value of a key; empty when there is none."""
        for key in self.outline.keys:
            if key.path == path:
                found = re.match(r"""["']?([\w\-]*)""", self.lines[key.line][key.value_start :])
                return found.group(1) if found else ""
        return ""

    @property
    def kind(self) -> Kind | None:
        """What the template is for, as far as it says so yet."""
        word = self.value_of(("kind",))
        return Kind(word) if word in set(Kind) else None

    @property
    def variables(self) -> dict[str, Variable]:
        """What the body may name: the kind's variables, and the inputs that are declared."""
        kind = self.kind
        known = {
            name: variable
            for name, variable in VARIABLES.items()
            if kind is None or kind in variable.kinds
        }
        for name in self.outline.names_below(("inputs",)):
            known[INPUT_PREFIX + name] = input_variable(name, "An input of this template.")
        return known

    def slots(self) -> Iterator[NamedSlot]:
        """Yield the variables that the body names, known or not, in order."""
        for number in self.body:
            for found in SLOT.finditer(self.lines[number]):
                if found.group(1) is not None:
                    start = Position(number, found.start())
                    span = Range(start, Position(number, found.end()))
                    yield NamedSlot(name=found.group(1), range=span)
