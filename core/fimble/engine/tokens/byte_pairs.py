"""Byte-pair encoding as the model server does it, for counting only.

A port of ggml-org/llama.cpp:src/llama-vocab.cpp (`llm_tokenizer_bpe_session::tokenize`): the text
is cut into pieces, each piece is spelt in the byte alphabet of GPT-2, and neighbours are merged,
the pair that stands first in the list of merges first and the leftmost of equals. What is left
are the tokens. `Vocabulary` makes sure that every result of a merge is a token, so counting needs
no identifiers.

Why not a package: `tokenizers` brings a client of Hugging Face's hub with two network stacks,
`tiktoken` an HTTP client and merges by another rule (a token's rank, not the pair's).
"""

from __future__ import annotations

from functools import cache
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

from fimble.engine.tokens.splitting import SPLITTINGS

if TYPE_CHECKING:
    import regex

    from fimble.engine.tokens.vocabulary import Vocabulary

_MAX_KNOWN_PIECES = 50_000
"""Pieces whose count is kept; source repeats few thousand. About 5 MB when full."""

_LONGEST_KNOWN_PIECE = 64


class BytePairCounter:
    """Counts what one model's own tokenizer would make of a text.

    Making one takes a tenth of a second for a large vocabulary: do it off the event loop.
    Counting is not safe from several threads at once.
    """

    exact = True
    """The figures are the server's own."""

    def __init__(self, vocabulary: Vocabulary, *, model: str) -> None:
        import regex  # noqa: PLC0415 - 20 ms, for those who count exactly

        splitting = SPLITTINGS[vocabulary.splitting]
        self.name = f"the tokenizer of {model}"
        self._splits = tuple(regex.compile(f"({each})") for each in splitting.patterns)
        merges = vocabulary.merges
        # The first of two equal merges counts, hence from the end.
        self._ranks = {merges[rank]: rank for rank in range(len(merges) - 1, -1, -1)}
        self._whole = frozenset(vocabulary.tokens) if splitting.whole_pieces else frozenset[str]()
        self._always = _alternatives(vocabulary.plain_tokens)
        self._in_prompts = _alternatives(vocabulary.control_tokens + vocabulary.plain_tokens)
        self._missing = vocabulary.missing_bytes
        self._beginning_tokens = int(vocabulary.begins)
        self._known: dict[str, int] = {}

    def count(self, text: str) -> int:
        """Return the tokens of `text`; control strings in it count as their characters."""
        return self._apart_from(self._always, text)

    def count_prompt(self, prompt: str) -> int:
        """Return what the server counts for a raw prompt (`prompt_eval_count`)."""
        return self._beginning_tokens + self._apart_from(self._in_prompts, prompt)

    def _apart_from(self, whole: regex.Pattern[str] | None, text: str) -> int:
        """Count the strings that are one token each, and what stands between them."""
        if whole is None:
            return self._merged(text)
        texts = whole.split(text)
        return len(texts) - 1 + sum(self._merged(each) for each in texts)

    def _merged(self, text: str) -> int:
        known = self._known
        total = 0
        for piece in self._pieces(text):
            tokens = known.get(piece)
            total += self._learnt(piece) if tokens is None else tokens
        return total

    def _pieces(self, text: str) -> list[str]:
        pieces = [text]
        for split in self._splits:
            pieces = [part for piece in pieces for part in split.split(piece) if part]
        return pieces

    def _learnt(self, piece: str) -> int:
        """Count a piece that was not met lately."""
        spelt = piece.encode("utf-8", "replace").decode("latin-1").translate(byte_alphabet())
        tokens = 1 if spelt in self._whole else merged(spelt, self._ranks)
        for character in self._missing:
            tokens -= spelt.count(character)
        if len(piece) <= _LONGEST_KNOWN_PIECE:
            if len(self._known) >= _MAX_KNOWN_PIECES:
                self._known.clear()
            self._known[piece] = tokens
        return tokens


def merged(word: str, ranks: dict[str, int]) -> int:
    """Return how many symbols are left of `word` when no pair can be merged any more.

    Args:
        word: A piece in the byte alphabet.
        ranks: Merges, "left right", by their place in the list.
    """
    symbols = list(word)
    count = len(symbols)
    before, after = list(range(-1, count - 1)), list(range(1, count + 1))
    queue = [
        (rank, left, left + 1, 2)
        for left, (first, second) in enumerate(pairwise(symbols))
        if (rank := ranks.get(f"{first} {second}")) is not None
    ]
    heapify(queue)
    end = len(symbols)
    while queue:
        _, left, right, length = heappop(queue)
        first, second = symbols[left], symbols[right]
        if not first or not second or len(first) + len(second) != length:
            continue  # one of the two has been merged with another since
        joined = symbols[left] = first + second
        symbols[right] = ""
        count -= 1
        following, preceding = after[right], before[left]
        after[left] = following
        if following < end:
            before[following] = left
            other = symbols[following]
            rank = ranks.get(f"{joined} {other}")
            if rank is not None:
                heappush(queue, (rank, left, following, len(joined) + len(other)))
        if preceding >= 0:
            other = symbols[preceding]
            rank = ranks.get(f"{other} {joined}")
            if rank is not None:
                heappush(queue, (rank, preceding, left, len(joined) + len(other)))
    return count


@cache
def byte_alphabet() -> dict[int, str]:
    """Return the character that stands for each byte: itself where it prints, else from U+0100 on.

    The table of openai/gpt-2:src/encoder.py (`bytes_to_unicode`), which all such vocabularies use.
    """
    printing = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = (byte for byte in range(256) if byte not in printing)
    return {byte: chr(byte) for byte in printing} | {
        byte: chr(0x100 + place) for place, byte in enumerate(others)
    }


def _alternatives(tokens: tuple[str, ...]) -> regex.Pattern[str] | None:
    """Return a pattern for the control tokens, the longest first as the server tries them."""
    if not tokens:
        return None
    import regex  # noqa: PLC0415 - see BytePairCounter

    ordered = sorted(tokens, key=len, reverse=True)
    return regex.compile("|".join(regex.escape(token) for token in ordered))
