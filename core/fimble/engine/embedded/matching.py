"""Finds earlier places that read like the cursor's: the longest first, from four scopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple

from fimble.engine.embedded.cursor_context import Hypothesis
from fimble.engine.embedded.document_tokens import TokenRun
from fimble.engine.embedded.token_corpus import PAIR, QUAD, Piece, TokenCorpus, rest_of_line
from fimble.engine.embedded.vocabulary import NEWLINES

_PER_SCOPE = 48
_MAX_LOOKED_AT = 600
_MAX_PER_WORD = 100
_MAX_WORD_LOOKUPS = 32
_FEW = 6
"""With fewer matches than this, places are taken that have less in common with the cursor's."""
_MAX_WORDS_ALONE = 200


class Scope(IntEnum):
    """Where a match was found, nearest first."""

    BEFORE = 0
    """In this file, above the cursor."""
    AFTER = 1
    """In this file, below the cursor."""
    OPEN = 2
    """In another open document."""
    DIRECTORY = 3
    """In a file of the same directory."""
    WORKSPACE = 4


class Match(NamedTuple):
    """An earlier place whose preceding tokens are those before the cursor."""

    length: int
    """How many tokens agree; a word that is being typed counts as one."""
    scope: Scope
    distance: int
    """Tokens between the place and the cursor, in `Scope.BEFORE`; else the order found."""
    rest: str
    """The tokens from the place to the end of its line."""
    text: TokenRun | Piece
    offset: int
    """The token offset of `rest` in `text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDocument:
    """Another document that the editor has open."""

    source: str
    run: TokenRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything that may be copied from."""

    before: TokenRun
    after: TokenRun
    open_documents: Sequence[OpenDocument]
    corpus: TokenCorpus
    directory: str
    skip: frozenset[str]
    """Files that are open, whose text on disk is therefore out of date."""


def find_matches(hypothesis: Hypothesis, sources: Sources) -> list[Match]:
    """Find the best matches of each scope."""
    matches = _in_run(hypothesis, sources.before, Scope.BEFORE, backwards=True)
    matches += _in_run(hypothesis, sources.after, Scope.AFTER, backwards=False)
    for document in sources.open_documents:
        matches += _in_run(hypothesis, document.run, Scope.OPEN, backwards=False)
    matches += _in_corpus(hypothesis, sources)
    if len(matches) < _FEW:
        matches += _with_less(hypothesis, sources)
    return matches


def _with_less(hypothesis: Hypothesis, sources: Sources) -> list[Match]:
    """Find places that share one token with the cursor's: the last one, or the word begun."""
    found: list[Match] = []
    last, words = hypothesis.context[-1:], hypothesis.next_tokens
    if not words and (not last or last in NEWLINES):
        return found
    for run, scope, backwards in (
        (sources.before, Scope.BEFORE, True),
        (sources.after, Scope.AFTER, False),
    ):
        if words:
            ends = _ends_of_words(run.tokens, words, backwards=backwards)
        else:
            ends = _ends(run.tokens, last, backwards=backwards)
        size = len(run.tokens)
        found += [
            Match(
                length=1,
                scope=scope,
                distance=size - end if backwards else end,
                rest=rest_of_line(run.tokens, end),
                text=run,
                offset=end,
            )
            for end in islice(ends, _FEW * 2)
            if end < size
        ]
    if not words and hypothesis.context[-2:-1] in NEWLINES:
        found += _after_other_newlines(last, sources)
    return found


def _ends_of_words(tokens: str, words: frozenset[str], *, backwards: bool) -> Iterator[int]:
    """Yield where the words stand, the nearest first."""
    if len(words) > _MAX_WORDS_ALONE:
        return
    places = [tokens.rfind(word) if backwards else tokens.find(word) for word in words]
    yield from sorted((place for place in places if place >= 0), reverse=backwards)


def _after_other_newlines(first: str, sources: Sources) -> list[Match]:
    """Find lines of the workspace that begin with a token, however they are indented."""
    found: list[Match] = []
    near = sources.directory
    for newline in NEWLINES:
        places = sources.corpus.places(newline + first, limit=_FEW, skip=sources.skip, near=near)
        found += [
            Match(
                length=1,
                scope=Scope.DIRECTORY if piece.directory == near else Scope.WORKSPACE,
                distance=order,
                rest=rest_of_line(piece.tokens, end),
                text=piece,
                offset=end,
            )
            for order, (piece, end) in enumerate(places)
            if end < len(piece.tokens)
        ]
    return found


