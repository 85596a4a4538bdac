"""Ranks what files hold for one place: signatures and chunks, each with its reason. Pure.

Chunks: BM25 over lines, with words weighted by their distance from the cursor, parts of
identifiers as terms of their own, and a boost for files that the document has to do with.
Signatures: definitions that the surroundings name, members of what they name, what is imported;
their own words count as well. Which figures were tried is told in bench/RESULTS.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fimble.context.index.records import IndexedSymbol
from fimble.context.retrieval.file_view import FileView
from fimble.context.retrieval.postings import bm25
from fimble.context.retrieval.records import ContextItem, ContextQuery, ItemKind, Route
from fimble.context.retrieval.terms import weighted_terms, weighted_words

NAMED: Final = 6.0
MEMBER: Final = 5.0
IMPORTED: Final = 2.0
AROUND: Final = 3.0
LEXICAL: Final = 0.6
_TYPED: Final = re.compile(r"(\w{2,60})\s*(?::|=|:=)\s*(?:new\s+|await\s+)?(?:\w+\.)*([A-Z]\w{2,60})")
"""`client: Client`, `client = Client(`: which members may stand behind `client.`."""
_TYPED_CHARACTERS: Final = 200_000
_PLAIN: Final = Route(boost=0.0, reason="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a place asks for."""

    words: Mapping[str, float]
    """Identifiers near the cursor by their weight."""
    terms: Mapping[str, float]
    types: Mapping[str, float]
    """Names of types whose members may be wanted."""
    imported: frozenset[str]
    enclosing: frozenset[str]


def wanted_at(query: ContextQuery) -> Wanted:
    """Read off what a place may need from what stands around it."""
    words = weighted_words(query.before, query.after)
    types: dict[str, float] = {}
    for match in _TYPED.finditer(query.snapshot.text[:_TYPED_CHARACTERS]):
        weight = words.get(match[1], 0.0)
        if weight > types.get(match[2], 0.0):
            types[match[2]] = weight
    for word, weight in words.items():
        if word[:1].isupper() and weight > types.get(word, 0.0):
            types[word] = weight
    return Wanted(
        words=words,
        terms=weighted_terms(words),
        types=types,
        imported=frozenset(it.name or it.module for it in query.imports if it.name != "*"),
        enclosing=frozenset(query.enclosing),
    )


def rank_chunks(
    views: Sequence[FileView], routes: Mapping[str, Route], query: ContextQuery, wanted: Wanted
) -> list[ContextItem]:
    """Return chunks that have to do with a place, best first; none of the query's own window."""
    found: list[ContextItem] = []
    for view, scores in zip(
        views, bm25([view.chunks for view in views], wanted.terms), strict=True
    ):
        route = routes.get(view.path, _PLAIN)
        for number, score in scores.items():
            first, end = view.chunk_lines(number)
            for start, stop in _outside(first, end, view.path, query):
                text = "\n".join(view.lines[start:stop]).strip("\n")
                if not text.strip():
                    continue
                share = (stop - start) / (end - first)
                found.append(
                    ContextItem(
                        path=view.path,
                        kind=ItemKind.CHUNK,
                        first_line=start + 1,
                        last_line=stop,
                        text=text,
                        reason=f"similar code{', ' if route.reason else ''}{route.reason}",
                        score=score * share * (1 + route.boost),
                    )
                )
    return sorted(found, key=_by_score)


def rank_signatures(
    views: Sequence[FileView], routes: Mapping[str, Route], query: ContextQuery, wanted: Wanted
) -> list[ContextItem]:
    """Return definitions that a place may need, best first; none of the query's own window."""
    found: list[ContextItem] = []
    scores = bm25([view.signatures for view in views], wanted.terms)
    for view, lexical in zip(views, scores, strict=True):
        route = routes.get(view.path, _PLAIN)
        heads = {it.qualified: it.signature for it in view.symbols}
        for number, symbol in enumerate(view.symbols):
            if _is_shown(symbol, query):
                continue
            own, reason = _claim(symbol, query, wanted)
            score = (own + LEXICAL * lexical.get(number, 0.0)) * (1 + route.boost)
            if score <= 0:
                continue
            found.append(
                ContextItem(
                    path=view.path,
                    kind=ItemKind.SIGNATURE,
                    first_line=symbol.first_line,
                    last_line=symbol.last_line,
                    text=symbol.signature if not own or not symbol.doc else _documented(symbol),
                    reason=reason or f"similar name{', ' if route.reason else ''}{route.reason}",
                    score=score,
                    container=heads.get(symbol.container, symbol.container),
                )
            )
    return sorted(found, key=_by_score)


def _claim(symbol: IndexedSymbol, query: ContextQuery, wanted: Wanted) -> tuple[float, str]:
    """Return how much a place asks for a definition by name, and how."""
    name, holder = symbol.name, symbol.container.rpartition(".")[2]
    claims = [
        (NAMED * wanted.words.get(name, 0.0), f"`{name}` is named near the cursor"),
        (MEMBER * wanted.types.get(holder, 0.0) if holder else 0.0, f"member of `{holder}`"),
        (IMPORTED if name in wanted.imported and not holder else 0.0, f"`{name}` is imported"),
    ]
    if holder and holder in wanted.enclosing and symbol.path == query.path:
        claims.append((AROUND, f"member of `{holder}`, which the cursor is in"))
    return max(claims, key=_value)


def _value(claim: tuple[float, str]) -> float:
    return claim[0]


def _documented(symbol: IndexedSymbol) -> str:
    return f"{symbol.signature}  # {symbol.doc}"


def _is_shown(symbol: IndexedSymbol, query: ContextQuery) -> bool:
    return (
        symbol.path == query.path and query.first_line < symbol.first_line <= query.last_line + 1
    )


def _outside(start: int, end: int, path: str, query: ContextQuery) -> Iterator[tuple[int, int]]:
    """Yield the parts of some lines that the query's window does not show."""
    if path != query.path or end <= query.first_line or start > query.last_line:
        yield start, end
        return
    if start < query.first_line:
        yield start, query.first_line
    if end > query.last_line + 1:
        yield query.last_line + 1, end


def _by_score(item: ContextItem) -> tuple[float, str, int]:
    return -item.score, item.path, item.first_line


def priced(item: ContextItem, tokens: int) -> ContextItem:
    """Return the item with what it costs."""
    return replace(item, tokens=tokens)
