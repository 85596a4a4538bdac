"""One streamed generation of an OpenAI-compatible server: bytes in, text and statistics out.

The answer is untrusted (T9): held to the tokens that were asked for, to a number of bytes and to
deadlines. It is whole when a chunk gives a `finish_reason` or `[DONE]` comes; a stream that ends
with neither is truncated (F6). The counts come behind the last text, in the same chunk
(llama-server) or in one of their own (vLLM), and are waited for shortly.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from fimble.engine.error_border import UNKNOWN_STATUS, quoted
from fimble.engine.openai.status import ENGINE, TITLE
from fimble.engine.openai.wire import Choice, Chunk, Timings, Usage
from fimble.engine.protocol import GenerationStatistics, TextChunk, ThinkingChunk
from fimble.engine.sse import SentEvent, SseReader
from fimble.errors import EngineError, EngineFailed, EngineProtocolError, EngineTruncated

if TYPE_CHECKING:
    import httpx

    from fimble.config.schema import OpenAISettings
    from fimble.engine.deadlines import Deadlines
    from fimble.engine.openai.connection import OpenAIConnection

MAX_STREAM_BYTES = 32 << 20
"""Every token comes in a JSON object of some 300 bytes, with log-probabilities twice that."""
_SPARE_CHUNKS = 16
"""Beyond one for each token: a role, an end, the counts, flushed partial characters."""
_COUNTS_S = 0.25
"""Time for the counts and the end of a finished stream."""
_DONE = b"[DONE]"
_MILLISECONDS = 1e3

Event = TextChunk | ThinkingChunk | GenerationStatistics


class StreamedAnswer:
    """Reads the stream of one request that was sent."""

    def __init__(
        self,
        connection: OpenAIConnection,
        settings: OpenAISettings,
        *,
        max_tokens: int,
        deadlines: Deadlines,
        began_at: float,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._deadlines = deadlines
        self._max_chunks = max_tokens + _SPARE_CHUNKS
        self._chunks = 0
        self._bytes = 0
        self._reader = SseReader(engine=TITLE)
        self._decoder = msgspec.json.Decoder(Chunk)
        self._began_at = began_at
        self._first_at: float | None = None
        self._finish: str | None = None
        self._done = False
        self._usage: Usage | None = None
        self._timings: Timings | None = None

    async def events(self, response: httpx.Response) -> AsyncGenerator[Event]:
        """Yield text as it comes, then the statistics.

        Raises:
            EngineError: See `fimble.errors`; the connection is closed in every case.
        """
        async with self._connection.opened(response):
            self._check_type(response)
            source = aiter(response.aiter_raw())
            while not self._done and self._finish is None:
                started = self._first_at is not None
                read = await self._deadlines.wait(
                    anext(source, b""),
                    stage="inter-token" if started else "first token",
                    seconds=self._settings.inter_token_timeout_s
                    if started
                    else self._settings.first_token_timeout_s,
                )
                for event in self._take(read):
                    yield event
                if not read:
                    break
            if not self._done and self._finish is None:
                raise self._truncated()
            # The answer is whole; what is missing of its end costs the counts, or a connection.
            with suppress(EngineError), self._connection.border:
                await self._read_counts(source)
            yield self._statistics()

    async def _read_counts(self, source: AsyncIterator[bytes]) -> None:
        """Read on to the end of the stream, for a moment."""
        ends_at = time.monotonic() + _COUNTS_S
        while (left_s := ends_at - time.monotonic()) > 0:
            read = await self._deadlines.wait(
                anext(source, b""),
                stage="total",
                seconds=left_s,
            )
            for _ in self._take(read):
                pass
            if not read:
                return

    def _check_type(self, response: httpx.Response) -> None:
        """Refuse a page or a plain answer early: its text would be an endless event."""
        said = response.headers.get("content-type", "text/event-stream")
        if said.partition(";")[0].strip().lower() != "text/event-stream":
            raise self._connection.border.protocol_error(
                f"its answer is {quoted(said)} and not a stream of events"
            )

    def _take(self, read: bytes) -> Iterator[TextChunk | ThinkingChunk]:
        """Decode what was read; no bytes mean the end of the stream."""
        self._bytes += len(read)
        if self._bytes > MAX_STREAM_BYTES:
            raise self._excess(f"more than {MAX_STREAM_BYTES} bytes")
        for event in self._reader.feed(read) if read else self._reader.end():
            if self._done:
                return
            if event.data.strip() == _DONE:
                self._done = True
                return
            yield from self._chunk(self._decoded(event))

    def _decoded(self, event: SentEvent) -> Chunk:
        try:
            return self._decoder.decode(event.data)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            if event.name == "error":
                text = quoted(event.data.decode("utf-8", "replace"))
                raise self._connection.status_error(UNKNOWN_STATUS, text) from error
            raise EngineProtocolError(
                f"{TITLE} sent something that Fimble cannot read: an event is not the record it "
                f"should be ({quoted(str(error))}), at byte {event.offset}.",
                offset=event.offset,
                engine=ENGINE,
            ) from error

    def _chunk(self, chunk: Chunk) -> Iterator[TextChunk | ThinkingChunk]:
        failure = chunk.failure
        if failure is not None:
            raise self._connection.status_error(UNKNOWN_STATUS, failure)
        self._usage = chunk.usage or self._usage
        self._timings = chunk.timings or self._timings
        choice = chunk.choices[0] if chunk.choices else None
        if choice is None or self._finish is not None:
            return
        self._chunks += 1
        if self._chunks > self._max_chunks:
            raise self._excess("more tokens than were asked for")
        if choice.answered or choice.thought:
            self._first_at = self._first_at or time.monotonic()
        yield from _pieces(choice)
        if choice.finish_reason == "abort":
            raise EngineFailed(f"{TITLE} gave the answer up.", engine=ENGINE)
        self._finish = choice.finish_reason or None

    def _statistics(self) -> GenerationStatistics:
        """Return the counts; without the server's own clock, what was seen from here.

        The time to the first token then stands for that of the prompt: queue and network are in it.
        """
        ended_at = time.monotonic()
        total_s = ended_at - self._began_at
        first_s = (self._first_at or ended_at) - self._began_at
        finish: Literal["stop", "length"] = "length" if self._finish == "length" else "stop"
        usage, timings = self._usage or Usage(), self._timings
        return GenerationStatistics(
            finish=finish,
            prompt_tokens=usage.prompt_tokens,
            generated_tokens=usage.completion_tokens or 0,
            prompt_eval_s=timings.prompt_ms / _MILLISECONDS if timings else first_s,
            eval_s=timings.predicted_ms / _MILLISECONDS if timings else total_s - first_s,
            total_s=total_s,
        )

    def _truncated(self) -> EngineTruncated:
        return EngineTruncated(
            f"{TITLE} ended its answer without saying that it was done; what came is not whole.",
            engine=ENGINE,
        )

    def _excess(self, what: str) -> EngineProtocolError:
        return EngineProtocolError(
            f"{TITLE} sent {what}; the answer was cut off there.",
            offset=self._bytes,
            engine=ENGINE,
        )


def _pieces(choice: Choice) -> Iterator[TextChunk | ThinkingChunk]:
    if choice.thought:
        yield ThinkingChunk(choice.thought)
    if choice.answered:
        yield TextChunk(choice.answered, choice.logprobs.values if choice.logprobs else ())
