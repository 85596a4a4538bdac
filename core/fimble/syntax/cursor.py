"""Is the cursor in code, in a comment or in a string?"""

from __future__ import annotations

import tree_sitter

from fimble.syntax.lexical import Region, region_after
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import path_to
from fimble.text.position import Position, Range

__all__ = ["Region", "cursor_region"]

_READ_LIMIT_BYTES = 8_000
"""How far back an error may lie to be read from; a page, as a string is rarely longer."""


def cursor_region(tree: SyntaxTree, position: Position) -> Region:
    """Tell what the text to the left and to the right of a place belongs to.

    Before the first and behind the last mark of a literal is code; so is an interpolation. The
    tree decides; where it is broken before the place, as it is while a string has no closing mark
    yet, the text from there to the cursor is read token by token.
    """
    byte = tree.byte_at(position)
    path = path_to(tree.root, byte - 1) if byte else []
    region = _region_of_path(tree, path, byte)
    if region is not Region.CODE:
        return region
    start = _unparsed_from(tree, path, position, byte)
    if start is None:
        return region
    return region_after(tree.language, tree.text_between(start, byte))


def _unparsed_from(
    tree: SyntaxTree, path: list[tree_sitter.Node], position: Position, byte: int
) -> int | None:
    """Return the offset of code from which on the text must be read; None if the tree suffices."""
    if path and path[-1].type in tree.language.nodes.opaque:
        return path[-1].start_byte
    error = tree.last_error_before(byte)
    if error is None or byte - error > _READ_LIMIT_BYTES:
        line_start = Position(position.line, 0)
        if tree.error_count_in(Range(line_start, position)) == 0:
            return None
        error = tree.byte_at(line_start)
    literal = _literal_over(tree, error)
    return error if literal is None else min(byte, literal.end_byte)


def _region_of_path(tree: SyntaxTree, path: list[tree_sitter.Node], byte: int) -> Region:
    nodes = tree.language.nodes
    for node in reversed(path):
        kind = node.type
        if kind in nodes.interpolations and node.start_byte < byte < node.end_byte:
            return Region.CODE
        if kind in nodes.comments and _in_comment(tree, node, byte):
            return Region.COMMENT
        if kind in nodes.strings and _in_string(tree, node, byte):
            return Region.STRING
    return Region.CODE


def _in_comment(tree: SyntaxTree, node: tree_sitter.Node, byte: int) -> bool:
    language = tree.language
    text = tree.text_between(node.start_byte, node.start_byte + 8)
    opening, closing = language.block_comment or ("", "")
    is_block = bool(opening) and text.startswith(opening)
    if language.line_comment is None and not is_block:
        return False  # Markdown has one node type for comments and for other HTML.
    if byte < node.end_byte:
        return byte > node.start_byte
    if is_block:
        return not tree.source.endswith(closing.encode(), node.start_byte, node.end_byte)
    return tree.source[byte - 1 : byte] != b"\n"


def _in_string(tree: SyntaxTree, node: tree_sitter.Node, byte: int) -> bool:
    if byte < node.end_byte:
        return byte > node.start_byte
    if node.type in tree.language.nodes.open_ended:
        return True
    return node.has_error and not _is_closed(tree, node)


def _is_closed(tree: SyntaxTree, node: tree_sitter.Node) -> bool:
    start, end = node.start_byte, node.end_byte
    return any(
        tree.source.endswith(quote.encode(), start, end) and end - start >= 2 * len(quote)
        for quote in tree.language.quotes
    )


def _literal_over(tree: SyntaxTree, byte: int) -> tree_sitter.Node | None:
    """Return the outermost comment or string that began before an offset and goes on behind it."""
    nodes = tree.language.nodes
    for node in path_to(tree.root, byte):
        if node.start_byte < byte and (node.type in nodes.comments or node.type in nodes.strings):
            return node
    return None
