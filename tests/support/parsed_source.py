"""Syntax trees for tests."""

from __future__ import annotations

from fimble.syntax.languages import language_named
from fimble.syntax.one_shot import parse
from fimble.syntax.tree import SyntaxTree
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from support.marked import marked


def parsed(language: str, text: str | Snapshot) -> SyntaxTree:
    """Parse a text in a language of the registry, without a hurry."""
    row = language_named(language)
    if row is None:
        raise ValueError(f"no language is called {language!r}")
    snapshot = Snapshot.from_text(text) if isinstance(text, str) else text
    tree = parse(snapshot, language=row, deadline_ms=20_000)
    if tree is None:
        raise ValueError(f"{snapshot!r} is too large to be parsed as a whole")
    return tree


def parsed_at_cursor(language: str, source: str) -> tuple[SyntaxTree, Position]:
    """Parse a text with a cursor mark; return the tree and the place of the mark."""
    snapshot, cursor = marked(source, language_id=language)
    return parsed(language, snapshot), cursor
