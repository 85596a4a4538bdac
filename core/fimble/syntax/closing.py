"""Where text that is appended at a place closes something that stood open there.

Only the text before the place and what is appended are parsed, not what follows: a document that
already holds the closing marks below would otherwise hide the end. tree-sitter leaves the marks
that nothing closes yet loose under an error node, but joins every closed pair into a node; so a
closing mark in the appended text is looked up in the tree, and the question is only whether its
opening mark stands before the place or behind it.
"""

from __future__ import annotations

import tree_sitter

from fimble.syntax.parser import SlicedParser
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import children, path_to
from fimble.text.position import Position

_PREFIX_BYTES = 12_000
"""How much text before the place is parsed at most: some 300 lines."""
_SIBLINGS = 5_000
_LEAVES = 20_000
_OPENING = {")": "(", "]": "[", "}": "{"}
_CLOSING_WORDS = frozenset({"end", "fi", "done", "esac", "endif", "endforeach", "endwhile"})
_CLOSING_TAGS = {
    "end_tag": "start_tag",
    "jsx_closing_element": "jsx_opening_element",
    "erroneous_end_tag": "",
}


class ClosingWatch:
    """Follows text that grows at one place of a document."""

    __slots__ = (
        "_base",
        "_budget_us",
        "_gave_up",
        "_looked_to",
        "_open_until",
        "_parser",
        "_prefix",
        "_tree",
    )

    def __init__(self, tree: SyntaxTree, place: Position, *, budget_us: int) -> None:
        """Prepare for text at one place.

        Args:
            tree: The document.
            place: Where text is appended.
            budget_us: When a parse is given up; nothing closes any more then.
        """
        self._budget_us = budget_us
        self._gave_up = False
        byte = tree.byte_at(place)
        self._prefix = tree.source[_start_of_prefix(tree, byte) : byte]
        self._parser = SlicedParser(tree.language)
        self._tree: tree_sitter.Tree | None = None
        self._base = b""
        self._open_until = len(self._prefix)
        """What opens before this offset stood open at the place."""
        self._looked_to = len(self._prefix)

    def first_closing(self, text: str) -> int | None:
        """Look at what was appended since the last call.

        Args:
            text: All of the appended text so far, whole tokens.

        Returns:
            The offset in `text` behind the first new token that closes something that stood open
            at the place; None when there is none, or when time ran out.
        """
        if self._gave_up:
            return None
        source = self._prefix + text.encode("utf-8", "surrogatepass")
        if (tree := self._parse(source)) is None:
            return None
        looked_to, self._looked_to = self._looked_to, len(source)
        end = _first_closing(tree.root_node, looked_to, self._open_until)
        if end is None:
            return None
        appended = source[len(self._prefix) : end]
        return len(appended.decode("utf-8", "surrogatepass"))

    def goes_on(self, text: str) -> None:
        """Count what `text` has opened so far as standing open from now on: `} else {`."""
        self._open_until = len(self._prefix) + len(text.encode("utf-8", "surrogatepass"))

    def _parse(self, source: bytes) -> tree_sitter.Tree | None:
        """Parse the text so far, starting from the tree of the text before."""
        base = None
        if self._tree is not None and source.startswith(self._base):
            base = self._tree
            start = len(self._base)
            old_point, new_point = _point_at(source, start), _point_at(source, len(source))
            base.edit(start, start, len(source), old_point, old_point, new_point)
        tree = self._parser.run(source, base, budget_us=self._budget_us)
        if tree is None:
            self._parser.give_up()
            self._gave_up = True
        self._tree, self._base = tree, source
        return tree


def _start_of_prefix(tree: SyntaxTree, byte: int) -> int:
    """Find the outermost node around a place that begins near enough, at the start of its line."""
    for node in path_to(tree.root, max(0, byte - 1)):
        if byte - node.start_byte <= _PREFIX_BYTES:
            return tree.source.rfind(b"\n", 0, node.start_byte) + 1
    return tree.source.rfind(b"\n", 0, max(0, byte - _PREFIX_BYTES)) + 1


def _point_at(source: bytes, byte: int) -> tuple[int, int]:
    return source.count(b"\n", 0, byte), byte - source.rfind(b"\n", 0, byte) - 1


def _first_closing(root: tree_sitter.Node, start: int, open_until: int) -> int | None:
    """Walk the tokens from `start` on; return the end of the first that closes what was open."""
    cursor = root.walk()
    parents: list[tree_sitter.Node] = []
    for _ in range(_LEAVES):
        node = cursor.node
        if node is None:
            return None
        if node.end_byte > start:
            if parents and _closes(node, parents[-1], open_until):
                return node.end_byte
            if cursor.goto_first_child():
                parents.append(node)
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return None
            parents.pop()
    return None


def _closes(node: tree_sitter.Node, parent: tree_sitter.Node, open_until: int) -> bool:
    """Tell whether a node is a closing mark whose opening mark stands before an offset."""
    kind = node.type
    if node.is_missing or node.start_byte < open_until:
        return False
    if kind in _OPENING:
        opening = _opening_of(node, parent)
        if opening is None:  # `a)` in a shell's `case` opens nothing and closes nothing.
            return parent.is_error and kind != ")"
        return opening < open_until
    if kind in _CLOSING_TAGS:
        return parent.is_error or parent.start_byte < open_until
    if kind in _CLOSING_WORDS and not node.is_named:
        return parent.is_error or parent.start_byte < open_until
    return False


def _opening_of(node: tree_sitter.Node, parent: tree_sitter.Node) -> int | None:
    """Return where the bracket that a closing one belongs to stands; None if there is none."""
    opening = _OPENING[node.type]
    stack: list[int] = []
    for sibling in children(parent, limit=_SIBLINGS):
        if sibling.start_byte >= node.start_byte:
            break
        if sibling.type.endswith(opening):  # also `${`, `#{`, `$(`
            stack.append(sibling.start_byte)
        elif sibling.type == node.type and stack:
            stack.pop()
    return stack[-1] if stack else None
