"""Ruby, PHP, Bash and Lua.

Node types: tree-sitter/tree-sitter-ruby 0.23, tree-sitter-php 0.25, tree-sitter-bash 0.25,
tree-sitter-grammars/tree-sitter-lua 0.5.
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
_FUNCTION = Definition(kind=SymbolKind.FUNCTION)
_FUNCTION_VALUE = Definition(kind=SymbolKind.FUNCTION, name=(), symbol=False)

RUBY = Language(
    name="ruby",
    lsp_ids=frozenset({"ruby"}),
    suffixes=frozenset({".rb", ".rake", ".gemspec", ".ru", ".rbi"}),
    filenames=frozenset({"rakefile", "gemfile", "guardfile", "vagrantfile", "podfile", "brewfile"}),
    interpreters=frozenset({"ruby", "jruby"}),
    line_comment="#",
    block_comment=("=begin", "=end"),
    quotes=('"', "'"),
    block_header=(
        r"(?:^(?:def|class|module|if|unless|while|until|for|case|when|in|begin|else|elsif|rescue"
        r"|ensure)\b(?!.*\send$).*|(?:\bdo|[{])(?:\s*\|[^|]*\|)?|=\s*(?:if|unless|case|begin)\b.*)$"
    ),
    grammar=Grammar(module="tree_sitter_ruby"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset(
            {
                "string",
                "string_array",
                "symbol_array",
                "subshell",
                "regex",
                "heredoc_body",
                "delimited_symbol",
                "character",
            }
        ),
        interpolations=frozenset({"interpolation"}),
        definitions={
            "module": Definition(kind=SymbolKind.NAMESPACE, container=True),
            "class": _CLASS,
            "singleton_class": Definition(kind=SymbolKind.CLASS, name=("value",), container=True),
            "method": _FUNCTION,
            "singleton_method": _FUNCTION,
            "assignment": Definition(
                kind=SymbolKind.CONSTANT,
                name=("left",),
                body=(),
                scope=False,
                needs=("constant",),
            ),
            "do_block": Definition(kind=SymbolKind.FUNCTION, name=(), symbol=False),
        },
        imports={
            "call": Import(
                style=ImportStyle.CALL,
                callees=frozenset({"require", "require_relative", "load", "autoload"}),
            )
        },
        transparent=frozenset({"program", "body_statement", "begin_block", "ERROR"}),
        bodies=frozenset(
            {
                "program",
                "body_statement",
                "block_body",
                "do_block",
                "block",
                "method",
                "singleton_method",
                "class",
                "singleton_class",
                "module",
                "then",
                "do",
                "else",
                "begin",
                "if",
                "unless",
                "elsif",
                "case",
                "when",
                "rescue",
                "ensure",
                "while",
                "until",
                "for",
            }
        ),
        keywords={
            "class": SymbolKind.CLASS,
            "module": SymbolKind.NAMESPACE,
            "def": SymbolKind.FUNCTION,
        },
    ),
)

_LOADING = frozenset({"require", "require_once", "include", "include_once"})

PHP = Language(
    name="php",
    lsp_ids=frozenset({"php"}),
    suffixes=frozenset({".php", ".phtml", ".php5", ".inc"}),
    interpreters=frozenset({"php"}),
    line_comment="//",
    block_comment=("/*", "*/"),
    quotes=('"', "'", "`"),
    block_header=r"(?:[{]|^(?:if|elseif|else|for|foreach|while|switch|case|default)\b.*:)$",
    grammar=Grammar(module="tree_sitter_php", function="language_php"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset(
            {"string", "encapsed_string", "heredoc", "nowdoc", "shell_command_expression"}
        ),
        interpolations=frozenset({"dynamic_variable_name", "member_access_expression"}),
        definitions={
            "namespace_definition": Definition(
                kind=SymbolKind.NAMESPACE, container=True, needs=("body",)
            ),
            "class_declaration": _CLASS,
            "interface_declaration": Definition(kind=SymbolKind.INTERFACE, container=True),
            "trait_declaration": Definition(kind=SymbolKind.TRAIT, container=True),
            "enum_declaration": Definition(kind=SymbolKind.ENUM, container=True),
            "function_definition": _FUNCTION,
            "method_declaration": Definition(kind=SymbolKind.METHOD),
            "anonymous_function": _FUNCTION_VALUE,
            "arrow_function": _FUNCTION_VALUE,
            "property_declaration": Definition(
                kind=SymbolKind.FIELD, name=("property_element/name",), body=(), scope=False
            ),
            "const_declaration": Definition(
                kind=SymbolKind.CONSTANT, name=("const_element/name",), body=(), scope=False
            ),
            "enum_case": Definition(kind=SymbolKind.CONSTANT, body=(), scope=False),
        },
        imports={
            "namespace_use_declaration": Import(style=ImportStyle.PHP_USE),
            "expression_statement": Import(style=ImportStyle.CALL, callees=_LOADING),
        },
        transparent=frozenset(
            {
                "program",
                "declaration_list",
                "enum_declaration_list",
                "compound_statement",
                "if_statement",
                "ERROR",
            }
        ),
        bodies=frozenset(
            {
                "program",
                "compound_statement",
                "declaration_list",
                "enum_declaration_list",
                "switch_block",
                "case_statement",
                "default_statement",
                "match_block",
                "colon_block",
            }
        ),
        decorations=frozenset({"attribute_list"}),
        keywords={
            "class": SymbolKind.CLASS,
            "interface": SymbolKind.INTERFACE,
            "trait": SymbolKind.TRAIT,
            "enum": SymbolKind.ENUM,
            "function": SymbolKind.FUNCTION,
            "namespace": SymbolKind.NAMESPACE,
        },
    ),
)

BASH = Language(
    name="bash",
    lsp_ids=frozenset({"shellscript", "bash", "sh", "zsh"}),
    suffixes=frozenset({".sh", ".bash", ".zsh", ".ksh", ".bats"}),
    filenames=frozenset(
        {".bashrc", ".bash_profile", ".bash_aliases", ".profile", ".zshrc", ".zshenv", "pkgbuild"}
    ),
    interpreters=frozenset({"bash", "sh", "dash", "zsh", "ksh", "bats"}),
    line_comment="#",
    quotes=('"', "'"),
    block_header=r"(?:[{]|\b(?:then|do|else)|^case\b.*\bin|^[^()]*[^()\s]\))$",
    grammar=Grammar(module="tree_sitter_bash"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"string", "raw_string", "ansi_c_string", "heredoc_body"}),
        interpolations=frozenset({"command_substitution", "expansion", "arithmetic_expansion"}),
        definitions={
            "function_definition": _FUNCTION,
            "variable_assignment": Definition(kind=SymbolKind.VARIABLE, body=(), scope=False),
        },
        imports={"command": Import(style=ImportStyle.CALL, callees=frozenset({"source", "."}))},
        transparent=frozenset({"program", "declaration_command", "if_statement", "list", "ERROR"}),
        bodies=frozenset(
            {
                "program",
                "compound_statement",
                "subshell",
                "do_group",
                "if_statement",
                "elif_clause",
                "else_clause",
                "case_statement",
                "case_item",
            }
        ),
        keywords={"function": SymbolKind.FUNCTION},
    ),
)

_LUA_LOADERS = Import(style=ImportStyle.CALL, callees=frozenset({"require", "dofile", "loadfile"}))

LUA = Language(
    name="lua",
    lsp_ids=frozenset({"lua", "luau"}),
    suffixes=frozenset({".lua", ".rockspec"}),
    interpreters=frozenset({"lua", "luajit"}),
    line_comment="--",
    block_comment=("--[[", "]]"),
    quotes=('"', "'"),
    block_header=(
        r"(?:\b(?:then|do|else|repeat)|(?:^|[\s=(,])function\b[^()]{0,200}\([^()]{0,500}\)|[{])$"
    ),
    grammar=Grammar(module="tree_sitter_lua"),
    nodes=NodeTypes(
        comments=frozenset({"comment"}),
        strings=frozenset({"string"}),
        definitions={
            "function_declaration": _FUNCTION,
            "function_definition": _FUNCTION_VALUE,
            "assignment_statement": Definition(
                kind=SymbolKind.VARIABLE,
                name=("variable_list/name",),
                body=("expression_list/function_definition/body",),
                scope=False,
                variants={"expression_list/function_definition": SymbolKind.FUNCTION},
            ),
            "field": Definition(
                kind=SymbolKind.FIELD,
                body=("value/body",),
                scope=False,
                symbol=False,
                variants={"function_definition": SymbolKind.FUNCTION},
            ),
        },
        imports={
            "assignment_statement": _LUA_LOADERS,
            "function_call": _LUA_LOADERS,
        },
        transparent=frozenset({"chunk", "variable_declaration", "do_statement", "ERROR"}),
        bodies=frozenset(
            {
                "chunk",
                "block",
                "function_declaration",
                "function_definition",
                "do_statement",
                "if_statement",
                "elseif_statement",
                "else_statement",
                "for_statement",
                "while_statement",
                "repeat_statement",
                "table_constructor",
            }
        ),
        keywords={"function": SymbolKind.FUNCTION},
    ),
)
