"""JSON, YAML and TOML.

Node types: tree-sitter/tree-sitter-json 0.24, tree-sitter-grammars/tree-sitter-yaml 0.7,
tree-sitter-grammars/tree-sitter-toml 0.7.
"""

from __future__ import annotations

from fimble.syntax.language import Definition, Grammar, Language, NodeTypes, SymbolKind

JSON = Language(
    name="json",
    lsp_ids=frozenset({"json", "jsonc", "jsonl"}),
    suffixes=frozenset({".json", ".jsonc", ".webmanifest", ".ipynb", ".geojson"}),
    filenames=frozenset({".babelrc", ".eslintrc", ".prettierrc", "composer.lock"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"',),
    block_header=r"[{[]$",
    grammar=Grammar(module="tree_sitter_json"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"string"}),
        definitions={
            "pair": Definition(
                kind=SymbolKind.KEY,
                name=("key/string_content", "key"),
                body=("value",),
                container=True,
            ),
        },
        transparent=frozenset({"document", "object", "ERROR"}),
        bodies=frozenset({"document", "object", "array"}),
    ),
)

_MAPPING_ENTRY = Definition(kind=SymbolKind.KEY, name=("key",), body=("value",), container=True)

YAML = Language(
    name="yaml",
    lsp_ids=frozenset({"yaml", "yml", "dockercompose", "github-actions-workflow"}),
    suffixes=frozenset({".yaml", ".yml"}),
    filenames=frozenset({".clang-format", ".clang-tidy"}),
    line_comment="#",
    quotes=('"', "'"),
    indent_blocks=True,
    block_header=r"(?::|:\s+[|>][+-]?\d?|^-)$",
    grammar=Grammar(module="tree_sitter_yaml"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"double_quote_scalar", "single_quote_scalar", "block_scalar"}),
        open_ended=frozenset({"block_scalar"}),
        definitions={
            "block_mapping_pair": _MAPPING_ENTRY,
            "flow_pair": _MAPPING_ENTRY,
        },
        transparent=frozenset(
            {
                "stream",
                "document",
                "block_node",
                "flow_node",
                "block_mapping",
                "flow_mapping",
                "ERROR",
            }
        ),
        bodies=frozenset({"stream", "document", "block_mapping", "block_sequence", "flow_mapping"}),
    ),
)

_KEY_NAME = ("bare_key", "dotted_key", "quoted_key")
_TABLE = Definition(kind=SymbolKind.SECTION, name=_KEY_NAME, body=(), container=True)

TOML = Language(
    name="toml",
    lsp_ids=frozenset({"toml"}),
    suffixes=frozenset({".toml"}),
    filenames=frozenset({"cargo.lock", "uv.lock", "poetry.lock", "pipfile"}),
    line_comment="#",
    quotes=('"""', "'''", '"', "'"),
    block_header=r"(?:^\[.*\]|=\s*[\[{])$",
    grammar=Grammar(module="tree_sitter_toml"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"string"}),
        definitions={
            "table": _TABLE,
            "table_array_element": _TABLE,
            "pair": Definition(kind=SymbolKind.KEY, name=_KEY_NAME, body=(), scope=False),
        },
        open_ended=frozenset({"table", "table_array_element"}),
        transparent=frozenset({"document", "ERROR"}),
        bodies=frozenset({"document", "table", "table_array_element", "array"}),
    ),
)
