"""List what a document defines, down to the members of its types, but not inside functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fimble.syntax.definitions import Found, header, kind_inside, read_definition
from fimble.syntax.documentation import first_doc_line
from fimble.syntax.import_readers import READERS
from fimble.syntax.imported import ImportedName
from fimble.syntax.language import SymbolKind
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import declarations, first_of
from fimble.text.position import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One definition."""

    name: str
    kind: SymbolKind
    range: Range
    """All of it, with its body."""
    signature: str
    """Its text up to the body, on one line."""
    doc: str
    """The first line of its documentation; empty without one."""
    container: str
    """The names of the definitions around it, joined with "."; empty at the top."""


class Listed(NamedTuple):
    """One definition by lines alone, for those who list a hundred thousand of them."""

    name: str
    kind: SymbolKind
    first_line: int
    """From 0."""
    last_line: int
    """Included."""
    signature: str
    doc: str
    container: str


class _Open(NamedTuple):
    """A container that the walk is inside of."""

    depth: int
    kind: SymbolKind
    path: str


class _Defined(NamedTuple):
    """A definition that the outline lists, before its texts are read."""

    found: Found
    kind: SymbolKind
    line: int
    container: str
    documented: bool
    """Whether comments above its line can be its own."""


def outline(tree: SyntaxTree) -> tuple[Symbol, ...]:
    """Return the definitions of a document in the order of the text (some 0.03 ms for each)."""
    return tuple(symbols(tree))


def symbols(tree: SyntaxTree) -> Iterator[Symbol]:
    """Yield the definitions of a document in the order of the text.

    Take them in portions where an event loop waits. A definition inside broken code is found as
    far as the parser made it out. Only the first hundred thousand nodes are looked at.
    """
    for found, kind, line, container, documented in _defined(tree):
        yield Symbol(
            name=found.name,
            kind=kind,
            range=tree.range_of(found.node),
            signature=header(tree, found),
            doc=first_doc_line(tree, found.body, line) if documented else "",
            container=container,
        )


def listing(tree: SyntaxTree) -> tuple[list[Listed], list[ImportedName]]:
    """Return what `symbols` and `imports` find, by lines alone and in one walk over the tree."""
    imported: list[ImportedName] = []
    listed = [
        Listed(
            found.name,
            kind,
            line,
            tree.last_line_of(found.node),
            header(tree, found),
            first_doc_line(tree, found.body, line) if documented else "",
            container,
        )
        for found, kind, line, container, documented in _defined(tree, imported)
    ]
    return listed, imported


def _defined(tree: SyntaxTree, imported: list[ImportedName] | None = None) -> Iterator[_Defined]:
    """Walk over the declarations; collect imports on the way where somebody wants them."""
    nodes = tree.language.nodes
    definitions = nodes.definitions
    containers = {kind for kind, rule in definitions.items() if rule.container}
    last_line = -1
    around: list[_Open] = []
    for depth, node in declarations(tree.root, into=nodes.transparent | containers):
        node_type = node.type
        if imported is not None and (rule := nodes.imports.get(node_type)):
            imported.extend(READERS[rule.style](tree, node, rule))
        while around and around[-1].depth >= depth:
            around.pop()
        found = read_definition(tree, node) if node_type in definitions else None
        if found is None:
            continue
        outer = around[-1] if around else None
        if found.rule.symbol and found.name:
            line = tree.first_line_of(node)
            # Comments above a line speak of the first definition on it.
            documented = line != last_line
            last_line = line
            owner = first_of(node, found.rule.owner)
            container = tree.text_of(owner) if owner else outer.path if outer else ""
            kind = kind_inside(found.kind, outer and outer.kind)
            yield _Defined(found, kind, line, container, documented)
        if found.rule.container:
            path = ".".join(part for part in (outer.path if outer else "", found.name) if part)
            around.append(_Open(depth, found.kind, path))
