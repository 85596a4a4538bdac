"""TypeScript, TSX and JavaScript with JSX.

Node types: tree-sitter/tree-sitter-typescript 0.23, tree-sitter/tree-sitter-javascript 0.25.
"""

from __future__ import annotations

from dataclasses import replace

from fimble.syntax.language import (
    Definition,
    Grammar,
    Import,
    ImportStyle,
    Language,
    NodeTypes,
    SymbolKind,
)

_FUNCTION_VALUES = {
    "arrow_function": SymbolKind.FUNCTION,
    "function_expression": SymbolKind.FUNCTION,
    "generator_function": SymbolKind.FUNCTION,
}
_FUNCTION = Definition(kind=SymbolKind.FUNCTION)
_ANONYMOUS = Definition(kind=SymbolKind.FUNCTION, symbol=False)
_CLASS = Definition(kind=SymbolKind.CLASS, container=True)
_NAMESPACE = Definition(kind=SymbolKind.NAMESPACE, container=True)
_FIELD = Definition(
    kind=SymbolKind.FIELD,
    name=("name", "property"),
    body=("value/body",),
    scope=False,
    variants=_FUNCTION_VALUES,
)
_MEMBER = Definition(kind=SymbolKind.FIELD, body=(), scope=False)
_SIGNATURE = Definition(kind=SymbolKind.METHOD, body=(), scope=False)
_DECLARATOR = Definition(
    kind=SymbolKind.CONSTANT, body=("value/body",), scope=False, variants=_FUNCTION_VALUES
)

_DEFINITIONS = {
    "class_declaration": _CLASS,
    "class": _CLASS,
    "function_declaration": _FUNCTION,
    "generator_function_declaration": _FUNCTION,
    "function_expression": _ANONYMOUS,
    "generator_function": _ANONYMOUS,
    "arrow_function": _ANONYMOUS,
    "method_definition": Definition(kind=SymbolKind.METHOD),
    "variable_declarator": _DECLARATOR,
    "pair": Definition(
        kind=SymbolKind.FIELD,
        name=("key",),
        body=("value/body",),
        scope=False,
        symbol=False,
        variants=_FUNCTION_VALUES,
    ),
}
_TYPED_DEFINITIONS = _DEFINITIONS | {
    "abstract_class_declaration": _CLASS,
    "interface_declaration": Definition(kind=SymbolKind.INTERFACE, container=True),
    "enum_declaration": Definition(kind=SymbolKind.ENUM),
    "type_alias_declaration": Definition(kind=SymbolKind.TYPE, body=("value/object_type",)),
    "internal_module": _NAMESPACE,
    "module": _NAMESPACE,
    "function_signature": Definition(kind=SymbolKind.FUNCTION, body=(), scope=False),
    "public_field_definition": _FIELD,
    "property_signature": _MEMBER,
    "method_signature": _SIGNATURE,
    "abstract_method_signature": _SIGNATURE,
}
_LOADERS = Import(style=ImportStyle.CALL, callees=frozenset({"require", "import"}))
_IMPORTS = {
    "import_statement": Import(style=ImportStyle.ECMASCRIPT),
    "export_statement": Import(style=ImportStyle.ECMASCRIPT),
    "lexical_declaration": _LOADERS,
    "variable_declaration": _LOADERS,
    "expression_statement": _LOADERS,
}
_TRANSPARENT = frozenset(
    {
        "program",
        "export_statement",
        "lexical_declaration",
        "variable_declaration",
        "expression_statement",
        "class_body",
        "statement_block",
        "if_statement",
        "else_clause",
        "try_statement",
        "ERROR",
    }
)
_BODIES = frozenset(
    {
        "program",
        "statement_block",
        "class_body",
        "switch_body",
        "switch_case",
        "switch_default",
        "class_static_block",
        "object",
    }
)
_JSX_BODIES = _BODIES | {"jsx_element"}
_TYPED_TRANSPARENT = _TRANSPARENT | {"interface_body", "object_type", "ambient_declaration"}
_TYPED_BODIES = frozenset({"interface_body", "enum_body", "object_type"})
_KEYWORDS = {
    "class": SymbolKind.CLASS,
    "function": SymbolKind.FUNCTION,
}
_TYPED_KEYWORDS = _KEYWORDS | {
    "interface": SymbolKind.INTERFACE,
    "enum": SymbolKind.ENUM,
    "namespace": SymbolKind.NAMESPACE,
}
_NODES = NodeTypes(
    comments=frozenset({"comment", "html_comment"}),
    strings=frozenset({"string", "template_string", "regex"}),
    interpolations=frozenset({"template_substitution"}),
    definitions=_DEFINITIONS | {"field_definition": _FIELD},
    imports=_IMPORTS,
    transparent=_TRANSPARENT,
    bodies=_JSX_BODIES,
    decorations=frozenset({"decorator"}),
    signatures=frozenset({"formal_parameters"}),
    keywords=_KEYWORDS,
)
_TYPESCRIPT_NODES = NodeTypes(
    comments=_NODES.comments,
    strings=_NODES.strings | {"template_literal_type"},
    interpolations=_NODES.interpolations | {"template_type"},
    definitions=_TYPED_DEFINITIONS,
    imports=_IMPORTS,
    transparent=_TYPED_TRANSPARENT,
    bodies=_BODIES | _TYPED_BODIES,
    decorations=_NODES.decorations,
    signatures=_NODES.signatures,
    keywords=_TYPED_KEYWORDS,
)
_TSX_NODES = replace(_TYPESCRIPT_NODES, bodies=_JSX_BODIES | _TYPED_BODIES)
_BLOCK_HEADER = r"(?:\{|^(?:case\b.*|default\s*):)$"
_JSX_BLOCK_HEADER = (
    rf"{_BLOCK_HEADER}|(?:\breturn|=>)\s*\($"
    r"|^<(?:[A-Za-z][\w.:-]*(?:\s(?:[^<>]|=>)*)?)?(?<![/=])>$"
)
"""Also `return (`, behind which elements go, and an opening tag alone on its line."""
_QUOTES = ('"', "'", "`")

TYPESCRIPT = Language(
    name="typescript",
    lsp_ids=frozenset({"typescript"}),
    suffixes=frozenset({".ts", ".mts", ".cts"}),
    interpreters=frozenset({"deno", "ts-node", "tsx"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=_QUOTES,
    block_header=_BLOCK_HEADER,
    grammar=Grammar(module="tree_sitter_typescript", function="language_typescript"),
    nodes=_TYPESCRIPT_NODES,
)

TSX = Language(
    name="tsx",
    lsp_ids=frozenset({"typescriptreact", "tsx"}),
    suffixes=frozenset({".tsx"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=_QUOTES,
    block_header=_JSX_BLOCK_HEADER,
    grammar=Grammar(module="tree_sitter_typescript", function="language_tsx"),
    nodes=_TSX_NODES,
)

JAVASCRIPT = Language(
    name="javascript",
    lsp_ids=frozenset({"javascript", "javascriptreact", "jsx", "js"}),
    suffixes=frozenset({".js", ".jsx", ".mjs", ".cjs"}),
    filenames=frozenset({"jakefile"}),
    interpreters=frozenset({"node", "nodejs", "bun"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=_QUOTES,
    block_header=_JSX_BLOCK_HEADER,
    grammar=Grammar(module="tree_sitter_javascript"),
    nodes=_NODES,
)
