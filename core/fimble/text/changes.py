"""Changes of a document as an editor sends them (`textDocument/didChange`)."""

from __future__ import annotations

from fimble.text.edit import ByteEdit
from fimble.text.encoding import PositionEncoding, from_code_points, to_code_points
from fimble.text.position import Position, Range
from fimble.text.snapshot import Snapshot


def apply_change(
    snapshot: Snapshot,
    range_in_client_units: Range | None,
    text: str,
    encoding: PositionEncoding,
    version: int,
) -> tuple[Snapshot, ByteEdit | None]:
    """Apply one change event.

    Args:
        snapshot: The document before the change.
        range_in_client_units: What to replace, its characters counted in `encoding`, or None to
            replace the whole document. A line past the last means the end of the document, a
            character past the end of a line the place before its ending, one inside a character
            the character's start; a reversed range is swapped.
        text: The replacement.
        encoding: What was agreed in `initialize`.
        version: The version after the change.

    Returns:
        The document after the change, and the edit for an incremental parse; None for a whole
        document, which is parsed anew.
    """
    if range_in_client_units is None:
        whole = Snapshot.from_text(
            text, uri=snapshot.uri, version=version, language_id=snapshot.language_id
        )
        return whole, None
    inside = Range(
        position_in_code_points(snapshot, range_in_client_units.start, encoding),
        position_in_code_points(snapshot, range_in_client_units.end, encoding),
    )
    return snapshot.replace(inside, text, version=version)


def position_in_code_points(
    snapshot: Snapshot, position: Position, encoding: PositionEncoding
) -> Position:
    """Convert an editor's position into ours, clamped as `apply_change` says."""
    if position.line >= snapshot.line_count:
        return snapshot.end
    if position.line < 0:
        return Position(0, 0)
    units = to_code_points(snapshot.line(position.line), position.character, encoding)
    return Position(position.line, units)


def position_in_client_units(
    snapshot: Snapshot, position: Position, encoding: PositionEncoding
) -> Position:
    """Convert one of our positions, clamped, into an editor's."""
    line, character = snapshot.clamp(position)
    return Position(line, from_code_points(snapshot.line(line), character, encoding))
