"""Parse a document once, as a whole or in a window; for callers that keep no parser."""

from __future__ import annotations

from fimble.syntax.language import Language
from fimble.syntax.languages import language_for
from fimble.syntax.parser import SlicedParser
from fimble.syntax.size import is_too_large
from fimble.syntax.tree import SyntaxTree
from fimble.syntax.window import excerpt_around
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

DEFAULT_DEADLINE_MS = 50.0
"""No reader may keep an event loop longer (security.md F17); 50 ms parse some 15,000 lines."""


def parse(
    snapshot: Snapshot,
    *,
    language: Language | None = None,
    deadline_ms: float = DEFAULT_DEADLINE_MS,
) -> SyntaxTree | None:
    """Parse a whole document, from scratch and in one go.

    Args:
        snapshot: The document.
        language: What to parse it as; by default what its identifier and name say.
        deadline_ms: When to give up.

    Returns:
        The tree; None when the language has no grammar, when the document is too large to be
        parsed as a whole (`parse_window` does it in part), or when the deadline passed.
    """
    language = language or language_for(snapshot.language_id, snapshot.uri)
    if language is None or is_too_large(snapshot.utf8):
        return None
    tree = SlicedParser(language).run(snapshot.utf8, None, budget_us=_microseconds(deadline_ms))
    return tree and SyntaxTree(tree, language=language, snapshot=snapshot)


def parse_window(
    snapshot: Snapshot,
    around: Position,
    *,
    lines: int = 600,
    language: Language | None = None,
    deadline_ms: float = DEFAULT_DEADLINE_MS,
) -> SyntaxTree | None:
    """Parse the part of a large document around a place.

    Places that the tree is asked for and answers with are places in the whole document; what lies
    outside `SyntaxTree.covered` it does not know.

    Args:
        snapshot: The document, of any size.
        around: The place of interest, usually the cursor.
        lines: How many lines to parse, at most; long lines count for more.
        language: What to parse it as; by default what its identifier and name say.
        deadline_ms: When to give up.

    Returns:
        The tree; None when the language has no grammar or when the deadline passed.
    """
    language = language or language_for(snapshot.language_id, snapshot.uri)
    if language is None:
        return None
    excerpt, start = excerpt_around(snapshot, around, lines=lines)
    tree = SlicedParser(language).run(excerpt.utf8, None, budget_us=_microseconds(deadline_ms))
    return tree and SyntaxTree(
        tree, language=language, snapshot=snapshot, excerpt=excerpt, start=start
    )


def _microseconds(deadline_ms: float) -> int:
    return max(1, int(deadline_ms * 1000))
