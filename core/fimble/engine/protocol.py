"""What every engine offers: health, preload, and one cancellable stream of text.

Closing the async generator that `Engine.generate` returns is the only way to cancel; an engine
must then free the model server's slot at once (close the connection), also before the first
token. Callers hold the generator in `contextlib.aclosing`: leaving an `async for` by `break`
alone closes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol

from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

EngineState = Literal["ready", "loading", "offline", "failing"]
"""Answers now; reads the model from disk; nobody is there; answers with errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """The place in a document that a completion fills."""

    snapshot: Snapshot
    """The text as it was when the request was made; never changes under the engine."""
    cursor: Position
    """Where the text goes, in code points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """One generation, for a raw prompt that we rendered ourselves."""

    prompt: str
    """The whole prompt, never empty; control tokens in user text are already neutralised."""
    max_tokens: int
    """At least 1: 0 means "unlimited" to Ollama and is refused."""
    stop: tuple[str, ...] = ()
    """Plain-text stop strings."""
    temperature: float = 0.0
    top_p: float = 1.0
    logprobs: bool = False
    """Ask for the log-probability of each token where the server has them."""
    hole: Hole | None = None
    """Set for completions; the embedded engine answers from it and needs no prompt."""


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A piece of the answer, in order."""

    text: str
    logprobs: tuple[float, ...] = ()
    """Natural logarithms, one for each token in `text`; empty where the server sends none."""


@dataclass(frozen=True, slots=True)
class ThinkingChunk:
    """A piece of what the model thinks before it answers (chat only)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationStatistics:
    """The last event of a stream that ended well."""

    finish: Literal["stop", "length"]
    prompt_tokens: int = 0
    """All tokens of the prompt, those served from the cache included (Ollama counts so)."""
    generated_tokens: int = 0
    load_s: float = 0.0
    prompt_eval_s: float = 0.0
    """Time spent on the prompt tokens that really were evaluated; short means a cache hit."""
    eval_s: float = 0.0
    total_s: float = 0.0
    segments: int = 1
    """In how many requests the answer was generated."""

    @property
    def waited_s(self) -> float:
        """Time in the server's queue: what is left of the total when all work is taken off."""
        return max(0.0, self.total_s - self.load_s - self.prompt_eval_s - self.eval_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHealth:
    """What an engine can say of itself without generating."""

    state: EngineState
    engine: str
    """"ollama", "openai", "embedded"."""
    model: str = ""
    message: str = ""
    """One sentence for people; empty when all is well."""
    server_version: str = ""
    model_digest: str = ""
    family: str = ""
    """The model's architecture as the server names it, for instance "qwen35"."""
    context_tokens: int | None = None
    """The context window that the model is loaded with, else the one that it was trained for."""
    spilled_share: float = 0.0
    """The part of the loaded model that is not in video memory, 0 to 1."""
    slots: int | None = 1
    """Requests that the server works on at once; None: as many as there are."""
    model_missing: bool = False
    """Whether the server is well and only lacks the model."""
    model_bytes: int = 0
    """The size of the model on disk; 0 when it is not known."""


class Engine(Protocol):
    """A source of completions."""

    @property
    def name(self) -> str:
        """Which engine this is ("ollama", "openai", "embedded")."""
        ...

    async def health(self) -> EngineHealth:
        """Ask the server what it is and has; never raises, a failure is a state."""
        ...

    async def preload(self) -> None:
        """Load the model and wait; raises `EngineError`. Never cancelled by its callers."""
        ...

    def generate(
        self, request: GenerateRequest
    ) -> AsyncGenerator[TextChunk | GenerationStatistics, None]:
        """Stream an answer: text chunks, then exactly one `GenerationStatistics`.

        Raises an `EngineError` from the iteration; a stream that ends without its statistics
        raises `EngineTruncated`.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...
