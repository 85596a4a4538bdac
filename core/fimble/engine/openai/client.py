"""The OpenAI engine: raw completions and chat from a server that several people may share.

What makes it differ from the Ollama engine: the server has many slots or says how many, nothing is
loaded or unloaded by us, a key may be needed, and a request that was refused because the server is
busy is sent again, as long as nothing of its answer has come.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from fimble.engine.openai.connection import OpenAIConnection
from fimble.engine.openai.generation import StreamedAnswer
from fimble.engine.openai.requests import chat_body, completion_body
from fimble.engine.openai.server_facts import ServerFacts, ServerInspector
from fimble.engine.openai.status import ENGINE, TOO_LONG_HINT
from fimble.engine.profiles import ModelProfile, profile_for
from fimble.engine.protocol import (
    EngineHealth,
    EngineState,
    GenerateRequest,
    GenerationStatistics,
    TextChunk,
    ThinkingChunk,
)
from fimble.engine.retrying import Backoff
from fimble.engine.token_estimate import EstimatedTokens, TokenEstimator
from fimble.errors import (
    EngineBusy,
    EngineRejected,
    EngineTimeout,
    EngineUnavailable,
    FimbleError,
    ModelMissing,
    PromptTooLong,
)

if TYPE_CHECKING:
    import httpx

    from fimble.config.schema import OpenAISettings
    from fimble.engine.chat_protocol import ChatPiece, ChatRequest
    from fimble.engine.deadlines import Deadlines

_LOAD_LOOK_S = 1.0
_LONGEST_LOAD_S = 600.0
_WHY_ESTIMATED = "OpenAI's protocol does not tell a model's vocabulary"


class OpenAIEngine:
    """Completions from an OpenAI-compatible server.

    Constructing it opens no connection and imports no HTTP library.

    Raises:
        EngineNotLocalError: The endpoint would send code elsewhere.
    """

    def __init__(
        self,
        settings: OpenAISettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._connection = OpenAIConnection(settings, transport)
        self._inspector = ServerInspector(self._connection, settings, now=now)
        self._backoff = backoff or Backoff()
        self._chance = chance
        self.tokens = TokenEstimator()
        """Counts prompts from above; learns from every answer."""
        self.own_tokens = EstimatedTokens(self.tokens, reason=_WHY_ESTIMATED)

    @property
    def name(self) -> str:
        """The name of the engine: openai."""
        return ENGINE

    async def health(self) -> EngineHealth:
        """Ask for the models and what the server is; never raises."""
        try:
            with self._connection.border:
                facts = await self._inspector.check()
        except FimbleError as error:
            return EngineHealth(
                state=_state_of(error),
                engine=ENGINE,
                model=self._settings.model,
                message=str(error),
                model_missing=isinstance(error, ModelMissing),
            )
        return EngineHealth(
            state="ready",
            engine=ENGINE,
            model=self._settings.model,
            server_version=f"{facts.dialect.title} {facts.version}".strip(),
            context_tokens=self._window(facts),
            slots=facts.slots,
        )

    async def preload(self) -> None:
        """Wait until the server has read its model, which it does without being asked.

        Raises:
            EngineError: It is absent, lacks the model or does not come up.
        """
        ends_at = time.monotonic() + _LONGEST_LOAD_S
        while True:
            try:
                with self._connection.border:
                    await self._inspector.check()
            except EngineBusy:
                if time.monotonic() >= ends_at:
                    raise
                await asyncio.sleep(_LOAD_LOOK_S)
            else:
                return

    async def recover(self) -> None:
        """Do nothing: a slot of these servers is freed when its connection closes."""

    async def profile(self) -> ModelProfile:
        """Return the prompt profile for this model, by its name alone."""
        return self._profile()

    async def generate(
        self, request: GenerateRequest
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Stream the answer to a raw prompt; closing the generator closes the connection.

        Raises:
            PromptTooLong: The prompt and its answer may not fit into the context window.
            EngineError: Anything else; text that came before stays valid.
        """
        with self._connection.border:
            facts = await self._inspector.known()
        self._refuse_impossible(request, facts)
        body = completion_body(
            self._settings.model, request, self._profile().sampling, facts.dialect
        )
        async with aclosing(self._answer("/v1/completions", body, request.max_tokens)) as events:
            async for event in events:
                if isinstance(event, GenerationStatistics):
                    self.tokens.observe(request.prompt, event.prompt_tokens)
                if not isinstance(event, ThinkingChunk):
                    yield event

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatPiece, None]:
        """Stream the answer to messages that the server renders with the model's own template.

        Raises:
            EngineError: See `fimble.errors`; text that came before stays valid.
        """
        with self._connection.border:
            facts = await self._inspector.known()
        body = chat_body(self._settings.model, request, facts.dialect)
        answer = self._answer("/v1/chat/completions", body, request.max_tokens)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def _answer(
        self, path: str, body: bytes, max_tokens: int
    ) -> AsyncGenerator[ChatPiece, None]:
        """Send, again where that helps and nothing has come, and read."""
        with self._connection.border:
            began_at = time.monotonic()
            deadlines = self._connection.deadlines(self._settings.total_timeout_s)
            failed = 0
            while True:
                started = False
                stream = StreamedAnswer(
                    self._connection,
                    self._settings,
                    max_tokens=max_tokens,
                    deadlines=deadlines,
                    began_at=began_at,
                )
                try:
                    response = await self._sent(path, body, deadlines, began_at)
                    async with aclosing(stream.events(response)) as events:
                        async for event in events:
                            started = True
                            yield event
                except (EngineBusy, EngineUnavailable) as error:
                    failed += 1
                    pause_s = self._backoff.pause_s(error, failed=failed, chance=self._chance())
                    if started or pause_s is None:
                        raise
                    await asyncio.sleep(pause_s)
                else:
                    return

    async def _sent(
        self, path: str, body: bytes, deadlines: Deadlines, began_at: float
    ) -> httpx.Response:
        """Send the request; a connection that fails is an `EngineUnavailable`, here already."""
        limit_s = self._settings.first_token_timeout_s
        with self._connection.border:
            return await deadlines.wait(
                self._connection.send(path, body),
                stage="first token",
                seconds=max(0.0, limit_s - (time.monotonic() - began_at)),
            )

    def _refuse_impossible(self, request: GenerateRequest, facts: ServerFacts) -> None:
        if not request.prompt or request.max_tokens < 1:
            raise EngineRejected(
                "An empty prompt or an answer of no tokens was asked for.",
                status=0,
                engine=ENGINE,
            )
        window = self._window(facts)
        ceiling = len(request.prompt.encode("utf-8", "surrogatepass")) + request.max_tokens
        if ceiling <= window:
            return
        needed = self.tokens.count(request.prompt) + request.max_tokens
        if needed > window:
            raise PromptTooLong(
                f"Prompt and answer may take {needed} tokens, and the context window holds "
                f"{window}.",
                status=0,
                engine=ENGINE,
                hint=TOO_LONG_HINT,
            )

    def _window(self, facts: ServerFacts) -> int:
        return min(self._settings.num_ctx, facts.window_tokens or self._settings.num_ctx)

    def _profile(self) -> ModelProfile:
        return profile_for(self._settings.model)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._connection.aclose()


def _state_of(error: FimbleError) -> EngineState:
    if isinstance(error, EngineUnavailable):
        return "offline"
    if isinstance(error, EngineTimeout) and error.stage == "connect":
        return "offline"
    if isinstance(error, EngineBusy) and "loading" in error.sentence.casefold():
        return "loading"
    return "failing"
