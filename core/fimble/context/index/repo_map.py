"""An outline of the whole project within a budget of tokens: what others use comes first.

A file counts for what other files name of it (after the map of Aider-AI/aider:aider/repomap.py,
without its walk over the graph: one step tells nearly the same order and costs a tenth). A name
that many files define, or that is a plain word, tells little and counts little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fimble.context.index.records import IndexedSymbol
    from fimble.context.index.store import IndexStore

_SHORTEST_NAME: Final = 3
_TELLING_LENGTH: Final = 8
_PLAIN_WORD: Final = 0.2
_PRIVATE: Final = 0.1
_MANY_DEFINERS: Final = 8
"""Files that define a name from which on it says nothing about any of them."""
_SYMBOLS_OF_A_FILE: Final = 14
_FILES: Final = 2_000
"""Files that are laid out at most; no window holds more."""
_SIGNATURE: Final = 120
_TELLING_KINDS: Final = frozenset({"class", "interface", "struct", "trait", "enum", "function"})
_VALUE_KINDS: Final = frozenset({"field", "variable", "constant"})
_VALUE: Final = 0.3
"""What a value's use counts beside a function's: its name is more often a plain word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoMap:
    """The outline."""

    text: str
    shown: int
    """Files in it."""
    files: int
    """Files of the index that define something."""
    tokens: int


@dataclass(slots=True, kw_only=True)
class _Ranks:
    """How much files, and names in files, are used by others."""

    files: dict[int, float]
    names: dict[str, float]


def repo_map(store: IndexStore, budget_tokens: int, count: Callable[[str], int]) -> RepoMap:
    """Return the outline of what an index holds.

    Args:
        store: The index.
        budget_tokens: Never exceeded.
        count: Counts the tokens of a text.

    Raises:
        SymbolIndexError: The index cannot be read.
    """
    ranks = _ranked(store)
    paths = store.paths()
    order = sorted(ranks.files, key=lambda file: (-ranks.files[file], paths.get(file, "")))
    blocks: list[str] = []
    tokens = 0
    for file in order[:_FILES]:
        path = paths.get(file)
        if path is None:
            continue
        block = _block(path, store.symbols_of(path), ranks.names)
        price = count(block)
        if tokens + price > budget_tokens:
            break
        blocks.append(block)
        tokens += price
    text = "\n".join(blocks)
    while blocks and count(text) > budget_tokens:
        blocks.pop()
        text = "\n".join(blocks)
    return RepoMap(text=text, shown=len(blocks), files=len(order), tokens=count(text))


def _ranked(store: IndexStore) -> _Ranks:
    definers: dict[bytes, set[int]] = defaultdict(set)
    files: dict[int, float] = {}
    for name, file in store.definitions():
        files[file] = 0.0
        definers[name.encode("utf-8", "surrogatepass")].add(file)
    weights = {
        name: _weight(name.decode("utf-8", "replace")) / len(defined)
        for name, defined in definers.items()
        if len(defined) < _MANY_DEFINERS and len(name) >= _SHORTEST_NAME
    }
    used: dict[bytes, float] = defaultdict(float)
    for file, words, counts in store.words():
        for word, times in zip(words, counts, strict=True):
            weight = weights.get(word)
            if weight is None or file in definers[word]:
                continue
            used[word] += weight * sqrt(times)
    for name, value in used.items():
        for file in definers[name]:
            files[file] += value
    return _Ranks(
        files=files,
        names={name.decode("utf-8", "replace"): value for name, value in used.items()},
    )


def _weight(name: str) -> float:
    if name.startswith("_"):
        return _PRIVATE
    telling = "_" in name or any(letter.isupper() for letter in name[1:])
    return 1.0 if telling and len(name) >= _TELLING_LENGTH else _PLAIN_WORD


def _block(path: str, symbols: list[IndexedSymbol], used: dict[str, float]) -> str:
    """Lay one file out: its most used definitions in the order of its text."""
    ranked = sorted(
        range(len(symbols)),
        key=lambda place: (-_worth(symbols[place], used), place),
    )
    chosen = sorted(ranked[:_SYMBOLS_OF_A_FILE])
    lines = [path]
    for place in chosen:
        symbol = symbols[place]
        indent = "  " * (1 + (symbol.container.count(".") + 1 if symbol.container else 0))
        lines.append(f"{indent}{symbol.signature[:_SIGNATURE]}")
    left = len(symbols) - len(chosen)
    if left:
        lines.append(f"  … {left} more")
    return "\n".join(lines) + "\n"


def _worth(symbol: IndexedSymbol, used: dict[str, float]) -> float:
    worth = used.get(symbol.name, 0.0)
    if symbol.kind in _TELLING_KINDS:
        worth += 0.5
    elif symbol.kind in _VALUE_KINDS:
        worth *= _VALUE
    return worth - (2.0 if symbol.name.startswith("_") else 0.0)
