"""Measuring the model server's prompt cache: on command, or while the user does nothing.

A measurement counts only as a whole: what a completion leaves in the slot between two of its
steps would be mistaken for a property of the server. So it gives way at once and begins anew,
with a text of its own again, when the user has been away for longer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing

from fimble.completion.cache_forecast import CacheKind
from fimble.completion.cache_probe import CacheProbe
from fimble.completion.measured_cache import ProbeResult
from fimble.engine.protocol import Engine, GenerateRequest, GenerationStatistics
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import EngineTruncated
from fimble.pipeline.completions_first import CompletionsFirst, GaveWayError

IDLE_S = 5.0
"""How long nobody must have typed before the first try; each further one waits twice as long."""

_TRIES = 5

OnStep = Callable[[str], None]
"""Told the name of a step that begins."""


class CacheMeasurement:
    """Measures one model on one server.

    Args:
        server: Asked directly, for one token at a time.
        estimator: The server's own, which refuses prompts by it.
        window_tokens: The context window.
        expected: What the model's profile says of its cache.
        new_seed: Gives a number that it has not given before, in this process or another.
    """

    def __init__(
        self,
        *,
        server: Engine,
        estimator: TokenEstimator,
        window_tokens: int,
        expected: CacheKind | None = None,
        new_seed: Callable[[], int] = time.time_ns,
    ) -> None:
        self._server = server
        self._estimator = estimator
        self._window_tokens = window_tokens
        self._expected = expected
        self._new_seed = new_seed

    async def measure(self, on_step: OnStep | None = None) -> ProbeResult:
        """Measure once, now; cancelling frees the server's slot.

        Raises:
            EngineError: The server did not answer.
        """
        probe = CacheProbe(
            seed=self._new_seed(),
            window_tokens=self._window_tokens,
            count=self._estimator.count,
        )
        while (prompt := probe.next_prompt) is not None:
            if on_step is not None:
                on_step(str(probe.next_step))
            said = await self._ask(prompt)
            probe.record(
                prompt_tokens=said.prompt_tokens,
                prompt_eval_s=said.prompt_eval_s,
                delayed_s=said.total_s - said.prompt_eval_s - said.eval_s,
            )
        return probe.result()

    async def measure_in_pauses(
        self, turns: CompletionsFirst, *, idle_s: float = IDLE_S
    ) -> ProbeResult | None:
        """Measure when nobody types, giving way; None when it never came to a clear end.

        Raises:
            EngineError: The server did not answer.
        """
        results: list[ProbeResult] = []
        for turn in range(_TRIES):
            await turns.idle(idle_s * 2**turn)
            try:
                results.append(await turns.in_background(self.measure()))
            except GaveWayError:
                continue
            settled = self._settled(results)
            if settled.final:
                return settled
        return None

    async def measure_clearly(self, on_step: OnStep | None = None) -> ProbeResult:
        """Measure now, again while the result is not clear; the last one in any case.

        Raises:
            EngineError: The server did not answer.
        """
        results: list[ProbeResult] = []
        for _ in range(_TRIES):
            results.append(await self.measure(on_step))
            if self._settled(results).final:
                break
        return self._settled(results)

    def _settled(self, results: Sequence[ProbeResult]) -> ProbeResult:
        """Return the last result where it is certain; a surprise must have come before too."""
        last = results[-1]
        surprising = self._expected is not None and last.kind is not self._expected
        if not last.certain or not surprising:
            return last
        if any(earlier.kind is last.kind for earlier in results[:-1]):
            return last
        return ProbeResult(kind=None, reason="several measurements did not agree")

    async def _ask(self, prompt: str) -> GenerationStatistics:
        request = GenerateRequest(prompt=prompt, max_tokens=1)
        async with aclosing(self._server.generate(request)) as stream:
            async for event in stream:
                if isinstance(event, GenerationStatistics):
                    return event
        raise EngineTruncated("The model server did not say what it did.", engine=self._server.name)
