"""Read one node by the rule of its type: what it defines, its name, its header, its body."""

from __future__ import annotations

import re
from typing import NamedTuple

import tree_sitter

from fimble.syntax.language import Definition, SymbolKind
from fimble.syntax.lexical import without_comment
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import children, first_of, follow

_NAME_LIMIT_BYTES = 160
_HEADER_LIMIT_BYTES = 600
_HEADER_LIMIT_CHARACTERS = 240
_IDENTIFIER = re.compile(r"[$@]{0,2}[^\W\d]\w*[?!']?")
_EMPTY_BODY = re.compile(r"[\s;]*\bend$")
_WORDS = re.compile(r"[\w \t]*")
_MEMBER_KINDS = {
    SymbolKind.FUNCTION: SymbolKind.METHOD,
    SymbolKind.VARIABLE: SymbolKind.FIELD,
}
_TYPE_KINDS = frozenset(
    {
        SymbolKind.CLASS,
        SymbolKind.INTERFACE,
        SymbolKind.STRUCT,
        SymbolKind.ENUM,
        SymbolKind.TRAIT,
        SymbolKind.IMPLEMENTATION,
    }
)


class Found(NamedTuple):
    """A definition in a tree; no dataclass, as an index makes a hundred thousand of them."""

    rule: Definition
    kind: SymbolKind
    name: str
    """Empty for what has no name, such as a lambda."""
    node: tree_sitter.Node
    body: tree_sitter.Node | None

    @property
    def is_scope(self) -> bool:
        """Whether a cursor inside is "in" it: by its rule, or as a value that is a function."""
        return self.rule.scope or (self.kind is SymbolKind.FUNCTION and bool(self.rule.body))


def read_definition(tree: SyntaxTree, node: tree_sitter.Node) -> Found | None:
    """Read a node by the rule of its type; None when it defines nothing."""
    rule = tree.language.nodes.definitions.get(node.type)
    if rule is None or (rule.needs and first_of(node, rule.needs) is None):
        return None
    kind = rule.kind
    for path, variant in rule.variants.items():
        if follow(node, path) is not None:
            kind = variant
            break
    name_node = first_of(node, rule.name)
    name = "" if name_node is None else tree.text_of(name_node, limit_bytes=_NAME_LIMIT_BYTES)
    if not name.isidentifier():
        name = " ".join(name.split())
    if kind in {SymbolKind.VARIABLE, SymbolKind.CONSTANT} and not _IDENTIFIER.fullmatch(name):
        return None  # `a.b = 1`, `x, y = 1, 2`, `const {a} = b`: nothing with a name of its own.
    return Found(rule=rule, kind=kind, name=name, node=node, body=first_of(node, rule.body))


def kind_inside(kind: SymbolKind, container: SymbolKind | None) -> SymbolKind:
    """Say what a function or a variable is called inside a type: a method, a field."""
    return _MEMBER_KINDS.get(kind, kind) if container in _TYPE_KINDS else kind


def header(tree: SyntaxTree, found: Found) -> str:
    """Return a definition's text up to its body, on one line, without comments and opening marks.

    Words before it on its line belong to it (`export const`, `local`); decorations before its
    first line do not.
    """
    start, end = _header_span(tree, found)
    lines = tree.text_between(start, min(end, start + _HEADER_LIMIT_BYTES)).lstrip().splitlines()
    if found.body is None:
        lines = lines[:1]
    words = [word for line in lines for word in without_comment(tree.language, line).split()]
    text = " ".join(words).removesuffix("{").rstrip(" :;=,")
    if found.body is None and found.rule.body:
        text = _EMPTY_BODY.sub("", text)
    line_start = max(tree.source.rfind(b"\n", 0, start), tree.source.rfind(b"\r", 0, start)) + 1
    before = tree.text_between(max(line_start, start - 80), start)
    if _WORDS.fullmatch(before):
        text = f"{before.lstrip()}{text}"
    return text[:_HEADER_LIMIT_CHARACTERS]


def _header_span(tree: SyntaxTree, found: Found) -> tuple[int, int]:
    own = first_of(found.node, found.rule.header)
    if own is not None:
        return own.start_byte, own.end_byte
    start = _header_start(tree, found.node)
    return start, found.node.end_byte if found.body is None else found.body.start_byte


def _header_start(tree: SyntaxTree, node: tree_sitter.Node) -> int:
    """Skip decorations, also those among modifiers."""
    decorations = tree.language.nodes.decorations
    first = node.child(0) if decorations else None
    if first is None or (first.type not in decorations and first.type != "modifiers"):
        return node.start_byte
    for child in children(node):
        if child.type in decorations:
            continue
        if child.type != "modifiers":
            return child.start_byte
        for modifier in children(child):
            if modifier.type not in decorations:
                return modifier.start_byte
    return node.start_byte
