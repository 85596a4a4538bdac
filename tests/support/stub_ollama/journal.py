"""What the stub saw: one record for each request, and ways to wait for an event in it.

Tests read and wait from their own thread (or event loop) while the stub's loop writes; every
change notifies, so no test ever has to sleep.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from support.stub_ollama.go_json import Json
from support.stub_ollama.http_wire import Ending, HttpRequest

Outcome = Literal["open", "cancelled"] | Ending
"""Running; closed by the client before its answer was complete; or an `Ending`."""

T = TypeVar("T")
_GENERATIONS = frozenset({"/api/generate", "/api/chat", "/v1/completions", "/v1/chat/completions"})


@dataclass(slots=True, kw_only=True)
class RequestRecord:
    """One request's life. Times are `time.monotonic()` seconds; the stub's thread writes it."""

    number: int
    """Counts from 0 in order of arrival."""
    method: str
    path: str
    body: Mapping[str, Json]
    """The parsed JSON object; empty when there was none."""
    received_at: float
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    status: int = 0
    """0 until a status line was sent."""
    prompt: str = ""
    """The text given to the model: the raw prompt or the rendered one."""
    prompt_tokens: int = 0
    """After truncation, cached ones included; what `prompt_eval_count` says."""
    truncated_tokens: int = 0
    """How many prompt tokens the server silently cut away."""
    cached_tokens: int = 0
    evaluated_tokens: int = 0
    """Prompt tokens that were really computed, also when the request was cancelled midway."""
    generated_tokens: int = 0
    sent_tokens: int = 0
    generated_text: str = ""
    """What was sent of the answer."""
    slot_wait_s: float = 0.0
    first_token_at: float | None = None
    closed_by_client_at: float | None = None
    slot_freed_at: float | None = None
    finished_at: float | None = None
    outcome: Outcome = "open"
    detail: str = ""
    """The error text, the fault's name or the done reason."""
    loaded: bool = False
    """This request made the server load (or reload) a model."""

    @property
    def is_generation(self) -> bool:
        """Whether it asks for text (not load, unload, or administration)."""
        wants = self.body.get("messages" if "/chat" in self.path else "prompt")
        return self.path in _GENERATIONS and bool(wants)


class Journal:
    """The records in order of arrival, with waiting."""

    def __init__(self) -> None:
        self._records: list[RequestRecord] = []
        self._changed = threading.Condition()
        self._listeners: list[Callable[[], None]] = []
        self._generations_open = 0
        self.max_concurrent = 0
        """The most generations that were open at the same time, running and queued."""

    @property
    def records(self) -> Sequence[RequestRecord]:
        """All records so far; the list is a copy, the records are live."""
        with self._changed:
            return tuple(self._records)

    def open(self, request: HttpRequest, body: Mapping[str, Json]) -> RequestRecord:
        """Begin a record; `body` is the request's, parsed."""
        with self._changed:
            record = RequestRecord(
                number=len(self._records),
                method=request.method,
                path=request.path,
                headers=request.headers,
                body=body,
                received_at=request.received_at,
            )
            self._records.append(record)
            if record.is_generation:
                self._generations_open += 1
                self.max_concurrent = max(self.max_concurrent, self._generations_open)
        self.changed()
        return record

    def close(self, record: RequestRecord, outcome: Outcome) -> None:
        """End a record; the first outcome stands."""
        with self._changed:
            if record.outcome != "open":
                return
            record.outcome = outcome
            record.finished_at = time.monotonic()
            if record.is_generation:
                self._generations_open -= 1
        self.changed()

    def clear(self) -> None:
        """Forget all records; numbering starts again, open requests go on unseen."""
        with self._changed:
            self._records.clear()
            self.max_concurrent = self._generations_open

    def changed(self) -> None:
        """Wake everybody who waits."""
        with self._changed:
            self._changed.notify_all()
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()

    def wait_until(
        self, predicate: Callable[[Sequence[RequestRecord]], T], timeout_s: float = 5.0
    ) -> T:
        """Block this thread until `predicate(records)` is true; gives its value back.

        Raises:
            TimeoutError: nothing came in `timeout_s`; the message lists the records.
        """
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not (value := predicate(tuple(self._records))):
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    if value := predicate(tuple(self._records)):
                        return value
                    raise TimeoutError(self._timeout_text(timeout_s))
        return value

    async def wait_for(
        self, predicate: Callable[[Sequence[RequestRecord]], T], timeout_s: float = 5.0
    ) -> T:
        """`wait_until` for a test that runs in an event loop of its own."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the waiter's loop was closed meanwhile
                loop.call_soon_threadsafe(woken.set)

        with self._changed:
            self._listeners.append(wake)
        try:
            async with asyncio.timeout(timeout_s):
                while not (value := predicate(self.records)):
                    await woken.wait()
                    woken.clear()
                return value
        except TimeoutError:
            raise TimeoutError(self._timeout_text(timeout_s)) from None
        finally:
            with self._changed:
                self._listeners.remove(wake)

    def _timeout_text(self, timeout_s: float) -> str:
        lines = [
            f"  {it.number}: {it.method} {it.path} status={it.status} {it.outcome} {it.detail}"
            for it in self._records
        ]
        return f"the stub saw no such thing in {timeout_s} s; requests:\n" + "\n".join(lines)
