"""The value that all import readers produce."""

from __future__ import annotations

from dataclasses import dataclass

import tree_sitter

from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedName:
    """One name, or one whole module, that a document imports."""

    module: str
    """Where it comes from, spelled as in the document: a module, package, namespace or path."""
    name: str
    """What is taken out of the module; empty for the module itself, "*" for everything."""
    alias: str
    """What it is called here; empty when it keeps its name."""
    range: Range
    """The whole import statement."""

    @property
    def local(self) -> str:
        """The name to use in this document; empty when there is no single one."""
        return self.alias or ("" if self.name == "*" else self.name or self.module)


def imported(
    tree: SyntaxTree, node: tree_sitter.Node, module: str, name: str = "", alias: str = ""
) -> ImportedName:
    """Make the value for one name of the import statement `node`."""
    return ImportedName(
        module=module,
        name=name,
        alias=alias,
        range=tree.range_of(node),
    )
