"""Checks of an OpenAI-compatible server: is it there, has it the model, how does it fill a gap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from fimble.config.schema import Settings
from fimble.engine.model_server import ModelServerEngine, make_engine
from fimble.engine.protocol import EngineHealth, GenerateRequest, GenerationStatistics
from fimble.errors import EngineNotLocalError, FimbleError
from fimble.pipeline.prompt_choices import choose_prompts
from fimble_cli.checks.finding import Finding, command_in, ok, problem, skipped, warning

_REST = ("prompts", "context", "slots", "raw completion")
_LATER = "That can be looked at when the problem above is solved."


class OpenAIServerChecks:
    """Examines the server of `openai.endpoint`.

    Args:
        probe: Have it complete a line of made-up code now.
    """

    def __init__(self, settings: Settings, *, probe: bool) -> None:
        self._settings = settings
        self._probe = probe

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield what is found as it is found."""
        try:
            engine = make_engine(self._settings.openai)
        except EngineNotLocalError as error:
            yield problem("endpoint", error.sentence, command_in(error.hint))
            return
        async with aclosing(engine):
            health = await engine.health()
            if health.state != "ready":
                yield problem("model" if health.model_missing else "server", health.message)
                for check in _REST:
                    yield skipped(check, _LATER)
                return
            yield ok(
                "server", f"{health.server_version} answers at {self._settings.openai.endpoint}."
            )
            yield ok("model", f"{health.model} is there.")
            yield await self._prompts(engine)
            yield self._context(health)
            yield _slots(health)
            yield await self._raw(engine)

    async def _prompts(self, engine: ModelServerEngine) -> Finding:
        profile = await engine.profile()
        layout = choose_prompts(self._settings, profile, None).layout.value
        if profile.fim_tokens or (profile.chat is not None and profile.chat.tokens):
            return ok("prompts", f"Family {profile.family}, by the model's name; layout {layout}.")
        return warning(
            "prompts",
            "The model's name says nothing of its way to fill a gap: it only continues the text "
            "before the cursor.",
            "serve it under a name that holds its family's, such as qwen2.5-coder",
        )

    def _context(self, health: EngineHealth) -> Finding:
        wanted, held = self._settings.openai.num_ctx, health.context_tokens or 0
        if held >= wanted:
            return ok("context", f"Prompts are kept under {wanted} tokens, which the server takes.")
        return warning(
            "context",
            f"The server takes {held} tokens, openai.num_ctx says {wanted}.",
            f"set openai.num_ctx = {held} in your configuration",
        )

    async def _raw(self, engine: ModelServerEngine) -> Finding:
        """Have one token generated, which also proves the key."""
        check = "raw completion"
        if not self._probe:
            return skipped(check, "Not tried without being asked to.", "`fimble doctor --probe`")
        request = GenerateRequest(prompt="def add(a, b):\n    return a", max_tokens=4)
        try:
            async with aclosing(engine.generate(request)) as events:
                said = [event async for event in events]
        except FimbleError as error:
            return problem(check, error.sentence, command_in(error.hint))
        told = next(event for event in said if isinstance(event, GenerationStatistics))
        return ok(
            check,
            f"/v1/completions answers: {told.prompt_tokens} tokens read, "
            f"{told.generated_tokens} written in {told.total_s:.2f} s.",
        )


def _slots(health: EngineHealth) -> Finding:
    if health.slots is None:
        return ok("slots", "It works on many requests at once: chat answers in one piece.")
    if health.slots > 1:
        return ok("slots", f"It has {health.slots} slots: chat answers in one piece.")
    return ok("slots", "It has one slot: chat answers in pieces and lets completions through.")
