"""What a document says about a place in it, as values for a template.

The same values for the preview in a terminal, the tests of templates and the editor, so that a
prompt that was tested is the prompt that is sent. What only an editor or a version control system
knows (diagnostics, a diff, what the user typed) its caller adds; a completion session cuts
`prefix` and `suffix` to its window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fimble.syntax.imports import imports
from fimble.syntax.language import SymbolKind
from fimble.syntax.languages import language_for
from fimble.syntax.outline import outline
from fimble.syntax.scopes import enclosing_scopes
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot

LINES_AROUND = 80
"""Lines before and after the selection; a template's budgets say how much of them is kept."""

_MAX_SYMBOLS = 400
_CALLABLE = frozenset({SymbolKind.FUNCTION, SymbolKind.METHOD})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInDocument:
    """A cursor, with or without a selection."""

    snapshot: Snapshot
    cursor: Position
    path: str
    """Inside the repository, with slashes."""
    selection: Range | None = None
    """None takes the function or class around the cursor, or else its line."""


def place_values(place: PlaceInDocument, tree: SyntaxTree | None) -> dict[str, str]:
    """Return the values that follow from the document alone.

    Args:
        place: Where.
        tree: The document's syntax tree; None leaves out what only syntax tells.
    """
    snapshot = place.snapshot
    language = tree.language if tree else language_for(snapshot.language_id, place.path)
    values = {
        "path": place.path,
        "language": language.name if language else "",
        "file": snapshot.text,
        "prefix": snapshot.slice(Range(Position(0, 0), place.cursor)),
        "suffix": snapshot.slice(Range(place.cursor, snapshot.end)),
    }
    symbol = symbol_range(snapshot, place.cursor, tree)
    span = place.selection or symbol or _line_range(snapshot, place.cursor.line)
    start, end = span.start.line, _last_line(span)
    values["selection"] = snapshot.slice(span).rstrip("\r\n")
    values["before"] = _lines(snapshot, max(0, start - LINES_AROUND), start)
    values["after"] = _lines(snapshot, end + 1, end + 1 + LINES_AROUND)
    if symbol is not None:
        values["symbol"] = snapshot.slice(symbol)
    if tree is not None:
        values["imports"] = _unique(snapshot.slice(each.range) for each in imports(tree))
        values["outline"] = _outline(tree)
    return values


def symbol_range(snapshot: Snapshot, cursor: Position, tree: SyntaxTree | None) -> Range | None:
    """Return the innermost named function at a place, or else the innermost named definition.

    It begins where its first line does, indentation included, so that an answer can replace it.
    """
    if tree is None:
        return None
    named = [scope for scope in enclosing_scopes(tree, cursor) if scope.name]
    callable_scopes = [scope for scope in named if scope.kind in _CALLABLE]
    if not named:
        return None
    chosen = (callable_scopes or named)[-1].range
    first = snapshot.line(chosen.start.line)
    if first[: chosen.start.character].isspace():
        return Range(Position(chosen.start.line, 0), chosen.end)
    return chosen


def _line_range(snapshot: Snapshot, line: int) -> Range:
    return Range(Position(line, 0), Position(line, len(snapshot.line(line))))


def _last_line(span: Range) -> int:
    """Return the last line that the span covers; one that it only touches does not count."""
    if span.end.character == 0 and span.end.line > span.start.line:
        return span.end.line - 1
    return span.end.line


def _lines(snapshot: Snapshot, first: int, end: int) -> str:
    text = "".join(
        snapshot.line_with_ending(line) for line in range(first, min(end, snapshot.line_count))
    )
    return text.strip("\r\n") if text.strip() else ""


def _unique(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(texts))


def _outline(tree: SyntaxTree) -> str:
    """Return the signatures, members indented below what holds them."""
    lines = [
        f"{'    ' * (symbol.container.count('.') + 1 if symbol.container else 0)}{symbol.signature}"
        for symbol in outline(tree)[:_MAX_SYMBOLS]
    ]
    return "\n".join(lines)
