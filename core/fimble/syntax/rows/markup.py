"""HTML, CSS and Markdown (its block grammar; the inline grammar says nothing about structure).

Node types: tree-sitter/tree-sitter-html 0.23, tree-sitter-css 0.25,
tree-sitter-grammars/tree-sitter-markdown 0.5.
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

_TAG_NAME = ("start_tag/tag_name", "self_closing_tag/tag_name")
_ELEMENT = Definition(
    kind=SymbolKind.ELEMENT,
    name=_TAG_NAME,
    body=(),
    header=("start_tag", "self_closing_tag"),
    container=True,
)

HTML = Language(
    name="html",
    lsp_ids=frozenset({"html", "xhtml"}),
    suffixes=frozenset({".html", ".htm", ".xhtml"}),
    block_comment=("<!--", "-->"),
    quotes=('"', "'"),
    # An open tag at the end of the line, but neither a void element nor one that closes itself.
    block_header=(
        r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)"
        r"[A-Za-z][^<>]*(?<!/)>$"
    ),
    grammar=Grammar(module="tree_sitter_html"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"quoted_attribute_value"}),
        definitions={
            "element": _ELEMENT,
            "script_element": replace(_ELEMENT, container=False),
            "style_element": replace(_ELEMENT, container=False),
        },
        imports={
            "script_element": Import(style=ImportStyle.ATTRIBUTE),
            "element": Import(style=ImportStyle.ATTRIBUTE),
        },
        transparent=frozenset({"document", "ERROR"}),
        bodies=frozenset({"document", "element", "script_element", "style_element"}),
    ),
)

_AT_BLOCK = Definition(kind=SymbolKind.RULE, name=("feature_query",), body=("block",))

CSS = Language(
    name="css",
    lsp_ids=frozenset({"css"}),
    suffixes=frozenset({".css"}),
    block_comment=("/*", "*/"),
    quotes=('"', "'"),
    grammar=Grammar(module="tree_sitter_css"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"string_value"}),
        definitions={
            "rule_set": Definition(kind=SymbolKind.RULE, name=("selectors",), body=("block",)),
            "media_statement": Definition(
                kind=SymbolKind.RULE,
                name=("feature_query", "binary_query", "keyword_query"),
                body=("block",),
                container=True,
            ),
            "supports_statement": _AT_BLOCK,
            "keyframes_statement": Definition(
                kind=SymbolKind.RULE, name=("keyframes_name",), body=("keyframe_block_list",)
            ),
            "at_rule": Definition(
                kind=SymbolKind.RULE, name=("at_keyword",), body=("block",), container=True
            ),
        },
        imports={"import_statement": Import(style=ImportStyle.PATH)},
        transparent=frozenset({"stylesheet", "block", "ERROR"}),
        bodies=frozenset({"stylesheet", "block", "keyframe_block_list"}),
    ),
)

MARKDOWN = Language(
    name="markdown",
    lsp_ids=frozenset({"markdown", "quarto", "rmd"}),
    suffixes=frozenset({".md", ".markdown", ".mkd", ".mdown"}),
    block_comment=("<!--", "-->"),
    # Prose wants a line; only an opening fence announces more.
    blank_line_blocks=False,
    block_header=r"^(?:```|~~~)\s*[\w+#.-]+$",
    grammar=Grammar(module="tree_sitter_markdown"),
    nodes=NodeTypes(
        comments=frozenset({"html_block"}),
        strings=frozenset({"minus_metadata", "plus_metadata"}),
        definitions={
            "section": Definition(
                kind=SymbolKind.SECTION,
                name=("atx_heading/heading_content", "setext_heading/heading_content"),
                body=(),
                container=True,
                needs=("atx_heading", "setext_heading"),
            ),
        },
        transparent=frozenset({"document", "section", "ERROR"}),
        open_ended=frozenset({"section"}),
        bodies=frozenset({"code_fence_content"}),
    ),
)
