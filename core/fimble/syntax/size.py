"""Which documents are too large to be parsed as a whole (security.md F17)."""

from __future__ import annotations

LARGE_BYTES = 1 << 20
"""From here on a full parse takes a tenth of a second and more."""
LONG_LINE_BYTES = 20_000
"""A line like this is minified or generated; parsing it teaches nothing and takes long."""


def is_too_large(source: bytes) -> bool:
    """Tell whether a document is parsed only in a window around the cursor.

    Leaps from line end to line end in steps just short of the limit, so that the usual document
    costs one step for twenty thousand bytes. Lines are ended by LF here, as for tree-sitter.
    """
    size = len(source)
    if size >= LARGE_BYTES:
        return True
    start = 0
    while size - start >= LONG_LINE_BYTES:
        line_end = source.rfind(b"\n", start, start + LONG_LINE_BYTES)
        if line_end == -1:
            return True
        start = line_end + 1
    return False
