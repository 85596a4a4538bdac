"""How many syntax errors a document would have if something were put in at one place.

The document's own tree is the start of the parse, so that an insertion of a few lines costs about
as much as a key press does.
"""

from __future__ import annotations

from typing import NamedTuple

from fimble.syntax.parser import SlicedParser
from fimble.syntax.tree import SyntaxTree, error_nodes
from fimble.text.edit import BytePoint, byte_edit
from fimble.text.position import Position

_BUDGET_US = 10_000
"""When one parse is given up; 0.3 ms are usual, a safety net for code that parses badly."""


class Errors(NamedTuple):
    """Syntax errors of a document: skipped text and missing tokens."""

    total: int
    inside: int
    """Those that begin inside of what was put in, or at its end."""


class InsertionCheck:
    """Counts errors of one document with one insertion or another at one place."""

    __slots__ = ("_parser", "_place", "_tree")

    def __init__(self, tree: SyntaxTree, place: Position) -> None:
        self._tree = tree
        self._place = place
        self._parser = SlicedParser(tree.language)

    def errors_without(self) -> int:
        """Count the errors of the document as it is."""
        return self._tree.error_count()

    def errors_without_line(self) -> int | None:
        """Count the errors of the document with the text of the place's line taken out.

        These are errors that nothing on the line is to blame for. None when time ran out.
        """
        line = self._tree.snapshot.line(self._place.line)
        found = self._errors(Position(self._place.line, 0), len(line), "")
        return None if found is None else found.total

    def errors_with(self, text: str, *, replaced_characters: int = 0) -> Errors | None:
        """Count the errors with `text` put in, in place of some characters behind the place.

        Returns:
            The numbers; None when time ran out.
        """
        return self._errors(self._place, replaced_characters, text)

    def _errors(self, start: Position, replaced_characters: int, text: str) -> Errors | None:
        tree = self._tree
        source = tree.source
        first = tree.byte_at(start)
        last = tree.byte_at(Position(start.line, start.character + replaced_characters))
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
        found = self._parser.run(with_text, old, budget_us=_BUDGET_US)
        if found is None:
            self._parser.give_up()
            return None
        starts = [node.start_byte for node in error_nodes(found, 0, len(with_text) + 1)]
        inside = sum(first <= each <= first + len(inserted) for each in starts)
        return Errors(total=len(starts), inside=inside)
