"""The model server that the settings name, whichever it is: what its engine offers, and making it.

Engines are imported by whoever makes one: nobody pays for the one that he does not use.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Protocol, Self

from fimble.config.schema import OpenAISettings
from fimble.engine.chat_protocol import ChatEngine
from fimble.engine.protocol import Engine

if TYPE_CHECKING:
    from fimble.config.schema import ModelServerSettings
    from fimble.engine.ollama.administration import InstalledModel, PullProgress, RunningModel
    from fimble.engine.profiles import ModelProfile
    from fimble.engine.token_estimate import TokenEstimator
    from fimble.engine.tokens.counter import TokenCounter


class ModelTokens(Protocol):
    """Counts a model's tokens as well as its server allows."""

    @property
    def current(self) -> TokenCounter:
        """The best counter at this moment."""
        ...

    @property
    def why_estimated(self) -> str:
        """Why counts are estimated, as part of a sentence; empty when they are exact."""
        ...

    def counter(self) -> TokenCounter:
        """Return `current`, for those who ask again and again."""
        ...

    async def learn(self) -> TokenCounter:
        """Ask the server what is needed for the best counter; raises `EngineError`."""
        ...


class ModelServerEngine(Engine, ChatEngine, Protocol):
    """An engine with a model server behind it."""

    @property
    def tokens(self) -> TokenEstimator:
        """Counts from above, and learns from every answer."""
        ...

    @property
    def own_tokens(self) -> ModelTokens:
        """Counts exactly where the server allows it."""
        ...

    async def profile(self) -> ModelProfile:
        """Return the prompt profile for its model; raises `EngineError`."""
        ...

    async def recover(self) -> None:
        """Free a slot that the server has leaked; raises `EngineError`."""
        ...


class ModelAdministration(Protocol):
    """Questions and orders about models; an async context manager."""

    async def __aenter__(self) -> Self:
        """Open nothing yet."""
        ...

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        ...

    async def list_models(self) -> Sequence[InstalledModel]:
        """Return the models that the server has; raises `EngineError`."""
        ...

    async def running_models(self) -> Sequence[RunningModel]:
        """Return the models that are in memory, where it tells; raises `EngineError`."""
        ...

    def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download a model, yielding progress; raises `EngineError`."""
        ...


def make_engine(settings: ModelServerSettings) -> ModelServerEngine:
    """Return the engine for `settings`; opens no connection.

    Raises:
        EngineNotLocalError: They name an endpoint or a model that is not on this machine.
    """
    if isinstance(settings, OpenAISettings):
        from fimble.engine.openai.client import OpenAIEngine  # noqa: PLC0415

        return OpenAIEngine(settings)
    from fimble.engine.ollama.client import OllamaEngine  # noqa: PLC0415

    return OllamaEngine(settings)


def make_administration(settings: ModelServerSettings) -> ModelAdministration:
    """Return questions and orders about the models of the server of `settings`.

    Raises:
        EngineNotLocalError: They name an endpoint that is not on this machine.
    """
    if isinstance(settings, OpenAISettings):
        from fimble.engine.openai.administration import OpenAIAdministration  # noqa: PLC0415

        return OpenAIAdministration(settings)
    from fimble.engine.ollama.administration import OllamaAdministration  # noqa: PLC0415

    return OllamaAdministration(settings)
