"""The Ollama engine: raw prompts, one constant set of load options, cancellation by closing.

What makes it differ from a plain client of the same API (facts about Ollama 0.33):

* every request carries the same load options, or the server reads the model from disk again;
* a load is never cancelled by whoever waits for it, or it would start over and over;
* a prompt is counted before it is sent, since older servers cut a long one silently;
* the model is checked to be on this machine before it gets a prompt.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from fimble.engine.ollama.connection import OllamaConnection
from fimble.engine.ollama.generation import GenerationStream
from fimble.engine.ollama.health import HealthCheck
from fimble.engine.ollama.model_facts import ModelInspector
from fimble.engine.ollama.own_tokens import OwnTokens
from fimble.engine.ollama.preload import SharedLoad
from fimble.engine.ollama.requests import chat_body, generate_body, preload_body, unload_body
from fimble.engine.ollama.status import ENGINE, TOO_LONG_HINT
from fimble.engine.ollama.wire import GenerateChunk
from fimble.engine.profiles import ModelProfile, profile_for
from fimble.engine.protocol import (
    EngineHealth,
    GenerateRequest,
    GenerationStatistics,
    TextChunk,
    ThinkingChunk,
)
from fimble.engine.token_estimate import TokenEstimator
from fimble.errors import (
    EngineError,
    EngineFailed,
    EngineNotLocalError,
    EngineRejected,
    PromptTooLong,
)
from fimble.policy.endpoint import check_endpoint

if TYPE_CHECKING:
    import httpx

    from fimble.config.schema import OllamaSettings
    from fimble.engine.chat_protocol import ChatPiece, ChatRequest

RESIDENT_FOR_S = 30.0
"""How long a proof that the model is in memory is relied on; a new one costs a millisecond."""


class OllamaEngine:
    """Completions from a model that Ollama runs on this machine.

    Constructing it opens no connection and imports no HTTP library.

    Raises:
        EngineNotLocalError: The endpoint or the model's name would send code elsewhere.
    """

    def __init__(
        self,
        settings: OllamaSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        endpoint = check_endpoint(
            settings.endpoint, allowed_remote_hosts=settings.allowed_remote_hosts
        )
        self._settings = settings
        self._now = now
        self._resident_since = float("-inf")
        self._connection = OllamaConnection(settings, endpoint, transport)
        self._inspector = ModelInspector(self._connection, settings.model, now=now)
        self._load = SharedLoad(self._preload_once)
        self._health = HealthCheck(self._connection, self._inspector, settings)
        self.tokens = TokenEstimator()
        """Counts prompts from above; learns from every answer."""
        self.own_tokens = OwnTokens(self._inspector, self.tokens, model=settings.model)
        """Counts exactly, once it was told to learn how."""

    @property
    def name(self) -> str:
        """The name of the engine: ollama."""
        return ENGINE

    async def health(self) -> EngineHealth:
        """Ask for the version, the model and what is in memory; never raises."""
        health = await self._health.check(loading=self._load.running)
        self._resident_since = self._now() if health.state == "ready" else float("-inf")
        return health

    async def preload(self) -> None:
        """Bring the model into memory and wait for it; cancelling the call does not stop it.

        Raises:
            EngineError: The server is absent, lacks the model or cannot load it.
            EngineNotLocalError: The model is a pointer to another host.
        """
        await self._load.wait()

    async def _preload_once(self) -> None:
        await self._inspector.verified()
        answer = await self._connection.ask(
            "/api/generate",
            preload_body(self._settings),
            GenerateChunk,
            deadline_s=self._settings.load_timeout_s,
        )
        if not answer.done:
            raise EngineFailed(f"Ollama did not load `{self._settings.model}`.", engine=ENGINE)
        self._resident_since = self._now()

    async def generate(
        self, request: GenerateRequest
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Stream the answer to a raw prompt; closing the generator or cancelling the task frees
        the server's slot.

        Waits for the model to be in memory first, so that the deadline of the first token never
        kills a load.

        Raises:
            PromptTooLong: The prompt and its answer may not fit into `num_ctx`.
            EngineNotLocalError: The model is a pointer to another host.
            EngineError: Anything else; text that came before stays valid.
        """  # noqa: D205 (the summary needs its second line)
        self._refuse_impossible(request)
        stream = GenerationStream(
            self._connection,
            self._settings,
            body=generate_body(self._settings, request, self._named_profile().sampling),
            max_tokens=request.max_tokens,
        )
        async with aclosing(self._events(stream)) as events:
            async for event in events:
                if isinstance(event, GenerationStatistics):
                    self.tokens.observe(request.prompt, event.prompt_tokens)
                if not isinstance(event, ThinkingChunk):
                    yield event

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatPiece, None]:
        """Stream the answer to messages that the server renders with the model's own template.

        Raises:
            PromptTooLong: The server counted more tokens than `num_ctx`.
            EngineNotLocalError: The model is a pointer to another host.
            EngineError: Anything else; text that came before stays valid.
        """
        stream = GenerationStream(
            self._connection,
            self._settings,
            body=chat_body(self._settings, request),
            max_tokens=request.max_tokens,
            chat=True,
        )
        async with aclosing(self._events(stream)) as events:
            async for event in events:
                yield event

    async def _events(self, stream: GenerationStream) -> AsyncGenerator[ChatPiece, None]:
        with self._connection.border:
            await self._inspector.verified()
            if self._now() - self._resident_since >= RESIDENT_FOR_S:
                await self.preload()
            try:
                async with aclosing(stream.events()) as events:
                    async for event in events:
                        if isinstance(event, GenerationStatistics):
                            self._resident_since = self._now()
                        yield event
            except EngineNotLocalError:
                self._inspector.forget()
                raise
            except EngineRejected:
                raise
            except EngineError:
                self._resident_since = float("-inf")
                raise

    def _refuse_impossible(self, request: GenerateRequest) -> None:
        """Refuse what Ollama would take to mean something else, or would cut."""
        if not request.prompt:
            raise EngineRejected(
                "An empty prompt asks Ollama to load a model, not to write.",
                status=0,
                engine=ENGINE,
            )
        if request.max_tokens < 1:
            raise EngineRejected(
                f"{request.max_tokens} tokens asked for; Ollama takes 0 to mean no limit.",
                status=0,
                engine=ENGINE,
            )
        # No vocabulary takes more tokens than bytes: most prompts need no closer look.
        ceiling = len(request.prompt.encode("utf-8", "surrogatepass")) + request.max_tokens
        if ceiling <= self._settings.num_ctx:
            return
        needed = self.tokens.count(request.prompt) + request.max_tokens
        if needed > self._settings.num_ctx:
            raise PromptTooLong(
                f"Prompt and answer may take {needed} tokens, and the context window holds "
                f"{self._settings.num_ctx}.",
                status=0,
                engine=ENGINE,
                hint=TOO_LONG_HINT,
            )

    def _named_profile(self) -> ModelProfile:
        facts = self._inspector.facts
        return profile_for(self._settings.model, facts.family if facts else "")

    async def profile(self) -> ModelProfile:
        """Return the prompt profile for this model, narrowed to the tokens it really has.

        Reads the vocabulary once for each digest (several megabytes): ask while idle.

        Raises:
            EngineError: The server did not answer.
            EngineNotLocalError: The model is a pointer to another host.
        """
        facts = await self._inspector.verified()
        tokens = await self._inspector.control_tokens()
        return profile_for(self._settings.model, facts.family, tokens or None)

    async def recover(self) -> None:
        """Make the server drop the model and load it again: frees a slot that it has leaked.

        A client that disconnects in the middle of a stream can leave Ollama's slot taken for good
        (ollama/ollama issue 17131): every later request hangs while /api/ps looks healthy.
        Cancel own requests first.

        Raises:
            EngineError: The server did not answer.
        """
        self._resident_since = float("-inf")
        await self._connection.ask("/api/generate", unload_body(self._settings), GenerateChunk)
        await self.preload()

    async def aclose(self) -> None:
        """Give up a running load and close every connection."""
        await self._load.aclose()
        await self._connection.aclose()
