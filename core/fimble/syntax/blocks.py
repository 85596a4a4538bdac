"""Does the cursor stand where a whole block is wanted, or only the rest of a line?"""

from __future__ import annotations

import re
from functools import cache

from fimble.syntax.cursor import Region, cursor_region
from fimble.syntax.indentation import indentation
from fimble.syntax.language import Language
from fimble.syntax.lexical import without_comment
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.walk import children, path_to
from fimble.text.position import Position

_LINE_LIMIT = 2_000
"""Longer lines are generated; nobody writes a block after one."""
_LINES_AROUND = 300
"""How far the neighbouring lines are looked for."""
_ONLY_CLOSING = re.compile(r"[\s\])};,]*(?:end|</[\w:.-]{1,60}>)?[\s)};,]*")
_CLOSING_LINE = re.compile(r"[\])}]|(?:end|fi|done|esac)\b|</|-->|```")
_UNFINISHED = re.compile(r"(?:[,+\-*/%&|^<=\\(\[?~]|(?<!\.\.)\.|\b(?:and|or|not|in|is))$")


def expects_block(tree: SyntaxTree, position: Position) -> bool:
    """Tell whether to ask for several lines at a place.

    That is so behind a block's header, in an empty body, and on a blank line at the indentation
    of a block around it, where a further statement, member or entry goes. It is not so inside
    strings, comments, parentheses or an unfinished expression, nor before code on the same line.
    """
    line, character = tree.snapshot.clamp(position)
    text = tree.snapshot.line(line)
    before = text[:character]
    if rules_out_block(tree.language, before, text[character:]):
        return False
    if cursor_region(tree, Position(line, character)) is not Region.CODE:
        return False
    return bool(before.strip()) or _blank_line_wants_block(tree, Position(line, character))


def rules_out_block(language: Language, before: str, after: str) -> bool:
    """Tell whether a line's text alone says that `expects_block` is false.

    That saves nearly every key a look at the tree: only a blank line and a block's header need one.
    """
    if len(before) + len(after) > _LINE_LIMIT or not _ONLY_CLOSING.fullmatch(after):
        return True
    return bool(before.strip()) and not _opens_block(language, before)


def _blank_line_wants_block(tree: SyntaxTree, position: Position) -> bool:
    language = tree.language
    width = indentation(tree.snapshot.line(position.line)[: position.character])
    above = _code_above(tree, position.line)
    if above is not None and _opens_block(language, above):
        return width > indentation(above) or not language.indent_blocks
    if not language.blank_line_blocks or (above is not None and _UNFINISHED.search(above)):
        return False
    return _fits_indentation(tree, position.line, width) and not _in_brackets(tree, position)


def _opens_block(language: Language, line: str) -> bool:
    """Tell whether a line, from its start on, is the header of a block."""
    code = without_comment(language, line).strip()
    return len(code) <= _LINE_LIMIT and _header(language).search(code) is not None


@cache
def _header(language: Language) -> re.Pattern[str]:
    return re.compile(language.block_header)


def _code_above(tree: SyntaxTree, line: int) -> str | None:
    """Return the nearest line above that holds more than a comment, without its comment."""
    for number in range(line - 1, max(-1, line - 1 - _LINES_AROUND), -1):
        text = tree.snapshot.line(number)
        if not text.strip():
            continue
        if len(text) > _LINE_LIMIT:
            return text[:_LINE_LIMIT]
        code = without_comment(tree.language, text)
        end = Position(number, len(code))
        if code.strip() and cursor_region(tree, end) is not Region.COMMENT:
            return code
    return None


def _fits_indentation(tree: SyntaxTree, line: int, width: int) -> bool:
    """Tell whether a line of this indentation can stand here: some block around has it."""
    below = _line_below(tree, line)
    if below is not None:
        least = indentation(below) + (1 if _CLOSING_LINE.match(below.lstrip()) else 0)
        if width < least:
            return False
    level: int | None = None
    for number in range(line - 1, max(-1, line - 1 - _LINES_AROUND), -1):
        text = tree.snapshot.line(number)[:_LINE_LIMIT]
        if not text.strip():
            continue
        here = indentation(text)
        if here == width and (level is None or here < level):
            return True
        level = here if level is None else min(level, here)
        if level < width:
            return False
    return width == 0


def _line_below(tree: SyntaxTree, line: int) -> str | None:
    for number in range(line + 1, min(tree.snapshot.line_count, line + 1 + _LINES_AROUND)):
        text = tree.snapshot.line(number)[:_LINE_LIMIT]
        if text.strip():
            return text
    return None


def _in_brackets(tree: SyntaxTree, position: Position) -> bool:
    """Tell whether the innermost brackets around a place hold something else than a body."""
    byte = tree.byte_at(position)
    for node in reversed(path_to(tree.root, max(0, byte - 1))):
        if not node.start_byte < byte < node.end_byte:
            continue
        if node.type in tree.language.nodes.bodies:
            return False
        if any(child.type in {"(", "[", "{"} for child in children(node, limit=1)):
            return True
    return False
