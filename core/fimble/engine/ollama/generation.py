"""One streamed generation: bytes of a response in, text chunks and the final statistics out.

/api/generate and /api/chat differ in the path and in where a record keeps its text.

The answer is untrusted (threat T9): it is held to the tokens that were asked for, to a number of
bytes and to deadlines. A stream that ends without its `done` record is truncated, never a success
(fault F6): Ollama ends one silently when a token repeats more than thirty times.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from fimble.engine.error_border import UNKNOWN_STATUS, quoted
from fimble.engine.http_connection import MAX_ANSWER_BYTES
from fimble.engine.ndjson import NdjsonReader
from fimble.engine.ollama.connection import TITLE
from fimble.engine.ollama.status import ENGINE
from fimble.engine.ollama.wire import ChatChunk, GenerateChunk
from fimble.engine.protocol import GenerationStatistics, TextChunk, ThinkingChunk
from fimble.errors import EngineError, EngineProtocolError, EngineTruncated
from fimble.policy.model_locality import check_show

if TYPE_CHECKING:
    from fimble.config.schema import OllamaSettings
    from fimble.engine.ollama.connection import OllamaConnection

_SPARE_CHUNKS = 8
"""Chunks allowed beyond one for each token: the last record, and flushed partial characters."""
_DRAIN_S = 0.25
"""Time for the end of a finished stream, so that its connection can be used again."""
_NANOSECONDS = 1e9


class GenerationStream:
    """Sends one request and reads its stream; close the generator to cancel."""

    def __init__(
        self,
        connection: OllamaConnection,
        settings: OllamaSettings,
        *,
        body: bytes,
        max_tokens: int,
        chat: bool = False,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._body = body
        self._max_chunks = max_tokens + _SPARE_CHUNKS
        self._chunks = 0
        self._bytes = 0
        self._path = "/api/chat" if chat else "/api/generate"
        self._reader = NdjsonReader(ChatChunk if chat else GenerateChunk, engine=TITLE)
        self.statistics: GenerationStatistics | None = None
        """Set by the `done` record."""

    async def events(self) -> AsyncGenerator[TextChunk | ThinkingChunk | GenerationStatistics]:
        """Yield text as it comes, then the statistics.

        Raises:
            EngineError: See `fimble.errors`; the connection is closed in every case.
        """
        deadlines = self._connection.deadlines(self._settings.total_timeout_s)
        patience_s = self._settings.first_token_timeout_s
        response = await deadlines.wait(
            self._connection.send(self._path, self._body),
            stage="first token",
            seconds=patience_s,
        )
        async with self._connection.opened(response):
            source = aiter(response.aiter_raw())
            while self.statistics is None:
                stage = "inter-token" if self._chunks else "first token"
                if self._chunks:
                    patience_s = self._settings.inter_token_timeout_s
                read = await deadlines.wait(anext(source, b""), stage=stage, seconds=patience_s)
                for event in self._take(read):
                    yield event
                if not read:
                    break
            if self.statistics is None:
                raise self._truncated()
            yield self.statistics
            # The answer is whole; a server that does not end its stream only costs a connection.
            with suppress(EngineError), self._connection.border:
                await deadlines.wait(anext(source, b""), stage="total", seconds=_DRAIN_S)

    def _take(self, read: bytes) -> Iterator[TextChunk | ThinkingChunk]:
        """Decode what was read; no bytes mean the end of the stream."""
        self._bytes += len(read)
        if self._bytes > MAX_ANSWER_BYTES:
            raise self._excess(f"more than {MAX_ANSWER_BYTES} bytes")
        for record in self._reader.feed(read) if read else self._reader.end():
            if record.error is not None:
                raise self._connection.status_error(UNKNOWN_STATUS, quoted(record.error))
            check_show(
                {"remote_host": record.remote_host, "remote_model": record.remote_model},
                model=self._settings.model,
            )
            self._chunks += 1
            if self._chunks > self._max_chunks:
                raise self._excess("more tokens than were asked for")
            if record.thinking_text:
                yield ThinkingChunk(record.thinking_text)
            if record.text:
                logprobs = tuple(token.logprob for token in record.logprobs or ())
                yield TextChunk(record.text, logprobs)
            if record.done:
                self.statistics = _statistics(record)
                return

    def _truncated(self) -> EngineTruncated:
        return EngineTruncated(
            "Ollama ended its answer without saying that it was done; what came is not whole.",
            engine=ENGINE,
        )

    def _excess(self, what: str) -> EngineProtocolError:
        return EngineProtocolError(
            f"Ollama sent {what}; the answer was cut off there.",
            offset=self._bytes,
            engine=ENGINE,
        )


def _statistics(record: GenerateChunk | ChatChunk) -> GenerationStatistics:
    return GenerationStatistics(
        finish="length" if record.done_reason == "length" else "stop",
        prompt_tokens=record.prompt_eval_count,
        generated_tokens=record.eval_count,
        load_s=record.load_duration / _NANOSECONDS,
        prompt_eval_s=record.prompt_eval_duration / _NANOSECONDS,
        eval_s=record.eval_duration / _NANOSECONDS,
        total_s=record.total_duration / _NANOSECONDS,
    )
