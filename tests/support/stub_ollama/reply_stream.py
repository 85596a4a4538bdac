"""The reply of a generation on the wire: NDJSON records or one object, and faults within it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from support.stub_ollama.faults import InStream
from support.stub_ollama.go_json import Json, encode, timestamp
from support.stub_ollama.http_wire import Connection
from support.stub_ollama.journal import RequestRecord
from support.stub_ollama.llama_slot import SlotToken
from support.stub_ollama.request_body import GenerationBody


class FaultStruckError(Exception):
    """An injected fault ended the reply; its name is the text."""

    def __init__(self, name: str, *, keeps_connection: bool) -> None:
        super().__init__(name)
        self.keeps_connection = keeps_connection
        """The reply was complete as HTTP, so the connection can serve another request."""


NDJSON = "application/x-ndjson"
JSON_TYPE = "application/json; charset=utf-8"
_ENDLESS_PIECE = b"x" * 65536
_THINK_END = "</think>"


class ReplyStream:
    """Writes one answer; headers go out with the first record, as in ``streamResponse``."""

    def __init__(
        self,
        connection: Connection,
        record: RequestRecord,
        *,
        body: GenerationBody,
        chat: bool,
        thinking: bool,
        fault: InStream | None,
    ) -> None:
        self._connection = connection
        self._record = record
        self._body = body
        self._chat = chat
        self._in_thinking = thinking
        self._after_thinking = False
        self._fault = fault
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._logprobs: list[Json] = []
        self._bytewise = fault is not None and fault.action == "bytewise"

    async def token(self, token: SlotToken) -> None:
        """Send one token, after the fault that strikes before it.

        Raises:
            FaultStruckError: the fault ended the reply.
        """
        await self._strike(self._record.sent_tokens)
        text, thought = self._split_thought(token.text)
        logprobs: list[Json] = [_logprob(token, self._body.top_logprobs)]
        logprobs = logprobs if self._body.logprobs and token.token else []
        self._record.sent_tokens += 1
        self._record.generated_text += text
        if not self._body.stream:
            self._texts.append(text)
            self._thoughts.append(thought)
            self._logprobs += logprobs
        elif text or thought or logprobs:
            await self._send(self._fields(text, thought, done=False), logprobs)

    async def done(self, reason: str, metrics: Mapping[str, Json], context: list[Json]) -> None:
        """The last record (or the only one) and the end of the response.

        A fault that waits for more tokens than came strikes before it.
        """
        if self._fault is not None:
            await self._strike(max(self._record.sent_tokens, self._fault.after_tokens))
        self._record.detail = reason
        self._connection.on_ending("done")
        tail: dict[str, Json] = {"done_reason": reason}
        if context:
            tail["context"] = context
        tail.update(metrics)
        if self._body.stream:
            await self._send(self._fields("", "", done=True) | tail, [])
            await self._connection.end_stream()
            return
        await self._send_whole(tail, done=True)

    async def end_without_done(self) -> None:
        """End cleanly with nothing more; without streaming the texts so far, not done."""
        if self._body.stream:
            await self._start()
            await self._connection.end_stream()
            return
        await self._send_whole({}, done=False)

    async def _send_whole(self, tail: Mapping[str, Json], *, done: bool) -> None:
        fields = self._fields("".join(self._texts), "".join(self._thoughts), done=done)
        fields.update(tail)
        if self._logprobs:
            fields["logprobs"] = self._logprobs
        self._record.status = 200
        await self._connection.send_response(200, encode(fields), JSON_TYPE)

    async def _strike(self, sent: int) -> None:
        fault = self._fault
        if fault is None or fault.action in {"bytewise", "leak"} or sent < fault.after_tokens:
            return
        if fault.action not in {None, "stall"}:
            self._record.detail = fault.name
        await self._start()
        await self._connection.send_chunk(fault.payload)
        match fault.action:
            case None | "stall":
                self._fault = None
                await asyncio.sleep(fault.seconds)
                return
            case "hang":
                await asyncio.Event().wait()  # ends when the client leaves
            case "endless_line":
                while True:
                    await self._connection.send_chunk(_ENDLESS_PIECE)
            case "reset":
                self._connection.reset()
            case "cut":
                await self._connection.close()
            case "end" | "oom":
                self._connection.on_ending("fault")
                await self._connection.end_stream()
            case "bytewise" | "leak":
                pass
        ended_cleanly = fault.action in {"end", "oom"}
        raise FaultStruckError(fault.name, keeps_connection=ended_cleanly)

    async def _start(self) -> None:
        if not self._connection.started:
            self._record.status = 200
            await self._connection.start_stream(200, NDJSON)

    async def _send(self, fields: dict[str, Json], logprobs: list[Json]) -> None:
        if logprobs:
            fields["logprobs"] = logprobs
        await self._start()
        line = encode(fields) + b"\n"
        if not self._bytewise:
            await self._connection.send_chunk(line)
            return
        for byte in line:
            await self._connection.send_chunk(bytes([byte]))
            await asyncio.sleep(0)

    def _fields(self, text: str, thought: str, *, done: bool) -> dict[str, Json]:
        fields: dict[str, Json] = {"model": self._body.model, "created_at": timestamp()}
        if self._chat:
            message: dict[str, Json] = {"role": "assistant", "content": text}
            if thought:
                message["thinking"] = thought
            fields["message"] = message
        else:
            fields["response"] = text
            if thought:
                fields["thinking"] = thought
        fields["done"] = done
        return fields

    def _split_thought(self, text: str) -> tuple[str, str]:
        """Divide a token's text into answer and thought, as the built-in parsers do."""
        if not self._in_thinking:
            leads = self._after_thinking and not self._record.generated_text
            return (text.lstrip("\n") if leads else text), ""
        if _THINK_END not in text:
            return "", text
        self._in_thinking = False
        self._after_thinking = True
        thought, _, answer = text.partition(_THINK_END)
        return answer.lstrip("\n"), thought


def _logprob(token: SlotToken, top: int) -> Json:
    """The wire form of a token's log-probability with `top` alternatives."""

    def one(text: str, logprob: float) -> dict[str, Json]:
        return {"token": text, "logprob": logprob, "bytes": list(text.encode("utf-8", "replace"))}

    fields = one(token.token, token.logprob)
    if top:
        others = [one(f"{token.token}{rank}", token.logprob - rank) for rank in range(1, top)]
        fields["top_logprobs"] = [one(token.token, token.logprob), *others]
    return fields
