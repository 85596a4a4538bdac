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
MOST_POSTINGS: Final = 4_000
"""Read for one question. Rare and near words come first; what the rest adds moves nothing."""


class Postings:
    """Which terms stand in which of a file's documents, and what that is worth."""

    __slots__ = ("count", "places")

    def __init__(self, documents: Iterable[str], usual: int) -> None:
        """Read documents; their numbers are their places.

        Args:
            documents: The texts.
            usual: How many identifiers such a document has. That it is not counted anew over the
                files of each question moves no rank, and what a term is worth is known ahead.
        """
        self.places: dict[str, list[float]] = {}
        """A document's number, and behind the point what the term is worth there (below 1): no
        object for each posting, which the garbage collector would walk over again and again."""
        self.count = 0
        for number, text in enumerate(documents):
            words = identifiers(text)
            self.count = number + 1
            norm = _K1 * (1 - _B + _B * len(words) / usual)
            for word, count in Counter(words).items():
                place = number + count / (count + norm)
                for term in terms_of(word):
                    self.places.setdefault(term, []).append(place)


def bm25(
    files: Sequence[Postings], terms: Mapping[str, float], *, most: int = MOST_POSTINGS
) -> list[dict[int, float]]:
    """Score the documents of all files for weighted terms.

    Args:
        files: Their frequencies are counted together.
        terms: Each term and its weight.
        most: Postings that are read, those of the terms that tell most first.

    Returns:
        For each file its documents that hold any of the terms that were read, with their scores.
    """
    scores = [[0.0] * file.count for file in files]
    for value, held in _by_value(files, terms):
        for at, places in held:
            scored = scores[at]
            for place in places:
                number = int(place)
                scored[number] += value * (place - number)
            most -= len(places)
        if most <= 0:
            break
    return [{number: it for number, it in enumerate(each) if it} for each in scores]


def _by_value(
    files: Sequence[Postings], terms: Mapping[str, float]
) -> list[tuple[float, list[tuple[int, list[float]]]]]:
    """Return where each term stands and how much it tells; what tells most first."""
    total = sum(file.count for file in files)
    held: dict[str, list[tuple[int, list[float]]]] = {}
    wanted = terms.keys()
    for at, file in enumerate(files):
        places = file.places
        for term in wanted & places.keys():
            held.setdefault(term, []).append((at, places[term]))
    found: list[tuple[float, str]] = []
    for term, them in held.items():
        df = sum([len(places) for _, places in them])
        if df * 2 <= total or total <= _FEW:
            idf = log(1 + (total - df + 0.5) / (df + 0.5))
            found.append((terms[term] * idf * (_K1 + 1), term))
    # By the term where they are equal: no set's order may show in the sums.
    found.sort(key=lambda it: (-it[0], it[1]))
    return [(value, held[term]) for value, term in found]
