"""Follows the prompts of each workspace folder and of the user, and what of them is trusted.

Begun when completions are there, in a thread: nobody's first key waits for it. What waits for the
user's review is told in the status and nowhere else; `fimble trust` in a terminal counts here at
once. Completions take the first folder's, as a completion session belongs to no folder of its own;
actions take those of the folder that their document lies in.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from fimble_lsp.background import in_daemon_thread
from fimble_lsp.features.configuration import read_files_again
from fimble_lsp.log import LOGGER

if TYPE_CHECKING:
    from fimble.pipeline.chosen_layouts import CompletionPrompts
    from fimble.prompting.catalogue import Catalogue
    from fimble.trust.live import LivePrompts, PromptsInForce
    from fimble_lsp.server import FimbleServer


class WorkspacePrompts:
    """What is in force in each folder; with the user's own under None, for all other documents."""

    def __init__(self, server: FimbleServer) -> None:
        self._server = server
        self._live: dict[Path | None, LivePrompts] = {}
        self._tasks: dict[Path | None, asyncio.Task[None]] = {}
        self._told: dict[Path | None, tuple[str, ...]] = {}
        """What is to be said of each folder now."""
        self._logged: set[str] = set()
        self._begun = False

    async def follow(self) -> None:
        """Begin to follow, and put prompts in force as they change, until the server ends."""
        await in_daemon_thread(_load)
        self._begun = True
        self.folders_changed()

    def folders_changed(self) -> None:
        """Follow the folders that the workspace has now, and no others."""
        if not self._begun:
            return
        wanted: list[Path | None] = [Path(folder) for folder in self._server.hello.folders]
        for folder in set(self._tasks) - set(wanted or [None]):
            self._tasks.pop(folder).cancel()
            self._told.pop(folder, None)
            self._live.pop(folder, None)
        for folder in wanted or [None]:
            if folder not in self._tasks:
                self._tasks[folder] = self._server.spawn(self._follow(folder), name="prompts")

    def catalogue(self, folder: Path | None) -> Catalogue | None:
        """Return the templates that are in force; None while nobody has read any."""
        live = self._live.get(folder)
        return live.in_force.catalogue if live is not None and live.in_force else None

    async def of(self, folder: Path | None) -> PromptsInForce:
        """Return what is in force in a folder, read now where nobody has yet."""
        live = self._live_in(folder)
        return live.in_force or await live.read()

    def _live_in(self, folder: Path | None) -> LivePrompts:
        from fimble.trust.live import LivePrompts  # noqa: PLC0415 - start-up has no use for it

        if folder not in self._live:
            self._live[folder] = LivePrompts(folder, in_thread=in_daemon_thread)
        return self._live[folder]

    async def _follow(self, folder: Path | None) -> None:
        async with aclosing(self._live_in(folder).follow()) as states:
            async for state in states:
                refused: tuple[str, ...] = ()
                if folder == self._first():
                    prompts = await in_daemon_thread(lambda state=state: _for_completions(state))
                    self._server.completions.use_prompts(prompts)
                    refused = prompts.layouts.refused
                self._tell(folder, state, refused)
                if folder == self._first():
                    await read_files_again(self._server)

    def _first(self) -> Path | None:
        folders = self._server.hello.folders
        return Path(folders[0]) if folders else None

    def _tell(self, folder: Path | None, state: PromptsInForce, refused: tuple[str, ...]) -> None:
        """Show in the status what is wrong now, and log what was not told before."""
        wrong = [each.sentence() for each in state.broken] + list(refused)
        for sentence in wrong:
            if sentence not in self._logged:
                LOGGER.warning("%s", sentence)
        self._logged |= set(wrong)
        brief = [each.in_brief() for each in state.broken] + list(refused)
        shown = (*brief[:1], state.trust.sentence())
        self._told[folder] = tuple(part for part in shown if part)
        sentences = dict.fromkeys(part for parts in self._told.values() for part in parts)
        self._server.status.prompts(tuple(sentences))


def _load() -> None:
    """Load modules that start-up had no use for; runs in a thread."""
    import fimble.trust.live  # noqa: PLC0415 - as above

    _ = fimble.trust.live


def _for_completions(state: PromptsInForce) -> CompletionPrompts:
    from fimble.pipeline.chosen_layouts import (  # noqa: PLC0415 - as above
        CompletionPrompts,
        choose_layouts,
    )

    layouts = choose_layouts(state.catalogue)
    return CompletionPrompts(layouts=layouts, allows=state.layers.allows)
