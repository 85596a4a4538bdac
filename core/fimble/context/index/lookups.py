"""Symbols by their exact names, and who names them: questions with exact answers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from fimble.context.index.records import Caller, IndexedSymbol, Reference
from fimble.context.workspace_files import WorkspaceFiles
from fimble.text.splitting import split_lines, without_ending

if TYPE_CHECKING:
    from fimble.context.index.symbol_index import SymbolIndex

_MOST: Final = 500
_SHOWN: Final = 200
_WRITTEN: Final = re.compile(r"::|#|->|/|\\")


class SymbolLookups:
    """Exact questions to one index; may be asked from any thread.

    Raises:
        SymbolIndexError: The index cannot be read.
    """

    def __init__(self, index: SymbolIndex) -> None:
        self._index = index

    def definitions(self, written: str) -> list[IndexedSymbol]:
        """Return what a name means, by paths.

        Args:
            written: `total`, `Cart.total` or `shop.Cart.total`; other languages' `Cart::total`
                and `Cart#total` are understood. Containers may be left out from the left.
        """
        container, _, name = _WRITTEN.sub(".", written).rpartition(".")
        if not name:
            return []
        found = self._index.store.symbols_named(name, _MOST)
        return [it for it in found if _is_inside(it.container, container)]

    def references(self, name: str) -> list[Reference]:
        """Return the files that a name stands in, most often first; counted when indexed."""
        return self._index.store.references(name)

    def callers(self, name: str, limit: int) -> list[Caller]:
        """Return lines that name something and do not define it, read fresh from the disk.

        By name alone: another thing of the same name counts as well, as do comments.

        Args:
            name: Without its container.
            limit: How many lines.
        """
        found: list[Caller] = []
        reader = WorkspaceFiles(self._index.workspace, exclude=self._index.exclude)
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        for reference in self.references(name):
            file = reader.read(self._index.workspace / reference.path)
            if file is None:
                continue
            symbols = self._index.store.symbols_of(reference.path)
            for caller in _callers_in(reference.path, file.text, pattern, name, symbols):
                found.append(caller)
                if len(found) >= limit:
                    return found
        return found


def _is_inside(container: str, wanted: str) -> bool:
    return not wanted or container == wanted or container.endswith(f".{wanted}")


def _callers_in(
    path: str,
    text: str,
    pattern: re.Pattern[str],
    name: str,
    symbols: Sequence[IndexedSymbol],
) -> Iterator[Caller]:
    defined = {symbol.first_line for symbol in symbols if symbol.name == name}
    starts = [symbol.first_line for symbol in symbols]
    for number, line in enumerate(split_lines(text), 1):
        if number in defined or not pattern.search(line):
            continue
        around = [
            symbol
            for symbol in symbols[: bisect_right(starts, number)]
            if symbol.last_line >= number
        ]
        inside = around[-1].qualified if around else ""
        yield Caller(path, number, without_ending(line).strip()[:_SHOWN], inside)
