"""Ways through a tree that never recurse: two hundred thousand nested brackets are a tree too.

All of them use `TreeCursor`; `TreeCursor.copy` is never called, as it crashes (0.25.2), and
`Node.parent` is avoided, as it searches from the root.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

_DEPTH_LIMIT = 4_000
"""How deep a path is followed; hand-written code stays below a hundredth of it."""
_VISIT_LIMIT = 100_000
"""How many nodes a walk over declarations looks at (about 30 ms)."""
_CHILD_LIMIT = 64
"""How many children are searched for a type."""


def path_to(root: tree_sitter.Node, byte: int) -> list[tree_sitter.Node]:
    """Return the nodes that hold the byte at an offset, outermost first; `root` always counts."""
    path = [root]
    cursor = root.walk()
    while len(path) < _DEPTH_LIMIT and cursor.goto_first_child_for_byte(byte) is not None:
        node = cursor.node
        if node is None or not node.start_byte <= byte < node.end_byte:
            break
        path.append(node)
    return path


def declarations(
    root: tree_sitter.Node, *, into: frozenset[str]
) -> Iterator[tuple[int, tree_sitter.Node]]:
    """Yield named nodes in the order of the text, each with its depth below `root`.

    Only nodes whose type is in `into` are entered, so that bodies of functions cost nothing: seven
    times faster than a query, which visits every node.
    """
    cursor = root.walk()
    if not cursor.goto_first_child():
        return
    depth = 1
    for _ in range(_VISIT_LIMIT):
        node = cursor.node
        if node is None:
            return
        if node.is_named:
            yield depth, node
        if node.type in into and cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if depth == 1 or not cursor.goto_parent():
                return
            depth -= 1


def children(node: tree_sitter.Node, *, limit: int = _CHILD_LIMIT) -> Iterator[tree_sitter.Node]:
    """Yield the first children of a node, at most `limit`."""
    cursor = node.walk()
    if not cursor.goto_first_child():
        return
    for _ in range(limit):
        child = cursor.node
        if child is None:
            return
        yield child
        if not cursor.goto_next_sibling():
            return


def last_leaf(node: tree_sitter.Node) -> tree_sitter.Node:
    """Return the last token of a node, or the node itself if it is one."""
    cursor = node.walk()
    while cursor.goto_last_child():
        pass
    return cursor.node or node


def follow(node: tree_sitter.Node, path: str) -> tree_sitter.Node | None:
    """Follow a path of fields and child types (see `language.Definition`); None if it breaks."""
    if (found := node.child_by_field_name(path)) is not None:
        return found  # Most paths are one field: no need to take them apart.
    current = node
    for step in path.split("/"):
        repeated = step.endswith("*")
        found = _step(current, step.rstrip("*"))
        if found is None:
            return None
        current = found
        while repeated and (found := _step(current, step.rstrip("*"))) is not None:
            current = found
    return current


def first_of(node: tree_sitter.Node, paths: tuple[str, ...]) -> tree_sitter.Node | None:
    """Follow the first path that leads somewhere."""
    for path in paths:
        if (found := follow(node, path)) is not None:
            return found
    return None


def _step(node: tree_sitter.Node, step: str) -> tree_sitter.Node | None:
    if (found := node.child_by_field_name(step)) is not None:
        return found
    for child in children(node):
        if child.type == step:
            return child
    return None
