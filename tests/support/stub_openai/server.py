"""`StubOpenAI`: one OpenAI-compatible server on a loopback port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from support.stub_ollama.answers import Reply
from support.stub_ollama.connection_loop import serve_requests
from support.stub_ollama.faults import (
    BeforeHeaders,
    Fault,
    InsteadOfAnswer,
    InStream,
)
from support.stub_ollama.go_json import Json
from support.stub_ollama.hosting import StubServer
from support.stub_ollama.http_wire import ClientClosedError, Connection, HttpRequest
from support.stub_ollama.journal import Outcome, RequestRecord
from support.stub_ollama.tokens import SPECIAL_TOKEN, tokenize
from support.stub_openai import wire
from support.stub_openai.served import ServedModel

_JSON = "application/json"
_EVENTS = "text/event-stream; charset=utf-8"
_GENERATIONS = {"/v1/completions": False, "/v1/chat/completions": True}


class _StruckError(Exception):
    """A fault has ended the answer."""

    def __init__(self, *, keeps_connection: bool) -> None:
        self.keeps_connection = keeps_connection


class StubOpenAI(StubServer):
    """A scriptable vLLM or llama-server; used and asked as `StubOllama` is."""

    def __init__(self, served: ServedModel | None = None, *, port: int = 0) -> None:
        super().__init__(port=port)
        self._served = served or ServedModel()
        self._slots = asyncio.Semaphore(self._served.slots)
        self._events_split = False
        self._says_done = True
        self._loading = False
        self.working = 0
        """Generations that have a slot now."""
        self.most_working = 0

    def change(self, **fields: object) -> None:
        """Serve otherwise from the next request on."""
        self._served = replace(self._served, **fields)

    def split_bytes(self) -> None:
        """Send every byte of a stream in a chunk of its own."""
        self._events_split = True

    def leave_done_out(self) -> None:
        """End streams without `[DONE]`, as some gateways do."""
        self._says_done = False

    def load(self, *, running: bool) -> None:
        """Be reading the model, as llama-server tells it: 503 to everything."""
        self._loading = running

    async def _prepare(self) -> None:
        """Nothing to prepare."""

    async def _serve(self, connection: Connection) -> None:
        await serve_requests(connection, self._handle)

    async def _handle(self, connection: Connection, request: HttpRequest) -> bool:
        body = cast("dict[str, Json]", json.loads(request.body)) if request.body else {}
        record = self._journal.open(request, body)
        connection.on_ending = lambda ending: self._journal.close(record, ending)
        outcome: Outcome = "done"
        try:
            await self._route(connection, request, record)
        except _StruckError as struck:
            outcome = "fault"
            return struck.keeps_connection
        except (asyncio.CancelledError, ClientClosedError):
            outcome = "cancelled"
            record.closed_by_client_at = time.monotonic()
            raise
        finally:
            self._journal.close(record, outcome)
        return True

    async def _route(
        self, connection: Connection, request: HttpRequest, record: RequestRecord
    ) -> None:
        fault = self._faults.take(record)
        if fault is not None:
            await _strike_at_once(connection, record, fault)
        key = self._served.api_key
        if key and request.headers.get("authorization") != f"Bearer {key}":
            await _refuse(connection, record, 401, "Invalid API Key", "authentication_error")
        elif self._loading:
            await _refuse(connection, record, 503, "Loading model", "unavailable_error")
        elif request.path in _GENERATIONS:
            streamed = fault if isinstance(fault, InStream) else None
            await self._generate(connection, record, streamed)
        elif request.path == "/v1/models":
            await _send(connection, record, wire.models(self._served))
        elif request.path == "/props" and self._served.flavour == "llama-server":
            await _send(connection, record, wire.properties(self._served))
        elif request.path == "/version" and self._served.flavour == "vllm":
            await _send(connection, record, {"version": "0.11.0"})
        else:
            await _refuse(connection, record, 404, "Not Found", "not_found_error")

    async def _generate(
        self, connection: Connection, record: RequestRecord, fault: InStream | None
    ) -> None:
        served = self._served
        if served.flavour == "vllm" and record.body.get("model") != served.name:
            text = f"The model `{record.body.get('model')}` does not exist."
            await _refuse(connection, record, 404, text, "NotFoundError")
            return
        record.prompt = _prompt(record)
        record.prompt_tokens = len(tokenize(record.prompt))
        if record.prompt_tokens > served.window_tokens:
            text = (
                f"This model's maximum context length is {served.window_tokens} tokens. However, "
                f"you requested {record.prompt_tokens} tokens."
            )
            await _refuse(connection, record, 400, text, "BadRequestError")
            return
        async with contextlib.AsyncExitStack() as stack:
            if served.flavour == "llama-server":
                await stack.enter_async_context(self._slots)
            self.working += 1
            self.most_working = max(self.most_working, self.working)
            try:
                await self._stream(connection, record, fault)
            finally:
                self.working -= 1

    async def _stream(
        self, connection: Connection, record: RequestRecord, fault: InStream | None
    ) -> None:
        served, chat = self._served, record.path == "/v1/chat/completions"
        maker = wire.Wire(served, chat=chat, logprobs=bool(record.body.get("logprobs")))
        await asyncio.sleep(served.first_token_s)
        record.status = 200
        if not record.body.get("stream"):
            await _send(connection, record, maker.whole("".join(_answer(served, record)[1])))
            return
        await connection.start_stream(200, _EVENTS)
        stream = _Stream(connection, record, fault, bytewise=self._events_split)
        thinking, tokens, finish = _answer(served, record)
        for opening in maker.opening():
            await stream.send(opening)
        for thought in tokenize(thinking):
            await stream.send(maker.piece("", thought=thought))
        for number, token in enumerate(tokens, start=1):
            await stream.strike()
            ends = served.flavour == "vllm" and number == len(tokens)
            record.generated_text += token
            record.sent_tokens = record.generated_tokens = number
            await stream.send(maker.piece(token, finish if ends else None))
            await asyncio.sleep(served.token_s)
        if not tokens and served.flavour == "vllm":
            await stream.send(maker.piece("", finish))
        await stream.strike(at_the_end=True)
        counts = wire.Counts(prompt_tokens=record.prompt_tokens, generated_tokens=len(tokens))
        for ending in maker.ending(finish, counts):
            await stream.send(ending)
        if self._says_done:
            await stream.write(b"data: [DONE]\n\n")
        await connection.end_stream()


class _Stream:
    """Writes the events of one answer, and fails when it shall."""

    def __init__(
        self,
        connection: Connection,
        record: RequestRecord,
        fault: InStream | None,
        *,
        bytewise: bool,
    ) -> None:
        self._connection = connection
        self._record = record
        self._fault = fault
        self._bytewise = bytewise

    async def send(self, data: object) -> None:
        await self.write(wire.event(data))

    async def write(self, raw: bytes) -> None:
        pieces = [bytes([byte]) for byte in raw] if self._bytewise else [raw]
        for piece in pieces:
            await self._connection.send_chunk(piece)
            if self._bytewise:
                await asyncio.sleep(0)

    async def strike(self, *, at_the_end: bool = False) -> None:
        """Let the fault happen when its moment has come."""
        fault = self._fault
        if fault is None or (self._record.sent_tokens < fault.after_tokens and not at_the_end):
            return
        self._fault = None
        await self._connection.send_chunk(fault.payload)
        match fault.action:
            case "hang":
                await asyncio.Event().wait()  # ends when the client leaves
            case "stall":
                await asyncio.sleep(fault.seconds)
            case "reset":
                self._connection.reset()
                raise _StruckError(keeps_connection=False)
            case "cut":
                await self._connection.close()
                raise _StruckError(keeps_connection=False)
            case "end":
                self._connection.on_ending("fault")
                await self._connection.end_stream()
                raise _StruckError(keeps_connection=True)
            case "endless_line":
                while True:
                    await self._connection.send_chunk(b"x" * 65_536)
            case _:
                return


def _answer(served: ServedModel, record: RequestRecord) -> tuple[str, Sequence[str], str]:
    """Return thinking, the tokens of the answer and why it ends.

    vLLM leaves control tokens out of its text unless it is asked not to, and then cannot see a
    stop string that is one; llama-server never shows them.
    """
    reply = served.answer(record.prompt)
    text, thinking = (reply.text, reply.thinking) if isinstance(reply, Reply) else (reply, "")
    if served.flavour == "llama-server" or record.body.get("skip_special_tokens", True):
        text = SPECIAL_TOKEN.sub("", text)
    stops = cast("Sequence[str]", record.body.get("stop") or ())
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    tokens = tokenize(text[: min(ends)] if ends else text)
    limit = int(cast("int", record.body.get("max_tokens") or 16))
    return thinking, tokens[:limit], "length" if len(tokens) > limit else "stop"


def _prompt(record: RequestRecord) -> str:
    messages = record.body.get("messages")
    if isinstance(messages, list):
        return "\n".join(str(cast("dict[str, Json]", each).get("content")) for each in messages)
    return str(record.body.get("prompt"))


async def _strike_at_once(connection: Connection, record: RequestRecord, fault: Fault) -> None:
    record.detail = fault.name
    match fault:
        case InsteadOfAnswer():
            record.status = fault.status
            await connection.send_response(
                fault.status, fault.body, fault.content_type, fault.headers
            )
            raise _StruckError(keeps_connection=True)
        case BeforeHeaders():
            if fault.action == "hang":
                await asyncio.Event().wait()
            if fault.action == "reset":
                connection.reset()
            raise _StruckError(keeps_connection=False)
        case InStream():
            return


async def _send(connection: Connection, record: RequestRecord, body: object) -> None:
    record.status = 200
    await connection.send_response(200, json.dumps(body).encode(), _JSON)


async def _refuse(
    connection: Connection, record: RequestRecord, status: int, message: str, kind: str
) -> None:
    record.status = status
    await connection.send_response(status, wire.error(status, message, kind), _JSON)