def _in_run(hypothesis: Hypothesis, run: TokenRun, scope: Scope, *, backwards: bool) -> list[Match]:
    tokens, context = run.tokens, hypothesis.context
    words = hypothesis.next_tokens
    seen: set[int] = set()
    ends: list[tuple[int, int]] = []
    grams = (QUAD, 1) if words else (QUAD, PAIR)
    for width in grams:
        if len(context) < width or len(ends) >= _PER_SCOPE:
            continue
        for end in _ends(tokens, context[-width:], backwards=backwards):
            if end in seen or end >= len(tokens) or (words and tokens[end] not in words):
                continue
            seen.add(end)
            ends.append((agreeing(tokens, end, context, at_least=width), end))
    size = len(tokens)

    def rank(found: tuple[int, int]) -> tuple[int, int]:
        return -found[0], size - found[1] if backwards else found[1]

    return [
        Match(
            length=length + (1 if words else 0),
            scope=scope,
            distance=size - end if backwards else end,
            rest=rest_of_line(tokens, end),
            text=run,
            offset=end,
        )
        for length, end in nsmallest(_PER_SCOPE, ends, key=rank)
    ]


def _ends(tokens: str, gram: str, *, backwards: bool) -> Iterator[int]:
    """Yield the offsets behind the occurrences of `gram`, the nearest first."""
    width = len(gram)
    left = _MAX_LOOKED_AT
    if backwards:
        # The tokens just before the cursor are no earlier place: hence one less than all.
        at = tokens.rfind(gram, 0, len(tokens))
        while at >= 0 and left:
            yield at + width
            left -= 1
            at = tokens.rfind(gram, 0, at + width - 1)
    else:
        at = tokens.find(gram)
        while at >= 0 and left:
            yield at + width
            left -= 1
            at = tokens.find(gram, at + 1)


def _in_corpus(hypothesis: Hypothesis, sources: Sources) -> list[Match]:
    context = hypothesis.context
    near: list[tuple[int, Piece, int]] = []
    far: list[tuple[int, Piece, int]] = []
    seen: set[tuple[int, int]] = set()
    directory = sources.directory
    for width, piece, end in _corpus_places(hypothesis, sources):
        key = (id(piece), end)
        tokens = piece.tokens
        if key not in seen and end < len(tokens):
            seen.add(key)
            length = agreeing(tokens, end, context, at_least=width)
            (near if piece.directory == directory else far).append((length, piece, end))
    extra = 1 if hypothesis.next_tokens else 0
    return [
        Match(
            length=length + extra,
            scope=scope,
            distance=order,
            rest=rest_of_line(piece.tokens, end),
            text=piece,
            offset=end,
        )
        for scope, places in ((Scope.DIRECTORY, near), (Scope.WORKSPACE, far))
        for order, (length, piece, end) in enumerate(
            nsmallest(_PER_SCOPE, places, key=_longest_first)
        )
    ]


def _longest_first(place: tuple[int, Piece, int]) -> int:
    return -place[0]


def _corpus_places(hypothesis: Hypothesis, sources: Sources) -> Iterable[tuple[int, Piece, int]]:
    corpus, context = sources.corpus, hypothesis.context
    skip, near = sources.skip, sources.directory
    words = hypothesis.next_tokens
    if words and len(words) <= _MAX_WORD_LOOKUPS:
        # The word itself is part of the gram; the place is before it.
        for width in (QUAD - 1, PAIR - 1):
            if len(context) < width:
                continue
            for word in sorted(words):
                gram = context[-width:] + word
                found = corpus.places(gram, limit=_MAX_PER_WORD, skip=skip, near=near)
                for piece, end in found:
                    yield width, piece, end - 1
        return
    count = 0
    for width in (QUAD, PAIR):
        if len(context) < width or count >= _PER_SCOPE:
            continue
        gram = context[-width:]
        for piece, end in corpus.places(gram, limit=_MAX_LOOKED_AT, skip=skip, near=near):
            if not words or (end < len(piece.tokens) and piece.tokens[end] in words):
                count += 1
                yield width, piece, end


def agreeing(tokens: str, end: int, context: str, *, at_least: int = 0) -> int:
    """Count how many tokens before `end` are those at the end of `context`."""
    length = at_least
    most = min(end, len(context))
    while length < most and tokens[end - 1 - length] == context[-1 - length]:
        length += 1
    return length
