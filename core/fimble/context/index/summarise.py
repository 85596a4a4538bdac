"""From one file's text to what the index keeps of it, secrets masked (T15). Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Final

from fimble.context.index.records import FileSummary
from fimble.policy.masking import mask_secrets
from fimble.syntax.language import Language, SymbolKind
from fimble.syntax.languages import language_for, languages
from fimble.syntax.outline import Listed, listing
from fimble.syntax.parser import SlicedParser
from fimble.syntax.size import is_too_large
from fimble.syntax.tree import SyntaxTree
from fimble.text.snapshot import Snapshot

_WORD: Final = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]{1,80}")
_DATA_KINDS: Final = frozenset(
    {SymbolKind.KEY, SymbolKind.RULE, SymbolKind.ELEMENT, SymbolKind.SECTION}
)
"""What data and documents consist of: nobody looks up a key of JSON by name."""
_SHORTEST_KEY: Final = 20
_DIGITS: Final = frozenset(b"0123456789")
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


def _masked(symbols: list[Listed]) -> tuple[Listed, ...]:
    """Return the symbols with the secrets in their texts masked: a default value may be one."""
    # All at once: hardly any file has one, and a call for each symbol would cost more than parsing.
    if mask_secrets("\n".join(f"{it.signature}\n{it.doc}" for it in symbols))[1] == 0:
        return tuple(symbols)
    return tuple(
        it._replace(signature=mask_secrets(it.signature)[0], doc=mask_secrets(it.doc)[0])
        for it in symbols
    )


def _words(source: bytes) -> dict[bytes, int]:
    """Count the identifiers of a text; keys are looked for once for each word."""
    counts = Counter(_WORD.findall(source))
    return {word: count for word, count in counts.items() if not _is_key(word)}


def _is_key(word: bytes) -> bool:
    """Whether a word is no identifier but a key that stands in a string."""
    if len(word) < _SHORTEST_KEY or _DIGITS.isdisjoint(word):
        return False
    return mask_secrets(word.decode("utf-8", "replace"))[1] > 0


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
            symbols=_masked([it for it in symbols if it.kind not in _DATA_KINDS]),
            imports=tuple(imports),
            words=_words(source),
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
