"""A request whose only purpose is what it leaves in the server's cache.

`num_predict: 1` over the part of a prompt that the next keys cannot change makes the server keep
a checkpoint at its end (llama-server makes none inside a prompt); asked while the user is idle,
it moves the evaluation of a new head out of the way of the next key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from fimble.engine.protocol import Engine, GenerateRequest, GenerationStatistics
from fimble.errors import FimbleError
from fimble.pipeline.cancelling import cancel_once

OnWarmed = Callable[[str, str, GenerationStatistics], None]
"""Told the prompt, what was generated, and the figures, when all of it has been evaluated."""


class WarmUp:
    """Occupies the slot until the prompt is evaluated or somebody needs the slot."""

    def __init__(self, engine: Engine, prompt: str, on_warmed: OnWarmed) -> None:
        self._prompt = prompt
        self._on_warmed = on_warmed
        self._task = asyncio.create_task(self._run(engine), name="fimble-warm-up")

    @property
    def finished(self) -> bool:
        """Whether the slot is free again."""
        return self._task.done()

    async def _run(self, engine: Engine) -> None:
        request = GenerateRequest(prompt=self._prompt, max_tokens=1)
        try:
            generated = ""
            async with aclosing(engine.generate(request)) as stream:
                async for event in stream:
                    if isinstance(event, GenerationStatistics):
                        self._on_warmed(self._prompt, generated, event)
                    else:
                        generated += event.text
        except FimbleError:
            # Nobody asked for it, so nobody is told; the next real request finds out.
            return

    async def cancel(self) -> None:
        """Give the slot up."""
        await cancel_once(self._task)
