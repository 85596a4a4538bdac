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
    from fimble.pipeline.chosen_layouts import CompletionPrompts
    from fimble.trust.live import LivePrompts, PromptsInForce
    from fimble_lsp.server import FimbleServer


async def follow_prompts(server: FimbleServer) -> None:
    """Put prompts in force as they change, until the server ends."""
    folders = server.hello.folders
    live: LivePrompts = await in_daemon_thread(lambda: _prepared(folders))
    told: set[str] = set()
    async with aclosing(live.follow()) as states:
        async for state in states:
            prompts = await in_daemon_thread(lambda state=state: _for_completions(state))
            server.completions.use_prompts(prompts)
            told = _tell(server, state, prompts, told)
            await read_files_again(server)


def _prepared(folders: tuple[str, ...]) -> LivePrompts:
    """Load modules that start-up had no use for; runs in a thread."""
    from fimble.trust.live import LivePrompts  # noqa: PLC0415 - start-up has no use for it

    return LivePrompts(Path(folders[0]) if folders else None, in_thread=in_daemon_thread)


def _for_completions(state: PromptsInForce) -> CompletionPrompts:
    from fimble.pipeline.chosen_layouts import (  # noqa: PLC0415 - as above
        CompletionPrompts,
        choose_layouts,
    )

    layouts = choose_layouts(state.catalogue)
    return CompletionPrompts(layouts=layouts, allows=state.layers.allows)


def _tell(
    server: FimbleServer, state: PromptsInForce, prompts: CompletionPrompts, told: set[str]
) -> set[str]:
    """Show in the status what is wrong now, and log what was not told before."""
    wrong = [each.sentence() for each in state.broken] + list(prompts.layouts.refused)
    for sentence in wrong:
        if sentence not in told:
            LOGGER.warning("%s", sentence)
    shown = (*wrong[:1], state.trust.sentence())
    server.status.prompts(" ".join(part for part in shown if part))
    return set(wrong)
