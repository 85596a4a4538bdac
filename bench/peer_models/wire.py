"""How a modelled system reaches the model server, and what all of them share."""

from __future__ import annotations

import asyncio
import json
import ssl
from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx

from fimble_cli.bench.contestant import Contestant
from fimble_cli.bench.document import Document, Edit
from fimble_cli.bench.ghost import Ghost


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """Where the model is and under which options it is asked."""

    url: str
    model: str
    num_ctx: int


class Peer(Contestant):
    """A modelled system: follows the document, asks through `/api/generate`, raw.

    Closing a stream of `ask` closes its connection, as all of these systems' HTTP clients do.
    """

    def __init__(self, server: ModelServer) -> None:
        super().__init__()
        self._server = server
        # The model server speaks plain HTTP: reading the system's certificates would take longer
        # than a key. None of the peers has a time-out of its own unless its model says so.
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.AsyncClient(timeout=None, trust_env=False, verify=plain)  # noqa: S113
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.document = Document("", uri="", language_id="")

    async def open(self, document: Document) -> None:
        """Begin with a file."""
        self.document = document

    async def edited(self, document: Document, edit: Edit) -> None:  # noqa: ARG002 - it has it
        """Act on a key."""
        self.key(edit.inserted)

    @abstractmethod
    def key(self, inserted: str) -> None:
        """React to a change of the document at the cursor; must not wait."""

    async def close(self) -> None:
        """Drop all requests; timers that are still set do nothing."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    def later(self, delay_s: float, action: Callable[[], object]) -> asyncio.TimerHandle:
        """Do `action` after a while; cancel the handle to take it back."""
        return asyncio.get_running_loop().call_later(
            delay_s, lambda: None if self._closed else action()
        )

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do `work` while the typing goes on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def ask(
        self, prompt: str, *, max_tokens: int, stop: Sequence[str] = ()
    ) -> AsyncGenerator[str]:
        """Yield the answer token by token."""
        body = {
            "model": self._server.model,
            "prompt": prompt,
            "raw": True,
            "stream": True,
            "think": False,
            "options": {
                "num_ctx": self._server.num_ctx,
                "num_predict": max_tokens,
                "stop": list(stop),
                "temperature": 0,
            },
        }
        url = f"{self._server.url}/api/generate"
        async with self._client.stream("POST", url, json=body) as response:
            async for line in response.aiter_lines():
                chunk = json.loads(line)
                if chunk.get("response"):
                    yield chunk["response"]

    async def ask_whole(self, prompt: str, *, max_tokens: int, stop: Sequence[str] = ()) -> str:
        """Return the whole answer, as systems do that do not stream."""
        async with aclosing(self.ask(prompt, max_tokens=max_tokens, stop=stop)) as stream:
            return "".join([piece async for piece in stream])

    def offer(self, version: int, text: str) -> None:
        """Show an answer if the document is still the one it was asked for."""
        if self.document.version == version:
            self.show(Ghost(text=text) if text.strip() else None)


def fim(prefix: str, suffix: str) -> str:
    """Arrange prefix, suffix, middle with the control tokens of the Qwen family."""
    return f"<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"
