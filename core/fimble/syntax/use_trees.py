"""Flatten Rust's nested `use` declarations, with a stack instead of recursion."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter

from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import children, follow

_NAME_LIMIT = 1_000
"""Names in one declaration."""


def read_use_tree(tree: SyntaxTree, node: tree_sitter.Node) -> Iterator[tuple[str, str, str]]:
    """Yield (module, name, alias) for each name of a `use` or `extern crate` declaration."""
    if node.type == "extern_crate_declaration":
        alias = follow(node, "alias")
        yield _text(tree, follow(node, "name")), "", _text(tree, alias)
        return
    argument = node.child_by_field_name("argument")
    waiting = [("", argument)] if argument is not None else []
    for _ in range(_NAME_LIMIT):
        if not waiting:
            return
        prefix, item = waiting.pop()
        match item.type:
            case "scoped_use_list" | "use_list":
                module = _join(prefix, _text(tree, item.child_by_field_name("path")))
                names = item.child_by_field_name("list") or item
                inside = [child for child in children(names, limit=_NAME_LIMIT) if child.is_named]
                waiting.extend((module, child) for child in reversed(inside))
            case "use_wildcard":
                module = _text(tree, next((c for c in children(item) if c.is_named), None))
                yield _join(prefix, module), "*", ""
            case "use_as_clause":
                path = _join(prefix, _text(tree, item.child_by_field_name("path")))
                yield (*_split(path), _text(tree, item.child_by_field_name("alias")))
            case "self":
                yield prefix, "", ""
            case _:
                yield (*_split(_join(prefix, _text(tree, item))), "")


def _text(tree: SyntaxTree, node: tree_sitter.Node | None) -> str:
    return "" if node is None else tree.text_of(node)


def _join(prefix: str, path: str) -> str:
    return "::".join(part for part in (prefix, path) if part)


def _split(path: str) -> tuple[str, str]:
    module, _colons, name = path.rpartition("::")
    return module, name
