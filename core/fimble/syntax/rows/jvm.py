"""Java, Kotlin and Scala.

Node types: tree-sitter/tree-sitter-java 0.23, tree-sitter-grammars/tree-sitter-kotlin 1.1,
tree-sitter/tree-sitter-scala 0.26. The Kotlin grammar wants each member of a class to end with a
line; members on one line are errors to it.
"""

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

_CLASS = Definition(kind=SymbolKind.CLASS, container=True)
_INTERFACE = Definition(kind=SymbolKind.INTERFACE, container=True)
_METHOD = Definition(kind=SymbolKind.METHOD)
_INITIALIZER = Definition(kind=SymbolKind.FUNCTION, name=(), body=("block",), symbol=False)
_LAMBDA = Definition(kind=SymbolKind.FUNCTION, name=(), symbol=False)

JAVA = Language(
    name="java",
    lsp_ids=frozenset({"java"}),
    suffixes=frozenset({".java"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"""', '"', "'"),
    block_header=r"(?:[{]|^(?:case\b.*|default\s*):)$",
    grammar=Grammar(module="tree_sitter_java"),
    nodes=NodeTypes(
        comments=frozenset({"line_comment", "block_comment"}),
        strings=frozenset({"string_literal", "character_literal"}),
        interpolations=frozenset({"string_interpolation"}),
        definitions={
            "class_declaration": _CLASS,
            "record_declaration": _CLASS,
            "interface_declaration": _INTERFACE,
            "annotation_type_declaration": _INTERFACE,
            "enum_declaration": Definition(kind=SymbolKind.ENUM, container=True),
            "method_declaration": _METHOD,
            "constructor_declaration": _METHOD,
            "compact_constructor_declaration": _METHOD,
            "static_initializer": _INITIALIZER,
            "lambda_expression": _LAMBDA,
            "field_declaration": Definition(
                kind=SymbolKind.FIELD, name=("declarator/name",), body=(), scope=False
            ),
            "constant_declaration": Definition(
                kind=SymbolKind.CONSTANT, name=("declarator/name",), body=(), scope=False
            ),
        },
        imports={"import_declaration": Import(style=ImportStyle.QUALIFIED)},
        transparent=frozenset(
            {
                "program",
                "class_body",
                "interface_body",
                "annotation_type_body",
                "enum_body",
                "enum_body_declarations",
                "ERROR",
            }
        ),
        bodies=frozenset(
            {
                "program",
                "block",
                "constructor_body",
                "class_body",
                "interface_body",
                "annotation_type_body",
                "enum_body",
                "enum_body_declarations",
                "switch_block",
                "switch_block_statement_group",
            }
        ),
        decorations=frozenset({"marker_annotation", "annotation"}),
        signatures=frozenset({"formal_parameters"}),
        keywords={
            "class": SymbolKind.CLASS,
            "interface": SymbolKind.INTERFACE,
            "enum": SymbolKind.ENUM,
            "record": SymbolKind.CLASS,
        },
    ),
)

KOTLIN = Language(
    name="kotlin",
    lsp_ids=frozenset({"kotlin"}),
    suffixes=frozenset({".kt", ".kts"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"""', '"', "'"),
    # A lambda may name its parameters behind the brace.
    block_header=r"(?:[{]|[{][\w\s,:]{0,80}->)$",
    grammar=Grammar(module="tree_sitter_kotlin"),
    nodes=NodeTypes(
        comments=frozenset({"line_comment", "block_comment"}),
        strings=frozenset({"string_literal", "multiline_string_literal", "character_literal"}),
        interpolations=frozenset({"interpolation"}),
        definitions={
            "class_declaration": Definition(
                kind=SymbolKind.CLASS,
                body=("class_body", "enum_class_body"),
                container=True,
                variants={
                    "interface": SymbolKind.INTERFACE,
                    "enum_class_body": SymbolKind.ENUM,
                },
            ),
            "object_declaration": Definition(
                kind=SymbolKind.CLASS, body=("class_body",), container=True
            ),
            "companion_object": Definition(
                kind=SymbolKind.CLASS, body=("class_body",), container=True
            ),
            "function_declaration": Definition(kind=SymbolKind.FUNCTION, body=("function_body",)),
            "secondary_constructor": Definition(
                kind=SymbolKind.METHOD, name=("constructor",), body=("block",)
            ),
            "anonymous_initializer": _INITIALIZER,
            "lambda_literal": _LAMBDA,
            "property_declaration": Definition(
                kind=SymbolKind.VARIABLE,
                name=("variable_declaration/identifier",),
                body=(),
                scope=False,
            ),
            "type_alias": Definition(
                kind=SymbolKind.TYPE, name=("type", "identifier"), body=(), scope=False
            ),
        },
        imports={"import": Import(style=ImportStyle.QUALIFIED)},
        transparent=frozenset({"source_file", "class_body", "enum_class_body", "ERROR"}),
        bodies=frozenset(
            {
                "source_file",
                "block",
                "class_body",
                "enum_class_body",
                "lambda_literal",
                "when_expression",
            }
        ),
        decorations=frozenset({"annotation"}),
        keywords={
            "class": SymbolKind.CLASS,
            "interface": SymbolKind.INTERFACE,
            "object": SymbolKind.CLASS,
            "fun": SymbolKind.FUNCTION,
        },
    ),
)

_VALUE = Definition(kind=SymbolKind.VARIABLE, name=("pattern", "name"), body=(), scope=False)

SCALA = Language(
    name="scala",
    lsp_ids=frozenset({"scala"}),
    suffixes=frozenset({".scala", ".sc", ".sbt"}),
    interpreters=frozenset({"scala", "scala-cli", "amm"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    # No apostrophe: it also opens symbols and quotes.
    quotes=('"""', '"'),
    # Scala 3 opens a block by indentation after "=", "then", "do", ":" and others.
    block_header=(
        r"(?:[{]|=>|^(?:[\w\s\[\]@.]{0,80}\s)?def\b.*=|\b(?:then|do|else|try|finally|match|yield)"
        r"|^(?:[\w\s\[\]@.]{0,80}\s)?(?:class|object|trait|enum|given|extension)\b.*:)$"
    ),
    grammar=Grammar(module="tree_sitter_scala"),
    nodes=NodeTypes(
        comments=frozenset({"comment", "block_comment"}),
        strings=frozenset({"string", "interpolated_string", "character_literal"}),
        interpolations=frozenset({"interpolation"}),
        definitions={
            "class_definition": _CLASS,
            "object_definition": _CLASS,
            "package_object": _CLASS,
            "trait_definition": Definition(kind=SymbolKind.TRAIT, container=True),
            "enum_definition": Definition(kind=SymbolKind.ENUM, container=True),
            "function_definition": Definition(kind=SymbolKind.FUNCTION),
            "function_declaration": Definition(kind=SymbolKind.FUNCTION, body=(), scope=False),
            "lambda_expression": Definition(
                kind=SymbolKind.FUNCTION, name=(), body=("block",), symbol=False
            ),
            "given_definition": Definition(kind=SymbolKind.VARIABLE),
            "extension_definition": Definition(
                kind=SymbolKind.IMPLEMENTATION, name=("parameters",), container=True
            ),
            "val_definition": _VALUE,
            "val_declaration": _VALUE,
            "var_definition": _VALUE,
            "var_declaration": _VALUE,
            "type_definition": Definition(kind=SymbolKind.TYPE, body=(), scope=False),
        },
        imports={"import_declaration": Import(style=ImportStyle.SELECTORS)},
        transparent=frozenset(
            {
                "compilation_unit",
                "package_clause",
                "template_body",
                "enum_body",
                "with_template_body",
                "ERROR",
            }
        ),
        bodies=frozenset(
            {
                "compilation_unit",
                "block",
                "indented_block",
                "template_body",
                "enum_body",
                "case_block",
                "indented_cases",
            }
        ),
        decorations=frozenset({"annotation"}),
        keywords={
            "class": SymbolKind.CLASS,
            "object": SymbolKind.CLASS,
            "trait": SymbolKind.TRAIT,
            "enum": SymbolKind.ENUM,
            "def": SymbolKind.FUNCTION,
        },
    ),
)
