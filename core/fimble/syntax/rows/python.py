"""Python. Node types: tree-sitter/tree-sitter-python:src/node-types.json, 0.25."""

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

PYTHON = Language(
    name="python",
    lsp_ids=frozenset({"python"}),
    suffixes=frozenset({".py", ".pyi", ".pyw"}),
    filenames=frozenset({"sconstruct", "sconscript", "wscript"}),
    interpreters=frozenset({"python", "pypy"}),
    line_comment="#",
    quotes=('"""', "'''", '"', "'"),
    docstrings=True,
    indent_blocks=True,
    # A header may end on a line of its own: ") -> int:".
    block_header=(
        r"^(?:(?:else|try|finally)\s*|(?:async\s|def\s|class\s|if\b|elif\b|for\s|while\b"
        r"|except\b|with\b|match\b|case\b|\)).*):$"
    ),
    grammar=Grammar(module="tree_sitter_python"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"string"}),
        interpolations=frozenset({"interpolation"}),
        definitions={
            "class_definition": Definition(kind=SymbolKind.CLASS, container=True),
            "function_definition": Definition(kind=SymbolKind.FUNCTION),
            "assignment": Definition(
                kind=SymbolKind.VARIABLE, name=("left",), body=(), scope=False
            ),
            "type_alias_statement": Definition(
                kind=SymbolKind.TYPE, name=("left",), body=(), scope=False
            ),
        },
        imports={
            "import_statement": Import(style=ImportStyle.MODULES),
            "import_from_statement": Import(style=ImportStyle.FROM),
            "future_import_statement": Import(style=ImportStyle.FROM),
        },
        transparent=frozenset(
            {
                "module",
                "block",
                "expression_statement",
                "decorated_definition",
                "if_statement",
                "elif_clause",
                "else_clause",
                "try_statement",
                "except_clause",
                "finally_clause",
                "with_statement",
                "ERROR",
            }
        ),
        bodies=frozenset({"module", "block"}),
        decorations=frozenset({"decorator"}),
        keywords={"class": SymbolKind.CLASS, "def": SymbolKind.FUNCTION},
    ),
)
