"""`${definitions}`: what the code of a selection uses and does not show, out of the symbol index.

By names alone, so only what is beyond doubt counts: a definition out of a module that the file
imports, or the only one of its name in the workspace. Short ones are shown whole, long ones by
their signature and first words of documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fimble.context.workspace_files import WorkspaceFiles
from fimble.errors import SymbolIndexError
from fimble.policy.masking import mask_secrets
from fimble.text.splitting import split_lines

if TYPE_CHECKING:
    from fimble.context.index.records import IndexedSymbol
    from fimble.conversation.fresh_index import FreshIndex
    from fimble.syntax.imported import ImportedName

_NAME: Final = re.compile(r"[^\W\d]\w{2,80}")
_MOST_NAMES: Final = 80
_MOST_SHOWN: Final = 24
_MOST_OF_A_NAME: Final = 20
_WHOLE_LINES: Final = 20
"""Up to so many lines a definition is shown whole."""
_MEMBERS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCode:
    """The code that the prompt shows anyway."""

    path: str
    """Of its file, from the workspace's root."""
    text: str
    first_line: int
    """The first line of the file that the prompt shows, from 1."""
    last_line: int
    imports: Sequence[ImportedName]


class UsedDefinitions:
    """Finds definitions in one workspace; may read the disk, so it is for a thread."""

    def __init__(self, fresh: FreshIndex) -> None:
        self._fresh = fresh
        self._files = WorkspaceFiles(fresh.index.workspace, exclude=fresh.index.exclude)

    def of(self, shown: ShownCode, *, line_comment: str) -> str:
        """Return definitions one below the other, each under a comment with its place.

        Args:
            shown: What uses them.
            line_comment: How its language begins a comment.
        """
        try:
            self._fresh.now()
            found = list(self._found(shown))
        except SymbolIndexError:
            return ""  # A prompt without them is as good as one before there was an index.
        parts = [self._text(symbol, line_comment) for symbol in found]
        return mask_secrets("\n\n".join(part for part in parts if part))[0]

    def close(self) -> None:
        """Close the index."""
        self._fresh.close()

    def _found(self, shown: ShownCode) -> Iterator[IndexedSymbol]:
        imported = {each.local: each.module for each in shown.imports if each.local}
        names = list(dict.fromkeys(_NAME.findall(shown.text)))[:_MOST_NAMES]
        count = 0
        for name in names:
            symbols = self._fresh.index.store.symbols_named(name, _MOST_OF_A_NAME)
            chosen = _chosen(symbols, shown.path, imported.get(name, ""))
            if chosen is None or _is_shown(chosen, shown):
                continue
            yield chosen
            count += 1
            if count >= _MOST_SHOWN:
                return

    def _text(self, symbol: IndexedSymbol, line_comment: str) -> str:
        place = f"{line_comment} {symbol.place}"
        if symbol.last_line - symbol.first_line < _WHOLE_LINES:
            file = self._files.read(self._fresh.index.workspace / symbol.path)
            lines = [] if file is None else split_lines(file.text)
            text = "".join(lines[symbol.first_line - 1 : symbol.last_line]).rstrip()
            return f"{place}\n{text}" if text else ""
        doc = f"{line_comment} {symbol.doc}\n" if symbol.doc else ""
        members = "\n".join(f"    {it.signature}" for it in self._members(symbol))
        return f"{place}\n{doc}{symbol.signature}" + (f"\n{members}" if members else "")

    def _members(self, symbol: IndexedSymbol) -> Iterable[IndexedSymbol]:
        inside = self._fresh.index.store.symbols_of(symbol.path)
        return [it for it in inside if it.container == symbol.qualified][:_MEMBERS]


def _chosen(symbols: Sequence[IndexedSymbol], path: str, module: str) -> IndexedSymbol | None:
    """Return the definition that a name means, where there is no doubt."""
    if module:
        words = [word for word in re.split(r"[^\w]+", module) if word]
        out_of = [it for it in symbols if words and words[-1] in re.split(r"[^\w]+", it.path)]
        if len(out_of) == 1:
            return out_of[0]
    own = [it for it in symbols if it.path == path and not it.container]
    if len(own) == 1:
        return own[0]
    return symbols[0] if len(symbols) == 1 else None


def _is_shown(symbol: IndexedSymbol, shown: ShownCode) -> bool:
    return (
        symbol.path == shown.path
        and symbol.first_line >= shown.first_line
        and symbol.last_line <= shown.last_line
    )
