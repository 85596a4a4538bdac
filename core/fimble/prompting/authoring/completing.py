"""What can be written at a place in a template: keys, words, variables, roles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from fimble.prompting.authoring.front_outline import FrontOutline, FrontPlace
from fimble.prompting.authoring.front_schema import (
    form_of,
    keys_of,
    meaning_of,
    names_variable,
    required_in,
    schema_at,
    words_of,
)
from fimble.prompting.authoring.layout import Layout
from fimble.prompting.json_schema import Schema
from fimble.prompting.parse import NO_PARTIALS
from fimble.prompting.partial import Partial
from fimble.prompting.template import Role
from fimble.prompting.variables import INPUT_PREFIX, VARIABLES, Kind, Nature, Variable
from fimble.prompting.volatility import Volatility
from fimble.text.position import Position, Range

_OPEN_SLOT = re.compile(r"\$\$|\$\{[^{}\n]*\}|\$\{(?P<name>[^{}\s]*)\Z")
_OPEN_ROLE = re.compile(r"\[\[ {0,4}(?P<name>[\w.:\-]*)\Z")
_OPEN_INCLUDE = re.compile(r"\[\[ {0,4}include[ \t]{1,4}(?P<name>[\w.\-]*)\Z")
_WORD_END = re.compile(r"[\w.\-]*\Z")
_WORD_START = re.compile(r"[\w.\-]*")
_ROLES = MappingProxyType(
    {
        Role.SYSTEM: "Opens what the model is told before the conversation.",
        Role.USER: "Opens what the user says; text before the first role line is the user's too.",
        Role.ASSISTANT: "Opens an example of an answer, or at the end the answer's beginning.",
    }
)


class ProposalKind(Enum):
    """What a proposal is, for its picture in a menu."""

    KEY = auto()
    WORD = auto()
    VARIABLE = auto()
    ROLE = auto()
    PARTIAL = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One entry of a completion menu."""

    kind: ProposalKind
    label: str
    text: str
    """What takes the place of `replace`."""
    replace: Range
    detail: str = ""
    """A few words beside the label."""
    meaning: str = ""
    """A sentence; plain text, for the template's author may have written it."""
    late: bool = False
    """Shown after the others: it is known, but the checker would refuse it here."""


def proposals_at(
    layout: Layout, cursor: Position, partials: Mapping[str, Partial] = NO_PARTIALS
) -> tuple[Proposal, ...]:
    """Return what can be written at `cursor`, the best first; nothing where text is free.

    Args:
        layout: The template.
        cursor: A place in it.
        partials: What the template may include, by name.
    """
    line = layout.lines[cursor.line]
    head, tail = line[: cursor.character], line[cursor.character :]
    if cursor.line in layout.front:
        return tuple(_in_front_matter(layout, cursor, head, tail))
    if cursor.line in layout.body:
        return tuple(_in_body(layout, cursor, head, tail, partials))
    return ()


def _in_body(
    layout: Layout, cursor: Position, head: str, tail: str, partials: Mapping[str, Partial]
) -> Iterator[Proposal]:
    slots = [found.group("name") for found in _OPEN_SLOT.finditer(head)]
    if slots and slots[-1] is not None:
        span, closing = _enclosed(cursor, len(slots[-1]), tail, "}")
        yield from _variables(layout, span, closing=closing, cursor=cursor)
        return
    include = _OPEN_INCLUDE.match(head)
    if include is not None:
        span, closing = _enclosed(cursor, len(include.group("name")), tail, "]]")
        yield from _partials(partials, span, closing)
        return
    role = _OPEN_ROLE.match(head)
    if role is not None:
        span, closing = _enclosed(cursor, len(role.group("name")), tail, "]]")
        yield from _role_lines(layout, span, closing, partials)


def _role_lines(
    layout: Layout, span: Range, closing: str, partials: Mapping[str, Partial]
) -> Iterator[Proposal]:
    """Yield what may stand between double brackets; a completion layout has no roles."""
    for name, meaning in _ROLES.items() if layout.kind is not Kind.COMPLETE else ():
        yield Proposal(
            kind=ProposalKind.ROLE,
            label=name.value,
            text=name.value + closing,
            replace=span,
            detail="role",
            meaning=meaning,
        )
    yield from _partials(partials, span, closing, before="include ")


def _partials(
    partials: Mapping[str, Partial], span: Range, closing: str, before: str = ""
) -> Iterator[Proposal]:
    for name, partial in partials.items():
        yield Proposal(
            kind=ProposalKind.PARTIAL,
            label=before + name,
            text=before + name + closing,
            replace=span,
            detail="partial",
            meaning=partial.text.partition("\n")[0],
        )


