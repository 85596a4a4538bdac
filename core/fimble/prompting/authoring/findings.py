"""The checker's problems with the exact stretch of text that each is about, and what would mend it.

The checker says where a problem begins; how far it reaches follows from its rule and from what
stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from fimble.prompting.catalogue import PromptEntry
from fimble.prompting.partial import INCLUDE_LINE, Partial
from fimble.prompting.problems import TOP, Problem, Rule
from fimble.prompting.template import Place
from fimble.prompting.variables import VARIABLES
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

_BRACED = re.compile(r"\$\{[^{}\n]*\}")
_ROLE = re.compile(r".*?(?=[ \t]*\Z)")
_ONE = re.compile(r".", re.DOTALL)
_CONTROL = re.compile(r"<[^\s>]*>?|\[[^\s\]]*\]?")
_YAML_VALUE = re.compile(
    r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\{[^{}]*\}|\[[^\[\]]*\]"""
    r"""|(?:[^\s,\[\]{}:#]|:(?=\S)|[ \t]+(?=[^\s,\[\]{}:#])|(?<=\S)#)+"""
)
_EXTENT: MappingProxyType[Rule, re.Pattern[str]] = MappingProxyType(
    {
        Rule.UNKNOWN_VARIABLE: _BRACED,
        Rule.OTHER_KIND: _BRACED,
        Rule.UNDECLARED_INPUT: _BRACED,
        Rule.TOO_MANY_VARIABLES: _BRACED,
        Rule.VOLATILE_FIRST: _BRACED,
        Rule.COMPLETION_LAYOUT: _BRACED,
        Rule.UNKNOWN_ROLE: _ROLE,
        Rule.INCLUDE: INCLUDE_LINE,
        Rule.LONE_DOLLAR: _ONE,
        Rule.HIDDEN_CHARACTER: _ONE,
        Rule.BROKEN_TEXT: _ONE,
        Rule.CONTROL_STRING: _CONTROL,
    }
)
"""How far a problem reaches; in the front matter it is the key or the value."""

_KEY_OF = MappingProxyType({Rule.NAME_DIFFERS: "name", Rule.KIND_DIFFERS: "kind"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One change that the checker itself proposes."""

    title: str
    replace: Range
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem as an editor shows it."""

    rule: Rule
    message: str
    """The sentence and what to do."""
    range: Range
    fixes: tuple[Fix, ...] = ()


def findings_in(snapshot: Snapshot, entry: PromptEntry | Partial) -> tuple[Finding, ...]:
    """Return what is wrong with the template or partial that was read from `snapshot`."""
    return tuple(_finding(snapshot, problem) for problem in entry.problems)


def _finding(snapshot: Snapshot, problem: Problem) -> Finding:
    if problem.place == TOP:
        span, exact = _top(snapshot, problem.rule), False
    else:
        span, exact = _extent(snapshot, problem)
    return Finding(
        rule=problem.rule,
        message=f"{problem.sentence} {problem.hint}".rstrip(),
        range=span,
        fixes=tuple(_fixes(snapshot, problem, span)) if exact else (),
    )


def _extent(snapshot: Snapshot, problem: Problem) -> tuple[Range, bool]:
    """Return what a problem covers, and whether that is the very thing it is about.

    What is wrong inside of a partial is told at the line that includes it: all of that line.
    """
    start = _position(snapshot.lines, problem.place)
    line = snapshot.line(start.line)
    found = _EXTENT.get(problem.rule, _YAML_VALUE).match(line, start.character)
    if found is not None and found.group():
        group = found.re.groups if found.re.groups and found[found.re.groups] else 0
        first, end = found.span(group)
        return Range(Position(start.line, first), Position(start.line, end)), True
    if start.character >= len(line) and problem.rule is Rule.BROKEN_TEXT:
        return Range(start, Position(start.line + 1, 0)), True
    return Range(start, Position(start.line, max(start.character, len(line.rstrip())))), False


def _top(snapshot: Snapshot, rule: Rule) -> Range:
    """Return the key that differs from the file's name, or else the first line."""
    key = _KEY_OF.get(rule)
    if key is not None:
        pattern = re.compile(rf"{key}[ \t]*:[ \t]*(\S.*?)[ \t]*\Z")
        for number in range(1, snapshot.line_count):
            found = pattern.match(snapshot.line(number))
            if found is not None:
                start, end = found.span(1)
                return Range(Position(number, start), Position(number, end))
    return Range(Position(0, 0), Position(0, len(snapshot.line(0))))


def _position(lines: Sequence[str], place: Place) -> Position:
    """Return where the checker's place is in a document whose lines may also end with a bare CR.

    The checker counts lines by line feeds and does not count a byte order mark.
    """
    number, column = 1, place.column - 1
    if place.line == 1 and lines[0].startswith("\ufeff"):
        column += 1
    for at, text in enumerate(lines):
        if number < place.line:
            number += text.endswith("\n")
        elif text.endswith("\r") and column >= len(text):
            column -= len(text)
        else:
            return Position(at, min(column, len(text.rstrip("\r\n"))))
    return Position(len(lines) - 1, len(lines[-1]))


def _fixes(snapshot: Snapshot, problem: Problem, span: Range) -> Iterator[Fix]:
    written = snapshot.slice(span)
    if problem.suggestion:
        braced = _BRACED.fullmatch(written)
        text = f"${{{problem.suggestion}}}" if braced else problem.suggestion
        yield Fix(title=f"Change to `{text}`", replace=span, text=text)
    elif problem.rule is Rule.LONE_DOLLAR:
        yield Fix(title="Write `$$`, a dollar", replace=span, text="$$")
        word = re.compile(r"\w+").match(snapshot.line(span.start.line), span.end.character)
        if word is not None and word.group() in VARIABLES:
            named = Range(span.start, Position(span.end.line, word.end()))
            text = f"${{{word.group()}}}"
            yield Fix(title=f"Write `{text}`", replace=named, text=text)
    elif problem.rule is Rule.HIDDEN_CHARACTER:
        yield Fix(title="Delete the hidden character", replace=span, text="")


def touching(findings: Iterable[Finding], span: Range) -> tuple[Finding, ...]:
    """Return the findings that `span`, which may be a mere place, lies in or touches."""
    return tuple(
        each for each in findings if each.range.start <= span.end and span.start <= each.range.end
    )
