"""An engine that evaluates prompts as llama-server would, in a time that is only computed.

Nothing waits and nothing is random, so that what a probe concludes is a matter of rules alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from fimble.engine.protocol import (
    EngineHealth,
    GenerateRequest,
    GenerationStatistics,
    TextChunk,
)
from support.stub_ollama import PrefixCache, tokenize


class CachedEngine:
    """Implements `fimble.engine.protocol.Engine` over the rules of a prompt cache."""

    def __init__(self, cache: PrefixCache, *, tokens_per_s: float = 1_700.0) -> None:
        self._cache = cache
        self._tokens_per_s = tokens_per_s
        self.prompts: list[str] = []
        self.open = 0
        self.most_open = 0
        self.gate = asyncio.Event()
        """While it is cleared, generations begin and do not go on."""
        self.gate.set()
        self._began = asyncio.Condition()

    @property
    def name(self) -> str:
        """What it plays."""
        return "ollama"

    async def health(self) -> EngineHealth:
        """Be ready."""
        return EngineHealth(state="ready", engine=self.name)

    async def preload(self) -> None:
        """Have nothing to load."""

    async def generate(
        self, request: GenerateRequest
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Evaluate the prompt and say one word."""
        self.prompts.append(request.prompt)
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            async with self._began:
                self._began.notify_all()
            await self.gate.wait()
            tokens = tokenize(request.prompt)
            evaluated = self._cache.evaluate(tokens).evaluated
            seconds = 0.03 + evaluated / self._tokens_per_s
            yield TextChunk("word")
            yield GenerationStatistics(
                finish="length",
                prompt_tokens=len(tokens),
                generated_tokens=1,
                prompt_eval_s=seconds,
                total_s=seconds,
            )
        finally:
            self.open -= 1

    async def began(self, count: int) -> None:
        """Wait until so many generations have begun."""
        async with self._began:
            await self._began.wait_for(lambda: len(self.prompts) >= count)

    async def aclose(self) -> None:
        """Have nothing to close."""
