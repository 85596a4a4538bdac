"""Follows the prompts of workspace and user, and what of them is trusted, while the server runs.

Begun when completions are there, in a thread: nobody's first key waits for it. What waits for the
user's review is told in the status and nowhere else; `fimble trust` in a terminal counts here at
once.
"""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from fimble_lsp.background import in_daemon_thread
from fimble_lsp.features.configuration import read_files_again
from fimble_lsp.log import LOGGER

if TYPE_CHECKING:
    from fimble.trust.live import LivePrompts, PromptsInForce
    from fimble_lsp.server import FimbleServer


async def follow_prompts(server: FimbleServer) -> None:
    """Put prompts in force as they change, until the server ends."""
    folders = server.hello.folders
    live: LivePrompts = await in_daemon_thread(lambda: _prepared(folders))
    async with aclosing(live.follow()) as states:
        async for state in states:
            _tell(server, state)
            await read_files_again(server)


def _prepared(folders: tuple[str, ...]) -> LivePrompts:
    """Load modules that start-up had no use for; runs in a thread."""
    from fimble.trust.live import LivePrompts  # noqa: PLC0415 - start-up has no use for it

    return LivePrompts(Path(folders[0]) if folders else None, in_thread=in_daemon_thread)


def _tell(server: FimbleServer, state: PromptsInForce) -> None:
    broken = [each.sentence() for each in state.broken[:1]]
    server.status.prompts(" ".join(part for part in (*broken, state.trust.sentence()) if part))
    for each in state.broken:
        if each.is_news:
            LOGGER.warning("%s", each.sentence())
