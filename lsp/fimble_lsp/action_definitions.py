"""Definitions for an action's prompt: what its code uses, where the index knows it in time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fimble.conversation.context_sources import fresh_index
from fimble.conversation.used_definitions import ShownCode, UsedDefinitions
from fimble.prompting.place_values import LINES_AROUND
from fimble.syntax.imports import imports
from fimble_lsp.background import in_daemon_thread

if TYPE_CHECKING:
    from fimble.syntax.tree import SyntaxTree
    from fimble.text.position import Range
    from fimble.text.snapshot import Snapshot
    from fimble_lsp.edit_targets import Target
    from fimble_lsp.server import FimbleServer

_PATIENCE_S: Final = 2.0
"""A first index of a large workspace takes longer; the next action has it."""
_COMMENT: Final = "//"


class ActionDefinitions:
    """The symbols of each folder that an action came from; nothing is indexed before."""

    def __init__(self, server: FimbleServer) -> None:
        self._server = server
        self._known: dict[Path, UsedDefinitions] = {}
        self._asked: set[asyncio.Task[str]] = set()
        """Also those that nobody waits for any more."""

    async def of(self, target: Target, snapshot: Snapshot, span: Range, tree: SyntaxTree) -> str:
        """Return what the code in `span` uses; empty when it is not known in time."""
        if target.folder is None:
            return ""
        shown = ShownCode(
            path=target.name,
            text=snapshot.slice(span),
            first_line=max(0, span.start.line - LINES_AROUND) + 1,
            last_line=span.end.line + 1 + LINES_AROUND,
            imports=tuple(imports(tree)),
        )
        used = self._used(target.folder)
        comment = tree.language.line_comment or _COMMENT
        task = asyncio.ensure_future(in_daemon_thread(lambda: used.of(shown, line_comment=comment)))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)
        done, _ = await asyncio.wait([task], timeout=_PATIENCE_S)
        return task.result() if done else ""

    async def aclose(self) -> None:
        """Wait for nothing any more, stop indexing and close the indexes."""
        asked = tuple(self._asked)
        for task in asked:
            task.cancel()
        if asked:
            await asyncio.wait(asked)
        known, self._known = self._known, {}
        for used in known.values():
            await in_daemon_thread(used.close)

    def _used(self, folder: Path) -> UsedDefinitions:
        if folder not in self._known:
            configuration = self._server.configuration
            exclude = configuration.settings.completion.ignore if configuration else ()
            self._known[folder] = UsedDefinitions(fresh_index(folder, exclude=exclude))
        return self._known[folder]
