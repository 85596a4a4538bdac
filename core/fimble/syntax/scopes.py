"""Which definitions is the cursor in? Also at the open end of a body that is still being typed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import tree_sitter

from fimble.syntax.definitions import Found, header, kind_inside, read_definition
from fimble.syntax.indentation import indentation
from fimble.syntax.language import SymbolKind
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import children, last_leaf, path_to
from fimble.text.position import Position, Range

_CLOSING_MARKS = frozenset({"}", "end"})
_ERROR_CHILD_LIMIT = 5_000
_SPACE_LIMIT = 4_000
_LINE_LIMIT = 240
_NAME = re.compile(r"\w[\w.:?!]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A definition that holds the cursor."""

    kind: SymbolKind
    name: str
    """Empty for what has no name, such as a lambda."""
    range: Range
    body_range: Range | None
    """None when the body is not there yet, or the definition has none."""
    header: str
    """The definition's text up to its body, on one line."""


def enclosing_scopes(tree: SyntaxTree, position: Position) -> tuple[Scope, ...]:
    """Return the definitions around a place, innermost last.

    A place behind the last token of a definition is still inside if the definition lacks its
    closing mark, or if nothing but indentation could close it and the place is indented deeper.
    """
    byte = tree.byte_at(position)
    anchor = len(tree.source[:byte].rstrip()) - 1
    if anchor < 0:
        return ()
    column = _column(tree, position)
    # Some grammars let a body reach over the white space behind it: that holds nothing.
    following = byte + _leading_space(tree.source, byte)
    path = path_to(tree.root, anchor)
    scopes: list[Scope] = []
    last: Found | None = None
    for node in path:
        found = read_definition(tree, node)
        if found is None or not found.is_scope or (last and _same_function(last, found)):
            continue
        if node.end_byte > following or _still_open(tree, node, byte, anchor, column):
            last = found
            scopes.append(_scope(tree, found, scopes[-1].kind if scopes else None))
    if any(node.is_error for node in path):
        return _with_broken(tree, path, byte, column, scopes)
    return tuple(scopes)


def _same_function(outer: Found, inner: Found) -> bool:
    """Tell whether a function without a name is the value that gave `outer` its kind."""
    return (
        not inner.name
        and not outer.rule.scope
        and inner.node.end_byte == outer.node.end_byte
        and inner.kind is SymbolKind.FUNCTION
    )


def _scope(tree: SyntaxTree, found: Found, outer: SymbolKind | None) -> Scope:
    node, body = found.node, found.body
    return Scope(
        kind=kind_inside(found.kind, outer),
        name=found.name,
        range=tree.range_of(node),
        body_range=None if body is None else tree.range_of(body),
        header=header(tree, found),
    )


def _still_open(
    tree: SyntaxTree, node: tree_sitter.Node, byte: int, anchor: int, column: int
) -> bool:
    """Decide about a definition whose last token ends at the anchor, before the cursor."""
    language = tree.language
    if node.type in language.nodes.open_ended:
        return node.end_byte > byte or byte > anchor + 1 or byte == len(tree.source)
    leaf = last_leaf(node)
    if leaf.is_missing:
        return True
    if not language.indent_blocks and leaf.type in _CLOSING_MARKS:
        return False
    if byte == anchor + 1:
        return language.indent_blocks
    return _line_indentation(tree, tree.position_at(node.start_byte).line) < column


def _leading_space(source: bytes, byte: int) -> int:
    """Count the white space from an offset on, up to a limit."""
    text = source[byte : byte + _SPACE_LIMIT]
    return len(text) - len(text.lstrip())


def _column(tree: SyntaxTree, position: Position) -> int:
    """Return how deep the cursor's line is indented, or will be if it is still blank."""
    line, character = tree.snapshot.clamp(position)
    text = tree.snapshot.line(line)
    return indentation(text if text.strip() else text[:character])


def _line_indentation(tree: SyntaxTree, line: int) -> int:
    return indentation(tree.snapshot.line(line))


def _with_broken(
    tree: SyntaxTree, path: list[tree_sitter.Node], byte: int, column: int, scopes: list[Scope]
) -> tuple[Scope, ...]:
    """Add definitions that did not parse: their keyword is known, and indentation says the rest."""
    candidates = [
        candidate
        for node in path
        if node.is_error
        for candidate in _beginnings(tree, node, byte)
        if all(candidate.range.start != scope.range.start for scope in scopes)
    ]
    known = {id(scope) for scope in scopes}
    merged: list[Scope] = []
    limit = column
    for scope in sorted([*candidates, *scopes], key=lambda each: each.range.start, reverse=True):
        width = _line_indentation(tree, scope.range.start.line)
        if id(scope) in known or width < limit:
            merged.append(scope)
            limit = min(limit, width)
    outer: SymbolKind | None = None
    result: list[Scope] = []
    for scope in reversed(merged):
        result.append(replace(scope, kind=kind_inside(scope.kind, outer)))
        outer = scope.kind
    return tuple(result)


def _beginnings(tree: SyntaxTree, error: tree_sitter.Node, byte: int) -> list[Scope]:
    """Find how definitions begin right below an error node, before the cursor."""
    nodes = tree.language.nodes
    found: list[Scope] = []
    before: tree_sitter.Node | None = None
    for child in children(error, limit=_ERROR_CHILD_LIMIT):
        if child.end_byte > byte:
            break
        kind = nodes.keywords.get(child.type)
        if kind is not None:
            after = tree.text_between(child.end_byte, child.end_byte + _LINE_LIMIT)
            found.append(_broken_scope(tree, child, error, kind, after))
        elif child.type in nodes.signatures:
            named = before if before and tree.source.startswith(b"(", child.start_byte) else child
            name = tree.text_of(named).partition("(")[0]
            found.append(_broken_scope(tree, named, error, SymbolKind.FUNCTION, name))
        before = child
    return found


def _broken_scope(
    tree: SyntaxTree,
    node: tree_sitter.Node,
    error: tree_sitter.Node,
    kind: SymbolKind,
    text: str,
) -> Scope:
    """Make a scope of a definition's beginning; its name is the first word of `text`'s line."""
    name = _NAME.search(text.partition("\n")[0])
    start = tree.position_at(node.start_byte)
    return Scope(
        kind=kind,
        name=name.group() if name else "",
        range=Range(start, tree.position_at(error.end_byte)),
        body_range=None,
        header=tree.snapshot.line(start.line).strip().rstrip(" {:")[:_LINE_LIMIT],
    )
