"""What the status line says of the model server, and how long a question waits for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final

from fimble.chat.events import ServerState, ServerStatus
from fimble.conversation.model_server import ModelServer
from fimble.pipeline.cancelling import cancel_once

MOST_FAILURES: Final = 4
"""Of a question in a row, by a server that seems well: a quarter of a minute with the pauses."""
_FIRST_WAIT_S: Final = 1.0
_LAST_WAIT_S: Final = 30.0
_JITTER: Final = 0.25
_ANSWERS: Final = frozenset({ServerState.READY, ServerState.LOADING})
"""States in which a question is worth sending: asking is what loads a model."""


class ServerWatch:
    """The state of one model server, told when it changes."""

    def __init__(
        self,
        server: Callable[[], ModelServer],
        tell: Callable[[ServerStatus], None],
        *,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Begin with what is known without asking.

        Args:
            server: The server that counts now.
            tell: Told each change.
            jitter: A random number from 0 to 1.
        """
        self._server = server
        self._tell = tell
        self._jitter = jitter
        self._poked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.status = server().status()

    def start(self) -> None:
        """Look at the server, and again until it answers."""
        if self._task is None:
            self._task = asyncio.create_task(self._begin(), name="fimble-chat-health")

    def poke(self) -> None:
        """Look again now: another model was chosen, or the user asks."""
        self._poked.set()

    def note(self, state: ServerState) -> None:
        """Take what an answer's progress tells."""
        if state is not self.status.state:
            seen = self._server().status()
            self._set(
                ServerStatus(
                    state=state,
                    model=seen.model,
                    spilled_share=seen.spilled_share,
                    context_tokens=seen.context_tokens,
                )
            )

    async def look(self) -> ServerStatus:
        """Ask the server for its state once."""
        self._set(await self._server().check())
        return self.status

    async def until_well(self, *, failures: int = 0) -> bool:
        """Wait until a question is worth sending, looking after 1, 2, 4 … 30 seconds.

        Args:
            failures: How many answers in a row failed: with any, the first look is after a pause
                that doubles with each.

        Returns:
            Whether the server seemed well at every look: then it is not what was waited for.
        """
        well = True
        if failures:
            well = (await self.look()).state in _ANSWERS
            await self._pause(min(_LAST_WAIT_S, _FIRST_WAIT_S * 2 ** (failures - 1)))
        wait_s = _FIRST_WAIT_S
        while (await self.look()).state not in _ANSWERS:
            well = False
            await self._pause(wait_s)
            wait_s = min(_LAST_WAIT_S, wait_s * 2)
        return well

    async def aclose(self) -> None:
        """Stop looking."""
        if self._task is not None:
            await cancel_once(self._task)

    async def _begin(self) -> None:
        await self.until_well()

    async def _pause(self, seconds: float) -> None:
        self._poked.clear()
        try:
            async with asyncio.timeout(seconds * (1 + _JITTER * self._jitter())):
                await self._poked.wait()
        except TimeoutError:
            return

    def _set(self, status: ServerStatus) -> None:
        if status != self.status:
            self.status = status
            self._tell(status)
