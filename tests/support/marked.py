"""Documents written in tests with a cursor mark in them."""

from __future__ import annotations

from fimble.text.position import ByteOffset, Position
from fimble.text.snapshot import Snapshot

CURSOR = "<|cursor|>"


def marked(
    source: str, *, uri: str = "file:///w/a.py", version: int = 1, language_id: str = "python"
) -> tuple[Snapshot, Position]:
    """Return the document without its mark and the place where the mark stood."""
    if source.count(CURSOR) != 1:
        raise ValueError(f"the text must hold exactly one {CURSOR}")
    before, after = source.split(CURSOR)
    snapshot = Snapshot.from_text(before + after, uri=uri, version=version, language_id=language_id)
    offset = ByteOffset(len(before.encode("utf-8", "surrogatepass")))
    return snapshot, snapshot.position_at_byte(offset)
