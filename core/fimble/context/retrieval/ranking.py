"""Ranks what files hold for one place: signatures and chunks, each with its reason. Pure.

Chunks: BM25 over lines, with words weighted by their distance from the cursor, parts of
identifiers as terms of their own, and a boost for files that the document has to do with.
Signatures: definitions that the surroundings name, members of what they name, what is imported;
their own words count as well. Which figures were tried is told in bench/RESULTS.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final

from fimble.context.index.records import IndexedSymbol
from fimble.context.retrieval.file_view import FileView
from fimble.context.retrieval.postings import bm25
from fimble.context.retrieval.records import ContextItem, ContextQuery, ItemKind, Route
from fimble.context.retrieval.terms import identifiers, weighted_terms, weighted_words
from fimble.syntax.imported import ImportedName
from fimble.syntax.languages import language_for

NAMED: Final = 6.0
MEMBER: Final = 5.0
IMPORTED: Final = 2.0
AROUND: Final = 3.0
FOLLOWED: Final = 15.0
LEXICAL: Final = 1.0
_TYPED: Final = re.compile(r"[:=]\s*(?:new\s+|await\s+)?(?:\w+\.)*([A-Z]\w{2,60})")
_NAME_BEFORE: Final = re.compile(r"\w{2,60}$")
"""`client: Client`, `client = Client(`: which members may stand behind `client.`."""
_TYPED_CHARACTERS: Final = 200_000
_NAME_CHARACTERS: Final = 64
NEAR_CURSOR: Final = " is named near the cursor"
_MOST_CHUNKS: Final = 120
_FOLLOWED_CHUNKS: Final = 8
_MOST_FOLLOWED: Final = 60
_MOST_SIGNATURES: Final = 240
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
    followed: Mapping[str, float] = field(default_factory=dict[str, float])
    """Identifiers of the code that is most alike, by how much of it holds them (up to 1)."""

    @property
    def names(self) -> frozenset[str]:
        """Names of definitions that are asked for."""
        return self.imported | self.words.keys() | self.followed.keys()

    @property
    def holders(self) -> frozenset[str]:
        """Names of definitions whose members are."""
        return self.enclosing | self.types.keys()


def types_of_names(text: str) -> dict[str, set[str]]:
    """Return which types a text says that its names have, by annotations and constructors."""
    found: dict[str, set[str]] = {}
    for match in _TYPED.finditer(text[:_TYPED_CHARACTERS]):
        # Looked for from the type backwards: words are many, types behind a sign are few.
        before = text[max(0, match.start() - _NAME_CHARACTERS) : match.start()].rstrip(" \t:")
        if name := _NAME_BEFORE.search(before):
            found.setdefault(name[0], set()).add(match[1])
    return found


def wanted_at(
    query: ContextQuery,
    imports: Sequence[ImportedName],
    symbols: Sequence[IndexedSymbol],
    typed: Mapping[str, Collection[str]],
) -> Wanted:
    """Read off what a place may need from what stands around it.

    Args:
        query: The place.
        imports: What its document imports.
        symbols: What its document defines.
        typed: What its document says of the types of names, as `types_of_names` reads it.
    """
    words = weighted_words(query.before, query.after)
    types: dict[str, float] = {}
    for word, weight in words.items():
        for name in typed.get(word, ()):
            types[name] = max(weight, types.get(name, 0.0))
    for word, weight in words.items():
        if word[:1].isupper() and weight > types.get(word, 0.0):
            types[word] = weight
    return Wanted(
        words=words,
        terms=weighted_terms(words),
        types=types,
        imported=frozenset(it.name or it.module for it in imports if it.name != "*"),
        enclosing=_enclosing(query, symbols),
    )


def _enclosing(query: ContextQuery, symbols: Sequence[IndexedSymbol]) -> frozenset[str]:
    """Return the names of the definitions around the cursor, also where their end is not typed."""
    line = query.cursor.line + 1
    inside = {it.name for it in symbols if it.first_line < line <= it.last_line}
    if query.snapshot.line(query.cursor.line)[:1] in (" ", "\t", ""):
        above = [it for it in symbols if it.first_line < line]
        if above and above[-1].container:
            inside |= set(above[-1].container.split("."))
    return frozenset(inside)


def rank_chunks(
    views: Sequence[FileView], routes: Mapping[str, Route], query: ContextQuery, wanted: Wanted
) -> list[ContextItem]:
    """Return chunks that have to do with a place, best first; none of the query's own window."""
    found: list[tuple[float, FileView, int]] = []
    for view, scores in zip(
        views, bm25([view.chunks for view in views], wanted.terms), strict=True
    ):
        boost = 1 + routes.get(view.path, _PLAIN).boost
        found += [(score * boost, view, number) for number, score in scores.items()]
    items = [
        item
        for score, view, number in nlargest(_MOST_CHUNKS, found, key=_first)
        for item in _chunk(view, number, score, routes.get(view.path, _PLAIN), query)
    ]
    return sorted(items, key=_by_score)


