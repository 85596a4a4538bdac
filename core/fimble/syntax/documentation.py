"""Find the first line of what documents a definition: a docstring, or comments above it."""

from __future__ import annotations

import re

import tree_sitter

from fimble.syntax.language import Language
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import follow
from fimble.text.snapshot import Snapshot

_LINES_ABOVE = 100
"""How far up a comment is followed."""
_LENGTH = 200
"""Where the line is cut, in characters."""
_ATTRIBUTE_STARTS = ("@", "#[", "[", "template")
_MARKS = re.compile(r"^(?:<!--|--\[\[|=begin|/\*+!?|\*+/?|//+!?|#+|--+)\s?|\s*(?:\*+/|-->|\]\])$")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,80}>")


def first_doc_line(tree: SyntaxTree, body: tree_sitter.Node | None, line: int) -> str:
    """Return the first line with words in it that documents a definition; empty without one.

    Args:
        tree: The tree.
        body: The definition's body, if it has one.
        line: The line of the document that the definition begins on.
    """
    if tree.language.docstrings:
        return "" if body is None else _docstring(tree, body)
    for text in _comment_above(tree.language, tree.snapshot, line):
        words = _TAG.sub("", _MARKS.sub("", _MARKS.sub("", text.strip()))).strip()
        if words:
            return words[:_LENGTH]
    return ""


def _docstring(tree: SyntaxTree, body: tree_sitter.Node) -> str:
    """Read the string that is a body's first statement."""
    first = body.child(0) if body.child_count else None
    string = follow(first, "string") if first and first.type == "expression_statement" else None
    content = string and follow(string, "string_content")
    if content is None:
        return ""
    return tree.text_of(content).strip().partition("\n")[0].strip()[:_LENGTH]


def _comment_above(language: Language, snapshot: Snapshot, line: int) -> list[str]:
    """Collect the comment lines right above a line, attributes between them left out."""
    opening, closing = language.block_comment or ("", "")
    found: list[str] = []
    in_block = False
    for number in range(line - 1, max(-1, line - 1 - _LINES_ABOVE), -1):
        text = snapshot.line(number).strip()
        if in_block or (closing and text.endswith(closing)):
            if not in_block and not text.startswith((opening, "*")) and opening in text:
                break  # A comment behind code belongs to that code.
            found.append(text)
            in_block = opening not in text
        elif language.line_comment and text.startswith(language.line_comment):
            found.append(text)
        elif found or not text.startswith(_ATTRIBUTE_STARTS):
            break
    return [] if in_block else found[::-1]
