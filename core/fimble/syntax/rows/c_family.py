"""C, C++ and C#.

Node types: tree-sitter/tree-sitter-c 0.24, tree-sitter-cpp 0.23, tree-sitter-c-sharp 0.23.
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

_SWITCH_HEADER = r"(?:[{]|^(?:case\b.*|default\s*):)$"
_DECLARED = ("declarator*",)
_RECORD = Definition(kind=SymbolKind.STRUCT, container=True, needs=("body",))
_PROTOTYPES = {
    "function_declarator": SymbolKind.FUNCTION,
    "pointer_declarator/function_declarator": SymbolKind.FUNCTION,
}
_VARIABLE = Definition(
    kind=SymbolKind.VARIABLE, name=_DECLARED, body=(), scope=False, variants=_PROTOTYPES
)
_MEMBER = Definition(
    kind=SymbolKind.FIELD,
    name=_DECLARED,
    body=(),
    scope=False,
    needs=("declarator",),
    variants=_PROTOTYPES,
)
_MACRO = Definition(kind=SymbolKind.MACRO, body=(), scope=False)
_ALIAS = Definition(kind=SymbolKind.TYPE, body=(), scope=False)

_C_DEFINITIONS = {
    "function_definition": Definition(kind=SymbolKind.FUNCTION, name=_DECLARED),
    "declaration": _VARIABLE,
    "field_declaration": _MEMBER,
    "struct_specifier": _RECORD,
    "union_specifier": _RECORD,
    "enum_specifier": Definition(kind=SymbolKind.ENUM, needs=("body",)),
    "type_definition": Definition(
        kind=SymbolKind.TYPE, name=_DECLARED, body=("type/body",), container=True
    ),
    "preproc_def": _MACRO,
    "preproc_function_def": _MACRO,
}
_C_TRANSPARENT = frozenset(
    {
        "translation_unit",
        "declaration_list",
        "field_declaration_list",
        "linkage_specification",
        "preproc_if",
        "preproc_ifdef",
        "preproc_else",
        "preproc_elif",
        "preproc_elifdef",
        "ERROR",
    }
)
_C_BODIES = frozenset(
    {
        "translation_unit",
        "compound_statement",
        "case_statement",
        "declaration_list",
        "field_declaration_list",
        "enumerator_list",
        "initializer_list",
        "preproc_if",
        "preproc_ifdef",
        "preproc_else",
        "preproc_elif",
    }
)
_C_COMMENTS = frozenset({"comment"})
_C_STRINGS = frozenset({"string_literal", "char_literal", "system_lib_string"})
_C_SIGNATURES = frozenset({"function_declarator"})
_C_OPAQUE = frozenset({"preproc_arg"})
_C_KEYWORDS = {
    "struct": SymbolKind.STRUCT,
    "union": SymbolKind.STRUCT,
    "enum": SymbolKind.ENUM,
}

C = Language(
    name="c",
    lsp_ids=frozenset({"c"}),
    suffixes=frozenset({".c", ".h"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"', "'"),
    block_header=_SWITCH_HEADER,
    grammar=Grammar(module="tree_sitter_c"),
    nodes=NodeTypes(
        comments=_C_COMMENTS,
        strings=_C_STRINGS,
        opaque=_C_OPAQUE,
        definitions=_C_DEFINITIONS,
        imports={"preproc_include": Import(style=ImportStyle.PATH)},
        transparent=_C_TRANSPARENT,
        bodies=_C_BODIES,
        signatures=_C_SIGNATURES,
        keywords=_C_KEYWORDS,
    ),
)

_CPP_PROTOTYPES = _PROTOTYPES | {
    "reference_declarator/function_declarator": SymbolKind.FUNCTION,
}

# A reference's declarator is a child without the field that leads to all others.
_CPP_DECLARED = (
    "reference_declarator/function_declarator/declarator*",
    "declarator/reference_declarator/identifier",
    "declarator*",
)

CPP = Language(
    name="cpp",
    lsp_ids=frozenset({"cpp", "c++", "cuda-cpp"}),
    suffixes=frozenset(
        {
            ".cc",
            ".cpp",
            ".cxx",
            ".c++",
            ".hpp",
            ".hh",
            ".hxx",
            ".h++",
            ".ipp",
            ".tpp",
            ".inl",
            ".cu",
        }
    ),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"', "'"),
    block_header=r"(?:[{]|^(?:case\b.*|default\s*|public|private|protected):)$",
    grammar=Grammar(module="tree_sitter_cpp"),
    nodes=NodeTypes(
        comments=_C_COMMENTS,
        strings=_C_STRINGS | {"raw_string_literal"},
        opaque=_C_OPAQUE,
        definitions=_C_DEFINITIONS
        | {
            "function_definition": Definition(kind=SymbolKind.FUNCTION, name=_CPP_DECLARED),
            "declaration": replace(_VARIABLE, name=_CPP_DECLARED, variants=_CPP_PROTOTYPES),
            "field_declaration": replace(_MEMBER, name=_CPP_DECLARED, variants=_CPP_PROTOTYPES),
            "class_specifier": Definition(kind=SymbolKind.CLASS, container=True, needs=("body",)),
            "namespace_definition": Definition(kind=SymbolKind.NAMESPACE, container=True),
            "alias_declaration": _ALIAS,
            "concept_definition": _ALIAS,
            "lambda_expression": Definition(kind=SymbolKind.FUNCTION, name=(), symbol=False),
        },
        imports={
            "preproc_include": Import(style=ImportStyle.PATH),
            "using_declaration": Import(style=ImportStyle.NAMESPACE),
        },
        transparent=_C_TRANSPARENT | {"template_declaration", "friend_declaration"},
        bodies=_C_BODIES,
        signatures=_C_SIGNATURES,
        keywords=_C_KEYWORDS | {"class": SymbolKind.CLASS, "namespace": SymbolKind.NAMESPACE},
    ),
)

_TYPE_DECLARATION = Definition(kind=SymbolKind.CLASS, container=True)
_METHOD = Definition(kind=SymbolKind.METHOD)
_PROPERTY = Definition(kind=SymbolKind.FIELD, body=("accessors", "value"))
_FIELDS = Definition(
    kind=SymbolKind.FIELD,
    name=("variable_declaration/variable_declarator/name",),
    body=(),
    scope=False,
)
_FUNCTION_VALUE = Definition(kind=SymbolKind.FUNCTION, name=(), symbol=False)

CSHARP = Language(
    name="csharp",
    lsp_ids=frozenset({"csharp", "c#", "cs"}),
    suffixes=frozenset({".cs", ".csx"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"""', '"', "'"),
    block_header=_SWITCH_HEADER,
    grammar=Grammar(module="tree_sitter_c_sharp"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset(
            {
                "string_literal",
                "verbatim_string_literal",
                "raw_string_literal",
                "interpolated_string_expression",
                "character_literal",
            }
        ),
        interpolations=frozenset({"interpolation"}),
        definitions={
            "namespace_declaration": Definition(kind=SymbolKind.NAMESPACE, container=True),
            "class_declaration": _TYPE_DECLARATION,
            "record_declaration": _TYPE_DECLARATION,
            "struct_declaration": Definition(kind=SymbolKind.STRUCT, container=True),
            "interface_declaration": Definition(kind=SymbolKind.INTERFACE, container=True),
            "enum_declaration": Definition(kind=SymbolKind.ENUM),
            "delegate_declaration": Definition(kind=SymbolKind.TYPE, body=(), scope=False),
            "method_declaration": _METHOD,
            "constructor_declaration": _METHOD,
            "destructor_declaration": _METHOD,
            "operator_declaration": Definition(kind=SymbolKind.METHOD, name=("operator",)),
            "local_function_statement": Definition(kind=SymbolKind.FUNCTION),
            "property_declaration": _PROPERTY,
            "indexer_declaration": Definition(
                kind=SymbolKind.FIELD, name=("this",), body=("accessors", "value")
            ),
            "field_declaration": _FIELDS,
            "event_field_declaration": _FIELDS,
            "lambda_expression": _FUNCTION_VALUE,
            "anonymous_method_expression": Definition(
                kind=SymbolKind.FUNCTION, name=(), body=("block",), symbol=False
            ),
        },
        imports={"using_directive": Import(style=ImportStyle.NAMESPACE)},
        transparent=frozenset(
            {
                "compilation_unit",
                "declaration_list",
                "file_scoped_namespace_declaration",
                "global_statement",
                "preproc_if",
                "preproc_else",
                "ERROR",
            }
        ),
        bodies=frozenset(
            {
                "compilation_unit",
                "block",
                "declaration_list",
                "enum_member_declaration_list",
                "accessor_list",
                "switch_body",
                "switch_section",
                "initializer_expression",
            }
        ),
        decorations=frozenset({"attribute_list"}),
        signatures=frozenset({"parameter_list"}),
        keywords={
            "class": SymbolKind.CLASS,
            "struct": SymbolKind.STRUCT,
            "interface": SymbolKind.INTERFACE,
            "enum": SymbolKind.ENUM,
            "namespace": SymbolKind.NAMESPACE,
        },
    ),
)