def named_in(chunks: Sequence[ContextItem], known: Collection[str]) -> dict[str, float]:
    """Return what the best chunks name besides, most held first: who writes alike will need it.

    Pseudo-relevance feedback (Rocchio, 1971), for signatures alone: as search terms for further
    chunks such words drift away.
    """
    best = chunks[:_FOLLOWED_CHUNKS]
    found: dict[str, float] = {}
    for chunk in best:
        for word in set(identifiers(chunk.text)).difference(known):
            found[word] = found.get(word, 0.0) + chunk.score
    total = sum(chunk.score for chunk in best)
    # By the word where they are equal: a set's order may not decide.
    most = sorted(found.items(), key=lambda it: (-it[1], it[0]))[:_MOST_FOLLOWED]
    return {word: score / total for word, score in most}


def _chunk(
    view: FileView, number: int, score: float, route: Route, query: ContextQuery
) -> Iterator[ContextItem]:
    first, end = view.chunk_lines(number)
    for start, stop in _outside(first, end, view.path, query):
        text = "\n".join(view.lines[start:stop]).strip("\n")
        if text.strip():
            yield ContextItem(
                path=view.path,
                kind=ItemKind.CHUNK,
                first_line=start + 1,
                last_line=stop,
                text=text,
                reason=_because("similar code", route),
                score=score * (stop - start) / (end - first),
            )


def rank_signatures(
    views: Sequence[FileView], routes: Mapping[str, Route], query: ContextQuery, wanted: Wanted
) -> list[ContextItem]:
    """Return definitions that a place may need, best first; none of the query's own window."""
    found: list[tuple[float, str, FileView, IndexedSymbol]] = []
    scores = bm25([view.signatures for view in views], wanted.terms)
    for view, lexical in zip(views, scores, strict=True):
        boost = 1 + routes.get(view.path, _PLAIN).boost
        claimed = _candidates(view, wanted)
        for number in claimed | lexical.keys():
            symbol = view.symbols[number]
            if not _is_shown(symbol, query):
                own, reason = _claim(symbol, query, wanted) if number in claimed else (0.0, "")
                score = (own + LEXICAL * lexical.get(number, 0.0)) * boost
                found.append((score, reason, view, symbol))
    return [
        _signature(score, reason, view, symbol, routes.get(view.path, _PLAIN))
        for score, reason, view, symbol in sorted(
            nlargest(_MOST_SIGNATURES, found, key=_first),
            key=lambda it: (-it[0], it[2].path, it[3].first_line),
        )
    ]


def _candidates(view: FileView, wanted: Wanted) -> set[int]:
    """Return the definitions of a file that are asked for by their names or their holders'."""
    names = [numbers for name in wanted.names if (numbers := view.by_name.get(name))]
    held = [numbers for name in wanted.holders if (numbers := view.members.get(name))]
    return {number for numbers in (*names, *held) for number in numbers}


def _signature(
    score: float, reason: str, view: FileView, symbol: IndexedSymbol, route: Route
) -> ContextItem:
    # Documentation costs as much as the signature: only for what is named here itself.
    documented = reason.endswith(NEAR_CURSOR)
    return ContextItem(
        path=view.path,
        kind=ItemKind.SIGNATURE,
        first_line=symbol.first_line,
        last_line=symbol.last_line,
        text=_documented(symbol) if symbol.doc and documented else symbol.signature,
        reason=reason or _because("similar name", route),
        score=score,
        container=view.head_of(symbol.container),
    )


def _because(what: str, route: Route) -> str:
    return f"{what}, {route.reason}" if route.reason else what


def _first(scored: tuple[float, *tuple[object, ...]]) -> float:
    return scored[0]


def _claim(symbol: IndexedSymbol, query: ContextQuery, wanted: Wanted) -> tuple[float, str]:
    """Return how much a place asks for a definition by name, and how."""
    name, holder = symbol.name, symbol.container.rpartition(".")[2]
    claims = [
        (NAMED * wanted.words.get(name, 0.0), f"`{name}`{NEAR_CURSOR}"),
        (MEMBER * wanted.types.get(holder, 0.0) if holder else 0.0, f"member of `{holder}`"),
        (IMPORTED if name in wanted.imported and not holder else 0.0, f"`{name}` is imported"),
    ]
    if holder and holder in wanted.enclosing and symbol.path == query.path:
        claims.append((AROUND, f"member of `{holder}`, which the cursor is in"))
    followed = FOLLOWED * wanted.followed.get(name, 0.0)
    score, reason = max(claims, key=_first)
    if score:
        return score + followed, reason
    return followed, f"`{name}` is used in similar code" if followed else ""


def _documented(symbol: IndexedSymbol) -> str:
    language = language_for("", symbol.path)
    comment = (language.line_comment if language is not None else "") or "//"
    return f"{symbol.signature}  {comment} {symbol.doc}"


def _is_shown(symbol: IndexedSymbol, query: ContextQuery) -> bool:
    return symbol.path == query.path and query.first_line < symbol.first_line <= query.last_line + 1


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
