"""How many syntax errors a document would have if something were put in at one place.

The document's own tree is the start of the parse, so that an insertion of a few lines costs about
as much as a key press does. A long document is looked at around the place only: where a bracket is
missing, tree-sitter reads everything behind it anew.
"""

from __future__ import annotations

from typing import NamedTuple

import tree_sitter

from fimble.syntax.one_shot import parse_window
from fimble.syntax.parser import SlicedParser
from fimble.syntax.tree import SyntaxTree, error_nodes
from fimble.text.edit import BytePoint, byte_edit
from fimble.text.position import Position

_WHOLE_BYTES = 64_000
"""Up to which length a document is looked at as a whole."""
_WINDOW_LINES = 200


class Errors(NamedTuple):
    """Syntax errors of a document: skipped text and missing tokens."""

    total: int
    inside: int
    """Those that touch what was put in."""
    skipped_bytes: int
    """How much text is skipped; other errors may hide in it."""


class InsertionCheck:
    """Counts errors of one document with one insertion or another at one place."""

    __slots__ = ("_budget_us", "_gave_up", "_parser", "_place", "_tree")

    def __init__(
        self, tree: SyntaxTree, place: Position, *, budget_us: int, lines: int = _WINDOW_LINES
    ) -> None:
        """Prepare for questions about one place.

        Args:
            tree: The document.
            place: Where something is put in.
            budget_us: When a parse is given up; no further question is answered then.
            lines: How much of a long document is looked at.
        """
        self._budget_us = budget_us
        self._gave_up = False
        if len(tree.source) > _WHOLE_BYTES:
            window = parse_window(tree.snapshot, place, lines=lines, language=tree.language)
            tree = window or tree
        self._tree = tree
        self._place = place
        self._parser = SlicedParser(tree.language)

    def errors_without(self) -> Errors | None:
        """Count the errors of the document, or of the part that is looked at, as it is."""
        return self._errors(self._place, self._place, "")

    def errors_without_line(self) -> Errors | None:
        """Count the errors of the document with the text of the place's line taken out.

        These are errors that nothing on the line is to blame for. None when time ran out.
        """
        line = self._place.line
        end = Position(line, len(self._tree.snapshot.line(line)))
        return self._errors(Position(line, 0), end, "")

    def errors_with(self, text: str, *, replaced_characters: int = 0) -> Errors | None:
        """Count the errors with `text` put in, in place of some characters behind the place.

        Returns:
            The numbers; None when time ran out.
        """
        line, character = self._place
        return self._errors(self._place, Position(line, character + replaced_characters), text)

    def errors_replacing(self, end: Position, text: str) -> Errors | None:
        """Count the errors with `text` in place of everything from the place to `end`."""
        return self._errors(self._place, end, text)

    def _errors(self, start: Position, end: Position, text: str) -> Errors | None:
        if self._gave_up:
            return None
        tree = self._tree
        source = tree.source
        first = tree.byte_at(start)
        last = tree.byte_at(end)
        inserted = text.encode("utf-8", "surrogatepass")
        row_start = source.rfind(b"\n", 0, first) + 1
        edit = byte_edit(
            start_byte=first,
            start_point=BytePoint(source.count(b"\n", 0, first), first - row_start),
            removed=source[first:last],
            inserted=inserted,
        )
        old = tree.editable_copy()
        old.edit(
            edit.start_byte,
            edit.old_end_byte,
            edit.new_end_byte,
            edit.start_point,
            edit.old_end_point,
            edit.new_end_point,
        )
        with_text = source[:first] + inserted + source[last:]
        found = self._parser.run(with_text, old, budget_us=self._budget_us)
        if found is None:
            self._parser.give_up()
            self._gave_up = True
            return None
        errors = list(error_nodes(found, 0, len(with_text) + 1))
        last = first + len(inserted)
        inside = sum(each.start_byte <= last and each.end_byte > first for each in errors)
        return Errors(total=len(errors), inside=inside, skipped_bytes=_skipped(errors))


def _skipped(errors: list[tree_sitter.Node]) -> int:
    """Count the bytes under the outermost error nodes."""
    count = end = 0
    for each in errors:
        count += max(0, each.end_byte - max(end, each.start_byte))
        end = max(end, each.end_byte)
    return count
