"""Deadlines for waiting on a model server: each await has one, and each says what it waited for.

Kept apart from the HTTP client's own timeouts, which know nothing of tokens: they count the time
between any two bytes, and a server that sends a header a second would never run into them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from fimble.errors import EngineTimeout, TimeoutStage

Result = TypeVar("Result")


class Deadlines:
    """The clock of one request: a total from its start, and a shorter limit for each wait."""

    def __init__(self, *, title: str, engine: str, total_s: float) -> None:
        self._title = title
        self._engine = engine
        self._total_s = total_s
        self._ends_at = asyncio.get_running_loop().time() + total_s

    async def wait(
        self, awaitable: Awaitable[Result], *, stage: TimeoutStage, seconds: float
    ) -> Result:
        """Await `awaitable` for at most `seconds`, and never beyond the total.

        Raises:
            EngineTimeout: With the stage and length of the deadline that passed first.
        """
        limit = asyncio.get_running_loop().time() + seconds
        scope = asyncio.timeout_at(min(limit, self._ends_at))
        try:
            async with scope:
                return await awaitable
        except TimeoutError as error:
            if not scope.expired():
                raise
            if limit > self._ends_at:
                stage, seconds = "total", self._total_s
            raise self._passed(stage, seconds) from error

    def _passed(self, stage: TimeoutStage, seconds: float) -> EngineTimeout:
        happened = {
            "connect": "did not accept a connection within",
            "first token": "sent no first token within",
            "inter-token": "was silent in the middle of an answer for",
            "total": "did not finish within",
        }[stage]
        return EngineTimeout(
            f"{self._title} {happened} {seconds:g} s.",
            stage=stage,
            deadline_s=seconds,
            engine=self._engine,
        )
