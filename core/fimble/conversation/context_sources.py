"""Puts together what a mention can mean: files, git's changes, symbols, the map, syntax errors.

The one place that does, for the chat and for `fimble ask`, so that both read through the same
reader, the same secrets gate and the same masks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from fimble.context.index.symbol_index import SymbolIndex
from fimble.conversation.context_reader import ContextReader
from fimble.conversation.errors_source import ErrorsSource
from fimble.conversation.fresh_index import FreshIndex
from fimble.conversation.git_changes import GitChanges
from fimble.conversation.map_source import MapSource
from fimble.conversation.symbol_source import SymbolSource
from fimble.policy.masking import mask_secrets

if TYPE_CHECKING:
    from fimble.conversation.context_reader import NamedSource


def fresh_index(workspace: Path, *, exclude: tuple[str, ...]) -> FreshIndex:
    """Return the symbol index of a workspace; nothing is opened before it is used."""
    return FreshIndex(SymbolIndex(workspace, exclude=exclude))


def context_reader(
    workspace: Path,
    *,
    exclude: tuple[str, ...],
    count_tokens: Callable[[str], int],
    index: FreshIndex | None = None,
    sources: Iterable[NamedSource] = (),
) -> ContextReader:
    """Return the reader of everything that can be mentioned in a workspace.

    Args:
        workspace: Its root.
        exclude: The user's own globs of what is not read (`completion.ignore`).
        count_tokens: Prices attachments.
        index: The symbols, where they are shared with a search; else an index of its own.
        sources: Asked after all others.
    """
    fresh = index or fresh_index(workspace, exclude=exclude)
    return ContextReader(
        workspace,
        exclude=exclude,
        count_tokens=count_tokens,
        mask=mask_secrets,
        sources=(
            GitChanges(workspace, exclude=exclude),
            MapSource(fresh, count_tokens=count_tokens),
            ErrorsSource(workspace, exclude=exclude),
            SymbolSource(fresh),
            *sources,
        ),
    )
