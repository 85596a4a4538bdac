"""One reader for each style of import statement; the rows of the registry say which applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import tree_sitter

from fimble.syntax.imported import ImportedName, imported
from fimble.syntax.language import Import, ImportStyle
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.use_trees import read_use_tree
from fimble.syntax.walk import children, follow

_ITEM_LIMIT = 1_000
"""Names in one statement."""

Reader = Callable[[SyntaxTree, tree_sitter.Node, Import], Iterator[ImportedName]]


def _named(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    return (child for child in children(node, limit=_ITEM_LIMIT) if child.is_named)


def _text(tree: SyntaxTree, node: tree_sitter.Node | None) -> str:
    return "" if node is None else tree.text_of(node)


def _unquoted(tree: SyntaxTree, node: tree_sitter.Node) -> str:
    return _text(tree, node).strip("\"'`<>[]")


def _renamed(tree: SyntaxTree, node: tree_sitter.Node) -> tuple[str, str]:
    """Read `a` or `a as b`; return the name and the alias."""
    alias = node.child_by_field_name("alias")
    if alias is None:
        return _text(tree, node), ""
    return _text(tree, node.child_by_field_name("name")), _text(tree, alias)


def _modules(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    for child in _named(node):
        module, alias = _renamed(tree, child)
        yield imported(tree, node, module, alias=alias)


def _from(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    source = node.child_by_field_name("module_name")
    module = _text(tree, source) or "__future__"
    for child in _named(node):
        if source is not None and child.id == source.id:
            continue
        if child.type == "wildcard_import":
            yield imported(tree, node, module, "*")
        elif child.type in {"dotted_name", "aliased_import"}:
            yield imported(tree, node, module, *_renamed(tree, child))


def _ecmascript(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    source = node.child_by_field_name("source") or follow(node, "import_require_clause/source")
    if source is None:
        return
    module = _unquoted(tree, source)
    clauses = [child for child in _named(node) if child.id != source.id]
    if not clauses:
        yield imported(tree, node, module)
    for clause in clauses:
        yield from _ecmascript_clause(tree, node, module, clause)


def _ecmascript_clause(
    tree: SyntaxTree, node: tree_sitter.Node, module: str, clause: tree_sitter.Node
) -> Iterator[ImportedName]:
    if clause.type == "namespace_export":
        yield imported(tree, node, module, "*")
    if clause.type == "import_require_clause":
        yield imported(tree, node, module, alias=_text(tree, follow(clause, "identifier")))
    parts = _named(clause) if clause.type == "import_clause" else iter((clause,))
    for part in parts:
        if part.type == "identifier":
            yield imported(tree, node, module, "default", _text(tree, part))
        elif part.type == "namespace_import":
            yield imported(tree, node, module, "*", _text(tree, follow(part, "identifier")))
        elif part.type in {"named_imports", "export_clause"}:
            for item in _named(part):
                name = _text(tree, item.child_by_field_name("name"))
                alias = _text(tree, item.child_by_field_name("alias"))
                yield imported(tree, node, module, name, alias)


def _path(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    target = node.child_by_field_name("path")
    if target is None:
        target = next(_named(node), None)
    if target is not None and target.type == "call_expression":  # `url(…)` of CSS.
        target = follow(target, "arguments/string_value") or follow(target, "arguments/plain_value")
    if target is not None:
        name = _text(tree, node.child_by_field_name("name"))
        everything = "*" if name == "." else ""
        yield imported(tree, node, _unquoted(tree, target), everything, "" if everything else name)


def _qualified(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    named = [child for child in _named(node) if not child.is_extra]
    if not named:
        return
    path = _text(tree, named[0])
    if any(child.type in {"asterisk", "*"} for child in children(node)):
        yield imported(tree, node, path, "*")
        return
    module, _dot, name = path.rpartition(".")
    alias = _text(tree, named[1]) if len(named) > 1 else ""
    yield imported(tree, node, module, name, alias)


def _namespace(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    alias = node.child_by_field_name("name")
    targets = [child for child in _named(node) if alias is None or child.id != alias.id]
    if not targets:
        return
    module = _text(tree, targets[-1])
    whole = any(child.type in {"namespace", "using", "static"} for child in children(node))
    if alias is not None:
        yield imported(tree, node, module, alias=_text(tree, alias))
    elif targets[-1].type == "qualified_identifier" and not any(
        child.type == "namespace" for child in children(node)
    ):
        scope, _colons, name = module.rpartition("::")  # `using std::string` of C++.
        yield imported(tree, node, scope, name)
    else:
        yield imported(tree, node, module, "*" if whole else "")


def _php_use(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    prefix = _text(tree, follow(node, "namespace_name"))
    group = node.child_by_field_name("body")
    for clause in _named(group or node):
        if clause.type != "namespace_use_clause":
            continue
        alias = _text(tree, clause.child_by_field_name("alias"))
        path = _text(tree, follow(clause, "qualified_name") or follow(clause, "name"))
        module, _slash, name = path.rpartition("\\")
        module = "\\".join(part for part in (prefix, module) if part)
        yield imported(tree, node, module, name, alias)


def _selectors(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    parts = [_text(tree, part) for part in node.children_by_field_name("path") if part.is_named]
    selectors = follow(node, "namespace_selectors")
    if follow(node, "namespace_wildcard") is not None:
        yield imported(tree, node, ".".join(parts), "*")
    elif selectors is None:
        yield imported(tree, node, ".".join(parts[:-1]), parts[-1] if parts else "")
    else:
        for item in _named(selectors):
            name, alias = _renamed(tree, item)
            everything = item.type == "namespace_wildcard"
            yield imported(tree, node, ".".join(parts), "*" if everything else name, alias)


def _call(tree: SyntaxTree, node: tree_sitter.Node, rule: Import) -> Iterator[ImportedName]:
    """Read `require "a"` wherever it stands in the statement: alone, assigned, declared."""
    for steps in _CALLS:
        call = follow(node, steps) if steps else node
        callee = call and _callee(tree, call)
        if call is None or callee not in rule.callees:
            continue
        argument = _first_literal(call)
        if argument is not None:
            alias = _text(tree, _assigned(node))
            yield imported(tree, node, _unquoted(tree, argument), alias=alias)
        return


_CALLS = (
    "",
    "variable_declarator/value",
    "expression_list/value",
    "call_expression",
    "require_once_expression",
    "require_expression",
    "include_expression",
    "include_once_expression",
)
_PHP_LOADING = "_expression"


def _callee(tree: SyntaxTree, call: tree_sitter.Node) -> str:
    if call.type.startswith(("require", "include")):
        return call.type.removesuffix(_PHP_LOADING)
    for field in ("function", "method", "name"):
        if (found := call.child_by_field_name(field)) is not None:
            return _text(tree, found)
    return ""


def _first_literal(call: tree_sitter.Node) -> tree_sitter.Node | None:
    arguments = call.child_by_field_name("arguments") or call.child_by_field_name("argument")
    if arguments is not None and arguments.type in {"word", "string", "raw_string"}:
        return arguments
    for child in _named(arguments or call):
        if child.type in {"string", "encapsed_string", "template_string"}:
            return child
    return None


def _assigned(node: tree_sitter.Node) -> tree_sitter.Node | None:
    found = follow(node, "variable_declarator/name")
    found = found or follow(node, "variable_list/name")
    return found if found is not None and found.type == "identifier" else None


def _attribute(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    tag = follow(node, "start_tag") or follow(node, "self_closing_tag")
    if tag is None or _text(tree, follow(tag, "tag_name")).lower() not in {"script", "link"}:
        return
    for attribute in _named(tag):
        name = follow(attribute, "attribute_name")
        value = follow(attribute, "quoted_attribute_value") or follow(attribute, "attribute_value")
        if value is not None and _text(tree, name).lower() in {"src", "href"}:
            yield imported(tree, node, _unquoted(tree, value))


def _use_tree(tree: SyntaxTree, node: tree_sitter.Node, _rule: Import) -> Iterator[ImportedName]:
    for module, name, alias in read_use_tree(tree, node):
        yield imported(tree, node, module, name, alias)


READERS: Mapping[ImportStyle, Reader] = {
    ImportStyle.MODULES: _modules,
    ImportStyle.FROM: _from,
    ImportStyle.ECMASCRIPT: _ecmascript,
    ImportStyle.PATH: _path,
    ImportStyle.QUALIFIED: _qualified,
    ImportStyle.USE_TREE: _use_tree,
    ImportStyle.NAMESPACE: _namespace,
    ImportStyle.PHP_USE: _php_use,
    ImportStyle.SELECTORS: _selectors,
    ImportStyle.CALL: _call,
    ImportStyle.ATTRIBUTE: _attribute,
}
