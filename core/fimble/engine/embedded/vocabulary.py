"""Every distinct token gets a number, and a sequence of tokens is a string of those numbers.

A token is stored as one code point (`chr` of its number), so a file's tokens are a `str`: two or
four bytes a token, compared, sliced and searched by the interpreter's own C code. That is why
the engine needs no numeric library: `str.find` over a file of 5,000 lines takes some 50 µs.
Such strings are numbers in disguise: they are never encoded, printed or split.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from itertools import pairwise

NEWLINE_SAME = "\x00"
NEWLINE_DEEPER = "\x01"
NEWLINE_SHALLOWER = "\x02"
"""A line begins at the indentation of the last line with code, deeper, or less deep."""
DOCSTRING = "\x03"
"""A whole documentation string."""
UNKNOWN = "\x04"
"""A token that is never suggested: a word the workspace does not have, a blob, a likely key."""
ANY_NAME = "\x05"
"""Stands for any identifier in the shape of a line."""

NEWLINES = NEWLINE_SAME + NEWLINE_DEEPER + NEWLINE_SHALLOWER
UNSPEAKABLE = frozenset(DOCSTRING + UNKNOWN)
"""Tokens that end what can be suggested."""

_SPECIAL_COUNT = 6
_MAX_TOKENS = 1_000_000
"""Below the number of code points; past it, new words are unknown."""
_MAX_TOKEN_LENGTH = 80
_FEW_NEW = 50
"""New words that are sorted in one by one; what one line brings must not cost a whole sort."""
_BLOB_LENGTH = 20
_BLOB_DIGITS = 4
_BLOB_CHANGES = 5

KEYWORDS = frozenset(
    """
    abstract and as assert async await bool boolean break byte case catch char class const
    continue crate def default defer del delete do done double elif else end enum esac except
    export extends extern false final finally float fn for foreach from func function global go
    goto if impl implements import in include instanceof int interface internal is lambda let
    local long loop match mod module mut namespace new nil nonlocal not null of or override
    package pass private protected pub public raise readonly ref require return self short
    signed sizeof static str string struct super switch synchronized template then this throw
    throws trait true try type typedef typeof undefined union unless unsafe unsigned until use
    using val var virtual void volatile when where while with yield None True False
    """.split()  # noqa: SIM905  (a hundred quoted words would fill the page)
)
"""Words that are part of a line's shape rather than names in it, over all languages."""


class Vocabulary:
    """Numbers for tokens; grows only."""

    def __init__(self) -> None:
        self.texts: list[str] = [""] * _SPECIAL_COUNT
        """The text of each token by its number; empty for the special ones."""
        self.is_name: bytearray = bytearray(_SPECIAL_COUNT)
        """1 for identifiers that are no keywords, by number."""
        self.by_piece: _Pieces = _Pieces(self)
        """Token for a piece of text with or without blanks before it; makes new ones."""
        self._sorted: list[str] = []
        self._unsorted: list[str] = []

    def __len__(self) -> int:
        return len(self.texts)

    def known(self, piece: str) -> str:
        """Return the token of a piece of text, or `UNKNOWN`; makes no new token."""
        return self.by_piece.get(piece) or self.by_piece.get(piece.lstrip(" \t")) or UNKNOWN

    def text(self, token: str) -> str:
        """Return what a token stands for."""
        return self.texts[ord(token)]

    def make(self, text: str) -> str:
        """Number a new token."""
        number = len(self.texts)
        if number >= _MAX_TOKENS or len(text) > _MAX_TOKEN_LENGTH or _is_blob(text):
            return UNKNOWN
        first = text[0]
        named = first == "_" or first.isalpha()
        self.texts.append(text)
        self.is_name.append(named and text not in KEYWORDS)
        if named:
            self._unsorted.append(text)
        return chr(number)

    def starting_with(self, prefix: str, *, limit: int) -> frozenset[str]:
        """Return at most `limit` word tokens that begin with `prefix` and are longer."""
        words = self._sorted
        if len(self._unsorted) <= _FEW_NEW:
            for word in self._unsorted:
                insort(words, word)
        else:
            words += self._unsorted
            words.sort()  # two sorted runs: linear
        self._unsorted.clear()
        low = bisect_left(words, prefix)
        found: list[str] = []
        for index in range(low, min(len(words), low + limit + 1)):
            word = words[index]
            if not word.startswith(prefix):
                break
            if len(word) > len(prefix):
                found.append(self.by_piece[word])
        return frozenset(found)


class _Pieces(dict[str, str]):
    """Maps a piece of text, blanks before it included, to its token."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, piece: str) -> str:
        bare = piece.lstrip(" \t")
        token = self.get(bare) if bare != piece else None
        if token is None:
            token = self._vocabulary.make(bare)
            if token == UNKNOWN:
                return token
            self[bare] = token
        if len(piece) - len(bare) == 1:
            self[piece] = token
        return token


def _is_blob(text: str) -> bool:
    """Whether a word looks like a key, a hash or encoded data rather than a name."""
    if len(text) < _BLOB_LENGTH:
        return False
    digits = [character.isdigit() for character in text]
    changes = sum(one != two for one, two in pairwise(digits))
    return sum(digits) >= _BLOB_DIGITS and changes >= _BLOB_CHANGES
