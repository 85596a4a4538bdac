"""Models on the server: list, running, pull. The one adapter around the `ollama` package.

`ollama.package_client` tames the package; here its records become our own values, and its
exceptions, including those it stumbles over, become `fimble.errors`. It is imported on first use.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from fimble.engine.deadlines import Deadlines
from fimble.engine.error_border import ErrorBorder, quoted
from fimble.engine.http_connection import QUERY_DEADLINE_S
from fimble.engine.http_library import ensure_imported
from fimble.engine.ollama.connection import TITLE
from fimble.engine.ollama.status import ENGINE, START_HINT, error_for_status
from fimble.errors import EngineTruncated, FimbleError
from fimble.policy.endpoint import check_endpoint
from fimble.policy.model_locality import check_model_name

if TYPE_CHECKING:
    import httpx
    import ollama

    from fimble.config.schema import OllamaSettings

Answer = TypeVar("Answer")

PULL_SILENCE_S = 600.0
"""Verifying the digest of a large layer sends nothing for minutes on a slow disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """One model of `ollama list`."""

    name: str
    digest: str
    size_bytes: int
    family: str
    """Architecture, such as "qwen35"."""
    parameter_size: str
    """Such as "27.8B"."""
    quantization: str
    """Such as "Q4_K_M"."""
    modified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningModel:
    """One model of `ollama ps`."""

    name: str
    digest: str
    size_bytes: int
    vram_bytes: int
    """Less than `size_bytes` when a part runs on the processor."""
    context_tokens: int | None
    """The context window that it was loaded with."""
    expires_at: datetime | None
    """When the server will drop it from memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """One step of a download."""

    status: str
    """Such as "pulling manifest" or "verifying sha256 digest"; the last one is "success"."""
    digest: str
    """The layer being read; empty between layers."""
    completed_bytes: int
    total_bytes: int


class OllamaAdministration:
    """Questions and orders about models; use it as an async context manager.

    Raises:
        EngineNotLocalError: The endpoint is not on this machine and not allowed.
    """

    def __init__(
        self, settings: OllamaSettings, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._settings = settings
        self._endpoint = check_endpoint(
            settings.endpoint, allowed_remote_hosts=settings.allowed_remote_hosts
        )
        self._transport = transport
        self._client: ollama.AsyncClient | None = None
        self._border = ErrorBorder(
            engine=ENGINE,
            title=TITLE,
            endpoint=self._endpoint.base_url,
            connect_timeout_s=settings.connect_timeout_s,
            silence_timeout_s=QUERY_DEADLINE_S,
            start_hint=START_HINT if self._endpoint.local else "",
            from_status=self._status_error,
            package=True,
        )

    async def __aenter__(self) -> Self:
        """Return itself; nothing is opened before the first question."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self.aclose()

    async def list_models(self) -> Sequence[InstalledModel]:
        """Return the models that the server has, in its order (newest first).

        Raises:
            EngineError: The server did not answer as it should.
        """
        with self._border:
            answer = await self._bounded((await self._package()).list())
            return [_installed(entry) for entry in answer.models]

    async def running_models(self) -> Sequence[RunningModel]:
        """Return the models that are in memory.

        Raises:
            EngineError: The server did not answer as it should.
        """
        with self._border:
            answer = await self._bounded((await self._package()).ps())
            return [_running(entry) for entry in answer.models]

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Download `model`, yielding progress several times a second; the last one is "success".

        Closing the generator stops the download; what has come is kept for the next try.

        Raises:
            EngineNotLocalError: The name asks for a cloud model.
            EngineTruncated: The download ended without "success".
            EngineError: Anything else.
        """
        check_model_name(model)
        status = ""
        border = replace(
            self._border,
            silence_timeout_s=PULL_SILENCE_S,
            from_status=partial(self._status_error, model=model),
        )
        with border:
            client = await self._package()
            from fimble.engine.ollama.package_client import pull_steps  # noqa: PLC0415

            async with aclosing(pull_steps(client, model)) as steps:
                async for step in steps:
                    status = step.status or ""
                    yield PullProgress(
                        status=status,
                        digest=step.digest or "",
                        completed_bytes=step.completed or 0,
                        total_bytes=step.total or 0,
                    )
        if status != "success":
            raise EngineTruncated(
                f"The download of `{model}` ended early, after {quoted(status) or 'nothing'!r}.",
                engine=ENGINE,
                hint=f"Run `ollama pull {model}` to go on where it stopped.",
            )

    async def aclose(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None:
            with self._border:
                await client.close()

    async def _package(self) -> ollama.AsyncClient:
        """Return the package's client, made on first use."""
        if self._client is None:
            await ensure_imported("ollama")
            from fimble.engine.ollama.package_client import make_client  # noqa: PLC0415

            self._client = make_client(
                self._endpoint,
                connect_timeout_s=self._settings.connect_timeout_s,
                silence_timeout_s=PULL_SILENCE_S,
                transport=self._transport,
            )
        return self._client

    async def _bounded(self, question: Awaitable[Answer]) -> Answer:
        """Wait for a question that the server answers from memory."""
        deadlines = Deadlines(title=TITLE, engine=ENGINE, total_s=QUERY_DEADLINE_S)
        return await deadlines.wait(question, stage="total", seconds=QUERY_DEADLINE_S)

    def _status_error(self, status: int, text: str, *, model: str = "") -> FimbleError:
        return error_for_status(
            status, text, model=model or self._settings.model, endpoint=self._endpoint.base_url
        )


def _installed(entry: ollama.ListResponse.Model) -> InstalledModel:
    details = entry.details
    return InstalledModel(
        name=entry.model or "",
        digest=entry.digest or "",
        size_bytes=int(entry.size or 0),
        family=(details and details.family) or "",
        parameter_size=(details and details.parameter_size) or "",
        quantization=(details and details.quantization_level) or "",
        modified_at=entry.modified_at,
    )


def _running(entry: ollama.ProcessResponse.Model) -> RunningModel:
    return RunningModel(
        name=entry.model or entry.name or "",
        digest=entry.digest or "",
        size_bytes=int(entry.size or 0),
        vram_bytes=int(entry.size_vram or 0),
        context_tokens=entry.context_length,
        expires_at=entry.expires_at,
    )
