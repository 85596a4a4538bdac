"""`@Cart.total`: the definition that a name means, read fresh from its file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from fimble.chat.mentions import mention_text
from fimble.chat.transcript import Attachment, AttachmentKind
from fimble.context.index.lookups import SymbolLookups
from fimble.context.workspace_files import WorkspaceFiles
from fimble.conversation.surroundings import surroundings
from fimble.errors import FimbleError
from fimble.syntax.languages import language_for
from fimble.text.splitting import split_lines

if TYPE_CHECKING:
    from fimble.chat.mentions import Mention
    from fimble.context.index.records import IndexedSymbol
    from fimble.conversation.fresh_index import FreshIndex

_CHOICES: Final = 6
_DECORATIONS: Final = ("@", "#[", "[[")


class SymbolError(FimbleError):
    """A name means several definitions, or its definition cannot be read."""


class SymbolSource:
    """Answers mentions of symbols for one workspace."""

    def __init__(self, fresh: FreshIndex) -> None:
        self._fresh = fresh
        self._lookups = SymbolLookups(fresh.index)
        self._files = WorkspaceFiles(fresh.index.workspace, exclude=fresh.index.exclude)

    def attachments(self, mention: Mention, /) -> Iterable[Attachment] | None:
        """Return the definition that a mention means; None when no symbol has its name.

        Raises:
            SymbolError: It means several definitions, or cannot be read now.
            SymbolIndexError: The index cannot be built or read.
        """
        if mention.kind is not None or mention.looks_like_path or mention.first_line is not None:
            return None
        self._fresh.now()
        found = self._lookups.definitions(mention.name)
        if not found:
            return None
        if len({(it.path, it.qualified) for it in found}) > 1:
            raise SymbolError(_ambiguous(mention.name, found))
        # Overloads, and a property with its setter, are one thing in several pieces.
        return [self._attachment(symbol) for symbol in found]

    def _attachment(self, symbol: IndexedSymbol) -> Attachment:
        file = self._files.read(self._fresh.index.workspace / symbol.path)
        lines = [] if file is None else split_lines(file.text)
        text = "".join(lines[symbol.first_line - 1 : symbol.last_line])
        if not text:
            raise SymbolError(
                f"@{symbol.qualified} was in {symbol.place}, which cannot be read any more."
            )
        first = symbol.first_line
        while first > 1 and lines[first - 2].lstrip().startswith(_DECORATIONS):
            first -= 1
            text = lines[first - 1] + text
        language = language_for("", symbol.path)
        return Attachment(
            kind=AttachmentKind.SYMBOL,
            label=f"{symbol.path}:{first}-{symbol.last_line}",
            text=text,
            language=language.name if language else "",
            around=surroundings(
                "".join(lines), symbol.path, first_line=first, last_line=symbol.last_line
            ),
        )


def _ambiguous(name: str, found: Sequence[IndexedSymbol]) -> str:
    """Say what a name may mean, each in a way that can be mentioned."""
    choices = [
        f"{symbol.qualified} "
        f"({mention_text(symbol.path, first_line=symbol.first_line, last_line=symbol.last_line)})"
        for symbol in found[:_CHOICES]
    ]
    more = f" and {len(found) - _CHOICES} more" if len(found) > _CHOICES else ""
    return (
        f"@{name} means {len(found)} definitions: {', '.join(choices)}{more}. "
        "Mention one with its container or its lines."
    )
