"""One change of a document in the terms of tree-sitter: bytes, and rows of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fimble.text.position import ByteOffset


class BytePoint(NamedTuple):
    r"""A place as tree-sitter counts it: rows end at LF alone, columns are bytes.

    The row is the line of `Position` unless the document holds a bare CR, which ends a line for
    editors but not a row for tree-sitter (tree-sitter/tree-sitter:lib/src/lexer.c counts "\n").
    """

    row: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteEdit:
    """The arguments of `tree_sitter.Tree.edit` for one replacement."""

    start_byte: ByteOffset
    """Where old and new text begin to differ."""
    old_end_byte: ByteOffset
    """Where the replaced text ended, in the old document."""
    new_end_byte: ByteOffset
    """Where the replacement ends, in the new document."""
    start_point: BytePoint
    old_end_point: BytePoint
    new_end_point: BytePoint


def byte_edit(
    *, start_byte: int, start_point: BytePoint, removed: bytes, inserted: bytes
) -> ByteEdit:
    """Describe the replacement of `removed` by `inserted` at one place, both in UTF-8."""
    return ByteEdit(
        start_byte=ByteOffset(start_byte),
        old_end_byte=ByteOffset(start_byte + len(removed)),
        new_end_byte=ByteOffset(start_byte + len(inserted)),
        start_point=start_point,
        old_end_point=_point_after(start_point, removed),
        new_end_point=_point_after(start_point, inserted),
    )


def _point_after(start: BytePoint, passed: bytes) -> BytePoint:
    """Move `start` over the bytes `passed`."""
    rows = passed.count(b"\n")
    if rows == 0:
        return BytePoint(start.row, start.column + len(passed))
    return BytePoint(start.row + rows, len(passed) - passed.rindex(b"\n") - 1)
