"""A finished parse together with the text it was made from, in coordinates of the whole document.

tree-sitter counts bytes; this class is the one place where its bytes become our positions. The
parsed text may be an excerpt of the document (`window`): callers never notice, as every place
that goes in or comes out is a place in the document.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

from fimble.syntax.language import Language
from fimble.text.position import ByteOffset, Position, Range
from fimble.text.snapshot import Snapshot

_VISIT_LIMIT = 20_000
"""Nodes that counting errors may look at (about 5 ms): a broken file is just "many"."""


class SyntaxTree:
    """An immutable tree over an immutable text; safe to keep while the document moves on."""

    __slots__ = (
        "_excerpt",
        "_language",
        "_rows_are_lines",
        "_snapshot",
        "_source",
        "_start",
        "_tree",
    )

    def __init__(
        self,
        tree: tree_sitter.Tree,
        *,
        language: Language,
        snapshot: Snapshot,
        excerpt: Snapshot | None = None,
        start: Position | None = None,
    ) -> None:
        """Bind a tree to its text.

        Args:
            tree: A tree that nobody edits any more.
            language: What it was parsed as.
            snapshot: The document.
            excerpt: The part of the document that was parsed; the whole when None.
            start: Where the excerpt begins in the document.
        """
        self._tree = tree
        self._language = language
        self._snapshot = snapshot
        self._excerpt = snapshot if excerpt is None else excerpt
        self._start = Position(0, 0) if start is None else start
        # tree-sitter ends rows at LF alone, so that its rows are our lines where there is no CR.
        self._source = self._excerpt.utf8
        self._rows_are_lines = b"\r" not in self._source

    @property
    def language(self) -> Language:
        """What the document was parsed as."""
        return self._language

    @property
    def snapshot(self) -> Snapshot:
        """The document the tree speaks about."""
        return self._snapshot

    @property
    def covered(self) -> Range:
        """The part of the document that was parsed; all of it unless the document is huge."""
        return Range(self._start, self._outward(self._excerpt.end))

    @property
    def root(self) -> tree_sitter.Node:
        """The root, for walks inside this package; its offsets count from the excerpt."""
        return self._tree.root_node

    def editable_copy(self) -> tree_sitter.Tree:
        """Return a copy that may be edited, for a parse that starts from this one."""
        return self._tree.copy()

    @property
    def source(self) -> bytes:
        """The bytes that offsets of nodes point into."""
        return self._source

    def byte_at(self, position: Position) -> int:
        """Convert a place in the document to an offset into `source`, clamped to what it covers."""
        if position <= self._start:
            return 0
        line, character = position
        if line == self._start.line:
            character -= self._start.character
        return self._excerpt.byte_offset(Position(line - self._start.line, character))

    def position_at(self, byte: int) -> Position:
        """Convert an offset into `source` to a place in the document."""
        return self._outward(self._excerpt.position_at_byte(ByteOffset(byte)))

    def range_between(self, start_byte: int, end_byte: int) -> Range:
        """Convert two offsets into `source` to a range of the document."""
        return Range(self.position_at(start_byte), self.position_at(end_byte))

    def range_of(self, node: tree_sitter.Node) -> Range:
        """Return the place of a node of this tree; ten times faster than by its offsets."""
        return Range(
            self._place(node.start_byte, node.start_point),
            self._place(node.end_byte, node.end_point),
        )

    def first_line_of(self, node: tree_sitter.Node) -> int:
        """Return the line of the document that a node of this tree begins on."""
        if self._rows_are_lines:
            return self._start.line + node.start_point[0]
        return self.position_at(node.start_byte).line

    def last_line_of(self, node: tree_sitter.Node) -> int:
        """Return the line of the document that a node of this tree ends on."""
        if self._rows_are_lines:
            return self._start.line + node.end_point[0]
        return self.position_at(node.end_byte).line

    def text_between(self, start_byte: int, end_byte: int) -> str:
        """Return a part of `source`; what is not UTF-8 there is replaced, never an error."""
        return self._source[start_byte:end_byte].decode("utf-8", "replace")

    def text_of(self, node: tree_sitter.Node, *, limit_bytes: int = 500) -> str:
        """Return the text of a node of this tree, cut at `limit_bytes`."""
        start = node.start_byte
        return self.text_between(start, min(node.end_byte, start + limit_bytes))

    def error_count(self) -> int:
        """Count syntax errors: skipped text and missing tokens. Stops early in a broken file."""
        return sum(1 for _ in error_nodes(self._tree, 0, len(self.source) + 1))

    def errors(self) -> Iterator[tuple[Position, str]]:
        """Yield where syntax errors begin, each with the token that is missing or ""."""
        for node in error_nodes(self._tree, 0, len(self._source) + 1):
            yield self.position_at(node.start_byte), node.type if node.is_missing else ""

    def error_count_in(self, span: Range) -> int:
        """Count the syntax errors that touch a range of the document."""
        errors = error_nodes(self._tree, self.byte_at(span.start), self.byte_at(span.end))
        return sum(1 for _ in errors)

    def last_error_before(self, byte: int) -> int | None:
        """Return where the last syntax error at or before an offset into `source` begins."""
        starts = [node.start_byte for node in error_nodes(self._tree, 0, byte)]
        return max(starts, default=None)

    def _place(self, byte: int, point: tree_sitter.Point) -> Position:
        row, column = point
        if self._rows_are_lines and self._source[byte - column : byte].isascii():
            return self._outward(Position(row, column))
        return self.position_at(byte)

    def _outward(self, inner: Position) -> Position:
        character = inner.character + (self._start.character if inner.line == 0 else 0)
        return Position(inner.line + self._start.line, character)


def error_nodes(tree: tree_sitter.Tree, first: int, last: int) -> Iterator[tree_sitter.Node]:
    """Yield skipped text and missing tokens that touch a span of bytes, from left to right."""
    cursor = tree.walk()
    for _ in range(_VISIT_LIMIT):
        node = cursor.node
        if node is None:
            break
        inside = node.has_error and node.start_byte <= last and node.end_byte >= first
        if inside and (node.is_error or node.is_missing):
            yield node
        if inside and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
