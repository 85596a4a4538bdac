"""What stands at a place in a template, and what is known of it without a document beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fimble.prompting.authoring.front_schema import form_of, meaning_of, names_variable, schema_at
from fimble.prompting.authoring.layout import Layout
from fimble.prompting.partial import INCLUDE_LINE
from fimble.prompting.variables import INPUT_PREFIX, VARIABLES, Kind, Variable
from fimble.text.position import Position, Range

_WORD = re.compile(r"[\w.\-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hovered:
    """One thing that a hover explains."""

    range: Range
    title: str
    """As it is written in the template."""
    facts: str
    """A few words: a volatility, the form of a value."""
    meaning: str
    """A sentence; plain text, for the template's author may have written it."""
    variable: str = ""
    """The variable whose live value belongs below; empty for all else."""
    partial: str = ""
    """The partial whose text belongs below; empty for all else."""


def hovered_at(layout: Layout, cursor: Position) -> Hovered | None:
    """Return what `cursor` is on; None on free text."""
    if cursor.line in layout.front:
        return _key_at(layout, cursor) or _named_at(layout, cursor)
    for slot in layout.slots():
        if slot.range.start <= cursor <= slot.range.end:
            return _variable(layout, slot.name, slot.range)
    return _include_at(layout, cursor) if cursor.line in layout.body else None


def _include_at(layout: Layout, cursor: Position) -> Hovered | None:
    line = layout.lines[cursor.line]
    found = INCLUDE_LINE.match(line)
    if found is None or found[1] is None:
        return None
    return Hovered(
        range=Range(Position(cursor.line, 0), Position(cursor.line, len(line.rstrip()))),
        title=f"[[include {found[1]}]]",
        facts="",
        meaning="The lines of this partial stand here.",
        partial=found[1],
    )


def _key_at(layout: Layout, cursor: Position) -> Hovered | None:
    for key in layout.outline.keys:
        if key.line != cursor.line or not key.start <= cursor.character <= key.end:
            continue
        span = Range(Position(key.line, key.start), Position(key.line, key.end))
        if key.path[:-1] == ("inputs",):
            return _variable(layout, INPUT_PREFIX + key.path[-1], span)
        schema = schema_at(key.path)
        if schema is None:
            return None
        return Hovered(
            range=span,
            title=".".join(name for name in key.path if not name.startswith("[")),
            facts=form_of(schema),
            meaning=meaning_of(schema),
        )
    return None


def _named_at(layout: Layout, cursor: Position) -> Hovered | None:
    """Return the variable that a word under `context` or `optional` names."""
    key = max(
        (key for key in layout.outline.keys if (key.line, key.start) <= cursor),
        key=lambda each: (each.line, each.start),
        default=None,
    )
    schema = schema_at((*key.path, "[0]")) if key else None
    named = key and (key.path[-1] == "variable" or (schema is not None and names_variable(schema)))
    for word in _WORD.finditer(layout.lines[cursor.line]) if named else ():
        if word.start() <= cursor.character <= word.end():
            start = Position(cursor.line, word.start())
            return _variable(layout, word.group(), Range(start, Position(cursor.line, word.end())))
    return None


def _variable(layout: Layout, name: str, span: Range) -> Hovered | None:
    variable = layout.variables.get(name) or VARIABLES.get(name)
    if variable is None:
        return None
    hint = ""
    if name.startswith(INPUT_PREFIX):
        hint = _hint(layout, name.removeprefix(INPUT_PREFIX))
    return Hovered(
        range=span,
        title=f"${{{name}}}",
        facts=f"{variable.volatility.label}, {_kinds(variable)}",
        meaning=hint or variable.summary,
        variable=name,
    )


def _hint(layout: Layout, name: str) -> str:
    """Return what the author says of an input; the line as it stands, whatever its quotes."""
    for key in layout.outline.keys:
        if key.path == ("inputs", name, "hint"):
            return layout.lines[key.line][key.value_start :].strip().strip("}\"'")
    return ""


def _kinds(variable: Variable) -> str:
    if variable.kinds == frozenset(Kind):
        return "in every kind of template"
    return "for " + ", ".join(kind.value for kind in Kind if kind in variable.kinds)
