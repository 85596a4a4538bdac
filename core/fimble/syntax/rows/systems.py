"""Go and Rust. Node types: tree-sitter/tree-sitter-go 0.25, tree-sitter/tree-sitter-rust 0.24."""

from __future__ import annotations

from fimble.syntax.language import (
    Definition,
    Grammar,
    Import,
    ImportStyle,
    Language,
    NodeTypes,
    SymbolKind,
)

_CONSTANT = Definition(kind=SymbolKind.CONSTANT, body=(), scope=False)
_VARIABLE = Definition(kind=SymbolKind.VARIABLE, body=(), scope=False)
_MEMBER = Definition(kind=SymbolKind.FIELD, body=(), scope=False)
_FUNCTION = Definition(kind=SymbolKind.FUNCTION)

GO = Language(
    name="go",
    lsp_ids=frozenset({"go"}),
    suffixes=frozenset({".go"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"', "'", "`"),
    block_header=r"(?:\{|^(?:import|const|var|type)\s*\(|^(?:case\b.*|default\s*):)$",
    grammar=Grammar(module="tree_sitter_go"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"interpreted_string_literal", "raw_string_literal", "rune_literal"}),
        definitions={
            "function_declaration": _FUNCTION,
            "method_declaration": Definition(
                kind=SymbolKind.METHOD,
                owner=(
                    "receiver/parameter_declaration/type/type_identifier",
                    "receiver/parameter_declaration/type",
                ),
            ),
            "func_literal": Definition(kind=SymbolKind.FUNCTION, symbol=False),
            "type_spec": Definition(
                kind=SymbolKind.TYPE,
                body=("struct_type/field_declaration_list", "interface_type"),
                container=True,
                variants={
                    "struct_type": SymbolKind.STRUCT,
                    "interface_type": SymbolKind.INTERFACE,
                },
            ),
            "type_alias": Definition(kind=SymbolKind.TYPE, body=(), scope=False),
            "const_spec": _CONSTANT,
            "var_spec": _VARIABLE,
            "field_declaration": _MEMBER,
            "method_elem": Definition(kind=SymbolKind.METHOD, body=(), scope=False),
        },
        imports={"import_spec": Import(style=ImportStyle.PATH)},
        transparent=frozenset(
            {
                "source_file",
                "import_declaration",
                "import_spec_list",
                "type_declaration",
                "const_declaration",
                "var_declaration",
                "var_spec_list",
                "struct_type",
                "interface_type",
                "field_declaration_list",
                "ERROR",
            }
        ),
        bodies=frozenset(
            {
                "source_file",
                "block",
                "field_declaration_list",
                "interface_type",
                "import_spec_list",
                "const_declaration",
                "var_spec_list",
                "expression_switch_statement",
                "type_switch_statement",
                "select_statement",
                "expression_case",
                "type_case",
                "communication_case",
                "default_case",
                "literal_value",
            }
        ),
        keywords={"func": SymbolKind.FUNCTION, "type": SymbolKind.TYPE},
    ),
)

RUST = Language(
    name="rust",
    lsp_ids=frozenset({"rust"}),
    suffixes=frozenset({".rs"}),
    interpreters=frozenset({"rust-script"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    # No apostrophe: it also opens lifetimes.
    quotes=('"',),
    grammar=Grammar(module="tree_sitter_rust"),
    nodes=NodeTypes(
        comments=frozenset({"line_comment", "block_comment"}),
        strings=frozenset({"string_literal", "raw_string_literal", "char_literal"}),
        definitions={
            "function_item": _FUNCTION,
            "function_signature_item": Definition(kind=SymbolKind.FUNCTION, body=(), scope=False),
            "closure_expression": Definition(kind=SymbolKind.FUNCTION, name=(), symbol=False),
            "struct_item": Definition(kind=SymbolKind.STRUCT, container=True),
            "union_item": Definition(kind=SymbolKind.STRUCT, container=True),
            "enum_item": Definition(kind=SymbolKind.ENUM),
            "trait_item": Definition(kind=SymbolKind.TRAIT, container=True),
            "impl_item": Definition(kind=SymbolKind.IMPLEMENTATION, name=("type",), container=True),
            "mod_item": Definition(kind=SymbolKind.NAMESPACE, container=True, needs=("body",)),
            "const_item": _CONSTANT,
            "static_item": _VARIABLE,
            "type_item": Definition(kind=SymbolKind.TYPE, body=(), scope=False),
            "field_declaration": _MEMBER,
            "macro_definition": Definition(kind=SymbolKind.MACRO, body=()),
        },
        imports={
            "use_declaration": Import(style=ImportStyle.USE_TREE),
            "extern_crate_declaration": Import(style=ImportStyle.USE_TREE),
        },
        transparent=frozenset(
            {
                "source_file",
                "declaration_list",
                "field_declaration_list",
                "foreign_mod_item",
                "ERROR",
            }
        ),
        bodies=frozenset(
            {
                "source_file",
                "block",
                "declaration_list",
                "field_declaration_list",
                "field_initializer_list",
                "enum_variant_list",
                "match_block",
                "use_list",
            }
        ),
        decorations=frozenset({"attribute_item"}),
        keywords={
            "fn": SymbolKind.FUNCTION,
            "struct": SymbolKind.STRUCT,
            "enum": SymbolKind.ENUM,
            "trait": SymbolKind.TRAIT,
            "impl": SymbolKind.IMPLEMENTATION,
            "mod": SymbolKind.NAMESPACE,
        },
    ),
)
