"""Small documents of one file (chunks, or signatures) and BM25 over many files of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Final

from fimble.context.retrieval.terms import identifiers, terms_of

_K1: Final = 1.2
_B: Final = 0.6
"""Both as measured for chunks of code; Robertson and Zaragoza (2009) for the formula."""

_FEW: Final = 16
"""Documents; among more, a word that half of them hold tells nothing."""


class Postings:
    """Which terms stand in which of a file's documents, and how often."""

    __slots__ = ("lengths", "places", "words")

    def __init__(self, documents: Iterable[str]) -> None:
        """Read documents; their numbers are their places."""
        self.places: dict[str, list[tuple[int, int]]] = {}
        self.lengths: list[int] = []
        for number, text in enumerate(documents):
            words = identifiers(text)
            self.lengths.append(len(words))
            for word, count in Counter(words).items():
                for term in terms_of(word):
                    self.places.setdefault(term, []).append((number, count))
        self.words = sum(self.lengths)


def bm25(files: Sequence[Postings], terms: Mapping[str, float]) -> list[dict[int, float]]:
    """Score the documents of all files for weighted terms.

    Args:
        files: Their frequencies are counted together.
        terms: Each term and its weight.

    Returns:
        For each file its documents that hold any of the terms, with their scores.
    """
    total = sum(len(file.lengths) for file in files)
    words = sum(file.words for file in files)
    scores: list[dict[int, float]] = [{} for _ in files]
    if not total or not words:
        return scores
    scale = _K1 * _B * total / words
    base = _K1 * (1 - _B)
    for term, weight in terms.items():
        held = [(at, places) for at, file in enumerate(files) if (places := file.places.get(term))]
        df = sum(len(places) for _, places in held)
        if not df or df * 2 > total > _FEW:
            continue
        value = weight * log(1 + (total - df + 0.5) / (df + 0.5)) * (_K1 + 1)
        for at, places in held:
            scored, lengths = scores[at], files[at].lengths
            for number, count in places:
                gain = value * count / (count + base + scale * lengths[number])
                scored[number] = scored.get(number, 0.0) + gain
    return scores