def _variables(
    layout: Layout, span: Range, *, closing: str, cursor: Position
) -> Iterator[Proposal]:
    """Yield every variable; those that would stand after a more volatile one come last."""
    known = layout.variables
    before = [slot.name for slot in layout.slots() if slot.range.end <= cursor]
    volatile = max((known[name] for name in before if name in known), key=_rank, default=None)
    for variable in _sorted(known.values()):
        late = (
            volatile is not None
            and variable.nature is not Nature.CONTROL
            and variable.volatility < volatile.volatility
            and not (variable.nature is Nature.LINE and variable.name in before)
        )
        warning = f", less volatile than ${{{volatile.name}}} above" if late and volatile else ""
        yield Proposal(
            kind=ProposalKind.VARIABLE,
            label=variable.name,
            text=variable.name + closing,
            replace=span,
            detail=f"{variable.volatility.label}{warning}",
            meaning=variable.summary,
            late=late,
        )


def _rank(variable: Variable) -> Volatility:
    return variable.volatility


def _sorted(variables: Iterable[Variable]) -> list[Variable]:
    """Sort inputs first, for they are the template's own, then by name."""
    return sorted(variables, key=lambda each: (not each.name.startswith(INPUT_PREFIX), each.name))


def _in_front_matter(layout: Layout, cursor: Position, head: str, tail: str) -> Iterator[Proposal]:
    outline = FrontOutline.of(
        layout.lines[layout.front.start : cursor.line], first_line=layout.front.start
    )
    # On a line that is empty or only indented, the column says what the next word belongs to.
    before = _WORD_END.sub("", head)
    outline.read(cursor.line, f"{before}x" if not before.strip("- ") else head)
    place = outline.place
    schema = schema_at(place.path)
    if schema is None:
        return
    word = _WORD_END.search(head)
    span = _word(cursor, len(word.group()) if word else 0, tail)
    if not place.in_value and keys_of(schema):
        yield from _keys(layout, place, schema, span, tail)
    elif place.path == ("inputs",) and not place.in_value:
        yield from _undeclared(layout, span)
    elif names_variable(schema):
        yield from _named_variables(layout, span, head)
    else:
        space = " " if head.endswith(":") else ""
        for name in words_of(schema):
            yield Proposal(
                kind=ProposalKind.WORD,
                label=name,
                text=space + name,
                replace=span,
                detail=place.path[-1],
                meaning=meaning_of(schema),
            )


def _keys(
    layout: Layout, place: FrontPlace, schema: Schema, span: Range, tail: str
) -> Iterator[Proposal]:
    present = {
        key.path[-1]
        for key in layout.outline.keys
        if key.path[:-1] == place.path
        and not (key.line == span.start.line and key.start <= span.start.character <= key.end)
    }
    colon = "" if _WORD_START.sub("", tail, count=1).lstrip().startswith(":") else ": "
    required = required_in(schema)
    for name, value in keys_of(schema).items():
        if name in present:
            continue
        form = form_of(value)
        yield Proposal(
            kind=ProposalKind.KEY,
            label=name,
            text=name + colon,
            replace=span,
            detail=f"{form} (required)" if name in required else form,
            meaning=meaning_of(value),
        )


def _undeclared(layout: Layout, span: Range) -> Iterator[Proposal]:
    """Yield the inputs that the body names and nobody declares."""
    declared = layout.variables
    for name in dict.fromkeys(slot.name for slot in layout.slots()):
        if name.startswith(INPUT_PREFIX) and name not in declared:
            own = name.removeprefix(INPUT_PREFIX)
            detail = f"${{{name}}} in the body"
            yield Proposal(
                kind=ProposalKind.KEY, label=own, text=f"{own}: ", replace=span, detail=detail
            )


def _named_variables(layout: Layout, span: Range, head: str) -> Iterator[Proposal]:
    """Yield the variables that the body names and this part of the front matter does not yet."""
    used = dict.fromkeys(slot.name for slot in layout.slots())
    known = layout.variables
    names = [name for name in used if name in known] or [
        name for name in known if name not in VARIABLES or known[name].nature is not Nature.CONTROL
    ]
    space = " " if head.endswith(":") else ""
    for name in names:
        yield Proposal(
            kind=ProposalKind.VARIABLE,
            label=name,
            text=space + name,
            replace=span,
            detail=known[name].volatility.label,
            meaning=known[name].summary,
        )


def _enclosed(cursor: Position, before: int, tail: str, closing: str) -> tuple[Range, str]:
    """Return what to replace and what to close it with: words after the cursor may be text."""
    word = _WORD_START.match(tail)
    if word is not None and tail.startswith(closing, word.end()):
        return _word(cursor, before, tail), ""
    return _word(cursor, before, ""), closing


def _word(cursor: Position, before: int, tail: str) -> Range:
    """Return the word around the cursor, of which `before` characters stand before it."""
    after = _WORD_START.match(tail)
    end = cursor.character + (len(after.group()) if after else 0)
    return Range(Position(cursor.line, cursor.character - before), Position(cursor.line, end))
