"""What is wrong with a template, and where: collected, never thrown at the first find.

`fimble prompts check` and the language server show all problems of a file; a caller who only
wants the template gets the first one as a `TemplateError`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from fimble.errors import TemplateError
from fimble.prompting.template import Place


class Rule(StrEnum):
    """What a problem is against; the values are codes that editors show and people search for."""

    TEMPLATE = "template"
    """No rule of its own."""
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    HIDDEN_CHARACTER = "hidden-character"
    BROKEN_TEXT = "broken-text"
    CONTROL_STRING = "control-token"
    NO_FRONT_MATTER = "no-front-matter"
    INVALID_YAML = "invalid-yaml"
    MISSING_KEY = "missing-key"
    UNKNOWN_KEY = "unknown-key"
    WRONG_VALUE = "wrong-value"
    NAME_DIFFERS = "name-differs"
    KIND_DIFFERS = "kind-differs"
    NO_TEXT = "no-text"
    LONE_DOLLAR = "lone-dollar"
    UNKNOWN_ROLE = "unknown-role"
    INCLUDE = "include"
    """A partial that does not exist, is broken, or may not be included here."""
    OPEN_FENCE = "open-fence"
    UNKNOWN_VARIABLE = "unknown-variable"
    OTHER_KIND = "variable-of-other-kind"
    UNDECLARED_INPUT = "undeclared-input"
    TOO_MANY_VARIABLES = "too-many-variables"
    UNUSED = "unused"
    VOLATILE_FIRST = "volatile-before-stable"
    COMPLETION_LAYOUT = "completion-layout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding."""

    sentence: str
    place: Place
    hint: str = ""
    rule: Rule = Rule.TEMPLATE

    def to_error(self, source: str) -> TemplateError:
        """Return the problem as the house's exception."""
        return TemplateError(
            self.sentence,
            source=source,
            line=self.place.line,
            column=self.place.column,
            hint=self.hint,
        )

    @property
    def suggestion(self) -> str:
        """The word that `did_you_mean` found for the one that stands there; empty for none."""
        found = _SUGGESTED.match(self.hint)
        return found.group(1) if found else ""


class LineIndex:
    """Turns an offset into a text whose lines end with LF into a line and a column."""

    def __init__(self, text: str) -> None:
        starts = [0]
        at = text.find("\n")
        while at != -1:
            starts.append(at + 1)
            at = text.find("\n", at + 1)
        self._starts = starts

    def place(self, offset: int) -> Place:
        """Return the line and column of `offset`."""
        line = bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)


TOP = Place(1, 1)
"""The place of a problem that concerns the file as a whole."""


@dataclass(slots=True)
class Findings:
    """The growing list of problems of one template."""

    index: LineIndex
    problems: list[Problem] = field(default_factory=list[Problem])

    def at_offset(
        self, offset: int, sentence: str, hint: str = "", *, rule: Rule = Rule.TEMPLATE
    ) -> None:
        """Record a problem at an offset into the template's text."""
        self.at(self.index.place(offset), sentence, hint, rule=rule)

    def at(
        self, place: Place, sentence: str, hint: str = "", *, rule: Rule = Rule.TEMPLATE
    ) -> None:
        """Record a problem at a place in the file."""
        self.problems.append(Problem(sentence=sentence, hint=hint, place=place, rule=rule))

    def in_order(self) -> tuple[Problem, ...]:
        """Return the problems from the top of the file down."""
        return tuple(sorted(self.problems, key=lambda problem: problem.place))


_SUGGESTED = re.compile(r"Did you mean `([^`]+)`\?")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known word nearest to `word`, or list what there is when none is near."""
    # difflib costs milliseconds to import and is wanted only when something is wrong.
    import difflib  # noqa: PLC0415

    names = sorted(known)
    near = difflib.get_close_matches(word[:80], names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{near[0]}`?"
    return "Known here: " + ", ".join(f"`{name}`" for name in names) + "."
