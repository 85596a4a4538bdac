"""From one file's text to what the index keeps of it. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Final

from fimble.context.index.records import FileSummary
from fimble.syntax.language import Language, SymbolKind
from fimble.syntax.languages import language_for, languages
from fimble.syntax.outline import listing
from fimble.syntax.parser import SlicedParser
from fimble.syntax.size import is_too_large
from fimble.syntax.tree import SyntaxTree
from fimble.text.snapshot import Snapshot

_WORD: Final = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]{1,80}")
_DATA_KINDS: Final = frozenset(
    {SymbolKind.KEY, SymbolKind.RULE, SymbolKind.ELEMENT, SymbolKind.SECTION}
)
"""What data and documents consist of: nobody looks up a key of JSON by name."""
_DIGEST_BYTES: Final = 16
_SLICE_US: Final = 2_000


def code_language(path: str) -> Language | None:
    """Return the language of a file that the index takes; None for data, documents and others."""
    language = language_for("", path)
    return language if language is not None and language.name in _code_languages() else None


@cache
def _code_languages() -> frozenset[str]:
    return frozenset(
        row.name
        for row in languages()
        if any(rule.kind not in _DATA_KINDS for rule in row.nodes.definitions.values())
    )


def digest_of(text: str) -> bytes:
    """Return what texts are compared by."""
    encoded = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, digest_size=_DIGEST_BYTES).digest()


class Summariser:
    """Reads texts one after the other, with one parser for each language; one thread's own."""

    def __init__(self, *, pause: Callable[[], None] | None = None) -> None:
        """Prepare.

        Args:
            pause: Called every two milliseconds of a parse, to let others work; None parses in
                one go, which holds the interpreter's lock for as long as it takes.
        """
        self._pause = pause
        self._parsers: dict[str, SlicedParser] = {}

    def summarise(self, text: str, language: Language) -> FileSummary:
        """Return what a text holds."""
        snapshot = Snapshot.from_text(text)
        source = snapshot.utf8
        digest = hashlib.blake2b(source, digest_size=_DIGEST_BYTES).digest()
        tree = None if is_too_large(source) else self._parsed(source, snapshot, language)
        symbols, imports = ([], []) if tree is None else listing(tree)
        return FileSummary(
            language=language.name,
            # The empty line behind the last ending is the editor's, not the file's.
            lines=snapshot.line_count - (not snapshot.lines[-1]),
            digest=digest,
            symbols=tuple(it for it in symbols if it.kind not in _DATA_KINDS),
            imports=tuple(imports),
            words=Counter(_WORD.findall(source)),
        )

    def _parsed(self, source: bytes, snapshot: Snapshot, language: Language) -> SyntaxTree:
        parser = self._parsers.get(language.name)
        if parser is None:
            parser = self._parsers[language.name] = SlicedParser(language)
        budget = _SLICE_US if self._pause else 0
        tree = parser.run(source, None, budget_us=budget)
        while tree is None:
            if self._pause:
                self._pause()
            tree = parser.run(source, None, budget_us=budget)
        return SyntaxTree(tree, language=language, snapshot=snapshot)
