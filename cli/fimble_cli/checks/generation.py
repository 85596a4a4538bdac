"""What a short generation shows of a model server: raw prompts, speed, and how many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

from fimble.engine.protocol import Engine, GenerateRequest, GenerationStatistics, TextChunk
from fimble.errors import FimbleError
from fimble_cli.checks.finding import Finding, command_in, ok, problem, skipped, warning
from fimble_cli.checks.prompt_cache import MEASURE, rounded

CHECKS: Final = ("raw prompts", "generation speed", "slots")

_PROMPT: Final = "def total(prices):\n    result = 0\n    for price in prices:\n        "
_LONG: Final = 64
"""Tokens: long enough that a second request begins while the first one runs."""
_SLOW_TOKENS_PER_S: Final = 8.0
"""A line of code is ten tokens: below this it takes longer than typing it."""


async def check_generation(engine: Engine) -> AsyncIterator[Finding]:
    """Generate twice at the same time; the model is in memory."""
    try:
        text, said, overlapped = await _two_at_a_time(engine)
    except FimbleError as error:
        yield problem("raw prompts", error.sentence, command_in(error.hint))
        for check in CHECKS[1:]:
            yield skipped(check, "Could not be measured.", MEASURE)
        return
    if text.strip():
        yield ok("raw prompts", "The server goes on from a prompt that Fimble made itself.")
    else:
        yield warning(
            "raw prompts",
            "The server took a prompt that Fimble made itself, and the model had nothing to say.",
            "use a model that was trained on code, such as `ollama pull qwen3.6:27b`",
        )
    yield _speed(said)
    yield ok(
        "slots",
        "It answers several requests at the same time."
        if overlapped
        else "It answers one request at a time: others wait for theirs.",
    )


def _speed(said: GenerationStatistics) -> Finding:
    if said.eval_s <= 0 or said.generated_tokens < 2:  # noqa: PLR2004 - one says nothing of speed
        return skipped("generation speed", "The model said too little to tell.", MEASURE)
    speed = said.generated_tokens / said.eval_s
    sentence = f"{rounded(speed)} tokens a second."
    if speed < _SLOW_TOKENS_PER_S:
        return warning("generation speed", sentence, "use a smaller model: set ollama.model")
    return ok("generation speed", sentence)


async def _two_at_a_time(engine: Engine) -> tuple[str, GenerationStatistics, bool]:
    """Return what the first said, its figures, and whether the second was served meanwhile."""
    first_begun, first_done = asyncio.Event(), asyncio.Event()
    texts: list[str] = []
    figures: list[GenerationStatistics] = []

    async def first() -> None:
        try:
            request = GenerateRequest(prompt=_PROMPT, max_tokens=_LONG)
            async with aclosing(engine.generate(request)) as events:
                async for event in events:
                    first_begun.set()
                    if isinstance(event, TextChunk):
                        texts.append(event.text)
                    else:
                        figures.append(event)
        finally:
            first_done.set()
            first_begun.set()

    async def second() -> bool:
        await first_begun.wait()
        request = GenerateRequest(prompt=f"# {_PROMPT}", max_tokens=1)
        async with aclosing(engine.generate(request)) as events:
            async for _ in events:
                return not first_done.is_set()
        return False

    running = asyncio.create_task(first())
    try:
        overlapped = await second()
        await running
    finally:
        running.cancel()
        await asyncio.wait([running])
    return "".join(texts), figures[-1], overlapped
