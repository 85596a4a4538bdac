"""The models of an OpenAI-compatible server, in the words of `engine.administration`.

Such a server has what it was started with: nothing is pulled, and it says little of what it has.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Self

from fimble.engine.ollama.administration import InstalledModel, PullProgress, RunningModel
from fimble.engine.openai.connection import OpenAIConnection
from fimble.engine.openai.status import ENGINE
from fimble.engine.openai.wire import ServedModels
from fimble.errors import EngineRejected

if TYPE_CHECKING:
    import httpx

    from fimble.config.schema import OpenAISettings


class OpenAIAdministration:
    """Questions about models; use it as an async context manager.

    Raises:
        EngineNotLocalError: The endpoint is not on this machine and not allowed.
    """

    def __init__(
        self, settings: OpenAISettings, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._connection = OpenAIConnection(settings, transport)

    async def __aenter__(self) -> Self:
        """Return itself; nothing is opened before the first question."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self._connection.aclose()

    async def list_models(self) -> Sequence[InstalledModel]:
        """Return the models that the server has, in its order.

        Raises:
            EngineError: The server did not answer as it should.
        """
        with self._connection.border:
            served = await self._connection.get("/v1/models", ServedModels)
        return [
            InstalledModel(
                name=model.id,
                digest="",
                size_bytes=0,
                family="",
                parameter_size="",
                quantization="",
                modified_at=None,
            )
            for model in served.data or ()
        ]

    async def running_models(self) -> Sequence[RunningModel]:
        """Return none: what is in memory is not told."""
        return ()

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Refuse: the server's own administrator gives it its models.

        Raises:
            EngineRejected: Always.
        """
        raise EngineRejected(
            f"The server at {self._connection.base_url} has the models that it was started with; "
            f"`{model}` cannot be pulled from here.",
            status=0,
            engine=ENGINE,
            hint="Ask whoever runs it, or set openai.model to one that it has.",
        )
        yield  # pragma: no cover - makes this a generator, as callers expect
