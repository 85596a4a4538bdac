"""What a document imports: the names it can use without defining them, and where they are from."""

from __future__ import annotations

from fimble.syntax.import_readers import READERS
from fimble.syntax.imported import ImportedName
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import declarations

__all__ = ["ImportedName", "imports"]


def imports(tree: SyntaxTree) -> tuple[ImportedName, ...]:
    """Return what a document imports, in the order of the text.

    Imports inside functions are not looked for, those under a condition at the top are. Only the
    first hundred thousand nodes are looked at.
    """
    nodes = tree.language.nodes
    containers = {kind for kind, rule in nodes.definitions.items() if rule.container}
    found: list[ImportedName] = []
    for _depth, node in declarations(tree.root, into=nodes.transparent | containers):
        if rule := nodes.imports.get(node.type):
            found.extend(READERS[rule.style](tree, node, rule))
    return tuple(found)
