"""Routes requests to their handlers, watches for clients that leave, and applies faults.

Paths, methods and the bodies of routing errors as ``ollama/ollama:server/routes.go`` and gin send
them, checked against a real v0.33.0-rc2.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Mapping

from support.stub_ollama.connection_loop import serve_requests
from support.stub_ollama.faults import (
    BeforeHeaders,
    Fault,
    FaultQueue,
    InsteadOfAnswer,
    InStream,
    hang_after,
)
from support.stub_ollama.generation import Exchange, Generations, RefusedError
from support.stub_ollama.go_json import Json, encode
from support.stub_ollama.http_wire import ClientClosedError, Connection, HttpRequest
from support.stub_ollama.journal import Journal, Outcome, RequestRecord
from support.stub_ollama.library import (
    Library,
    is_cloud_name,
    is_valid_name,
    list_entry,
    running_entry,
    show,
)
from support.stub_ollama.pulling import PullGate, pull
from support.stub_ollama.reply_stream import JSON_TYPE, FaultStruckError
from support.stub_ollama.request_body import BadRequestError, generation_body, read_object
from support.stub_ollama.scheduler import Scheduler
from support.stub_ollama.script import Script, StubModel

_METHODS: Mapping[str, tuple[str, ...]] = {
    "/": ("HEAD", "GET"),
    "/api/version": ("HEAD", "GET"),
    "/api/tags": ("HEAD", "GET"),
    "/api/ps": ("GET",),
    "/api/status": ("GET",),
    "/api/generate": ("POST",),
    "/api/chat": ("POST",),
    "/api/show": ("POST",),
    "/api/pull": ("POST",),
    "/_stub/requests": ("GET",),
    "/_stub/hang": ("POST",),
}
_GO_NAMES = {
    "/api/generate": "GenerateRequest",
    "/api/chat": "ChatRequest",
    "/api/show": "ShowRequest",
    "/api/pull": "PullRequest",
}
_CLOUD_DISABLED = "ollama cloud is disabled: remote model "


class RoutedError(Exception):
    """The request got its answer from the router: no such route, method or host."""


_TURNS_TO_SEE_A_CLOSE = 12
"""What a client closed before it sent a request is over by then: both lie in the same sockets'
queues, and the loop takes them in any order."""


class Application:
    """One stub's request handling; every connection runs `serve`."""

    def __init__(self, script: Script, journal: Journal, faults: FaultQueue) -> None:
        self._script = script
        self._journal = journal
        self._faults = faults
        self.library = Library(script.models)
        self.scheduler = Scheduler(script, journal)
        self.generations = Generations(self.scheduler, journal, script.answer)
        self.pull_gate = PullGate()

    async def serve(self, connection: Connection) -> None:
        """Answer requests of one connection until it closes."""
        await serve_requests(connection, self._handle)

    async def _handle(self, connection: Connection, request: HttpRequest) -> bool:
        if request.path == "/_stub/requests":
            await self._send_journal(connection)
            return True
        if request.path == "/_stub/hang":
            self._faults.add(hang_after(1))
            await connection.send_response(200, encode({}), JSON_TYPE)
            return True
        fields, problem = _read_fields(request)
        for _ in range(_TURNS_TO_SEE_A_CLOSE):
            await asyncio.sleep(0)
        record = self._journal.open(request, fields)
        connection.on_ending = lambda ending: self._journal.close(record, ending)
        outcome: Outcome = "done"
        try:
            await self._answer(connection, request, record, problem)
        except RefusedError as refused:
            outcome = "error"
            await _refuse(connection, record, refused)
        except RoutedError:
            outcome = "error"
        except FaultStruckError as struck:
            outcome = "fault"
            return struck.keeps_connection
        except (asyncio.CancelledError, ClientClosedError):
            outcome = "cancelled"
            record.closed_by_client_at = time.monotonic()
            raise
        finally:
            self._journal.close(record, outcome)
        return True

    async def _answer(
        self,
        connection: Connection,
        request: HttpRequest,
        record: RequestRecord,
        problem: str,
    ) -> None:
        """Route one request and answer it."""
        await _check_route(connection, request, record)
        fault = self._faults.take(record)
        if fault is not None:
            await _strike_at_once(connection, record, fault)
        if problem:
            raise RefusedError(400, problem)
        match request.path:
            case "/api/generate" | "/api/chat":
                await self._generate(connection, record, fault)
            case "/api/show":
                await self._show(connection, record)
            case "/api/pull":
                await pull(connection, record, self.library, self._script, self.pull_gate)
            case "/":
                await _send(connection, record, b"Ollama is running", "text/plain; charset=utf-8")
            case _:
                await _send(connection, record, encode(self._report(request.path)))

    async def _generate(
        self, connection: Connection, record: RequestRecord, fault: Fault | None
    ) -> None:
        chat = record.path == "/api/chat"
        try:
            body = generation_body(record.body, chat=chat)
        except BadRequestError as error:
            raise RefusedError(400, str(error)) from error
        exchange = Exchange(
            chat=chat,
            body=body,
            model=self._model(body.model, chat=chat),
            connection=connection,
            record=record,
            fault=fault,
            received_at=record.received_at,
        )
        await self.generations.handle(exchange)

    def _model(self, name: str, *, chat: bool) -> StubModel:
        if not name:
            status, text = (400, "model is required") if chat else (404, "model '' not found")
            raise RefusedError(status, text)
        if is_cloud_name(name):
            raise RefusedError(403, _CLOUD_DISABLED + "is unavailable")
        if not is_valid_name(name):
            raise RefusedError(400, "invalid model name")
        model = self.library.find(name)
        if model is None or (model.remote_host and model.remote_model):
            raise RefusedError(404, f"model '{name}' not found")
        return model

    async def _show(self, connection: Connection, record: RequestRecord) -> None:
        name = record.body.get("model") or record.body.get("name")
        if not isinstance(name, str):
            raise RefusedError(400, "model is required")
        if is_cloud_name(name) and self.library.find(name) is None:
            raise RefusedError(403, _CLOUD_DISABLED + "details are unavailable")
        if not is_valid_name(name):
            raise RefusedError(400, "invalid model name")
        model = self.library.find(name)
        if model is None:
            tagged = name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"
            raise RefusedError(404, f"model '{tagged}' not found")
        if model.remote_host and self._script.cloud_disabled:
            raise RefusedError(403, _CLOUD_DISABLED + "details are unavailable")
        body = show(model, verbose=record.body.get("verbose") is True)
        await _send(connection, record, encode(body))

    def _report(self, path: str) -> dict[str, Json]:
        match path:
            case "/api/version":
                return {"version": self._script.version}
            case "/api/tags":
                return {"models": [list_entry(it) for it in self.library]}
            case "/api/ps":
                return {"models": [running_entry(it) for it in self.scheduler.loaded]}
            case _:
                source = "env" if self._script.cloud_disabled else "none"
                return {"cloud": {"disabled": self._script.cloud_disabled, "source": source}}

    async def _send_journal(self, connection: Connection) -> None:
        """Not an Ollama route: the records as JSON, for a stub in another process."""
        records: list[Json] = [dataclasses.asdict(it) for it in self._journal.records]
        body: dict[str, Json] = {
            "requests": records,
            "max_concurrent": self._journal.max_concurrent,
            "loads": self.scheduler.loads,
            "reloads": self.scheduler.reloads,
        }
        await connection.send_response(200, encode(body), JSON_TYPE)


def _read_fields(request: HttpRequest) -> tuple[Mapping[str, Json], str]:
    """The JSON object of a POST, or what is wrong with it."""
    go_name = _GO_NAMES.get(request.path)
    if request.method != "POST" or go_name is None:
        return {}, ""
    try:
        return read_object(request.body, go_name), ""
    except BadRequestError as error:
        return {}, str(error)


async def _check_route(connection: Connection, request: HttpRequest, record: RequestRecord) -> None:
    """Host, path and method; answers and raises `RoutedError` when one is wrong."""
    host = request.headers.get("host", "").rsplit(":", 1)[0].lower()
    allowed = host in {"", "localhost", "127.0.0.1", "[::1]"}
    allowed = allowed or host.endswith((".localhost", ".local", ".internal"))
    methods = _METHODS.get(request.path)
    if allowed and methods is not None and request.method in methods:
        return
    connection.on_ending("error")
    if not allowed:
        record.status = 403
        await connection.send_response(403, b"", "text/plain")
    elif methods is None:
        record.status = 404
        await connection.send_response(404, b"404 page not found", "text/plain")
    else:
        record.status = 405
        allow = {"Allow": ", ".join(methods)}
        head = request.method == "HEAD"
        body = b"405 method not allowed"
        await connection.send_response(405, body, "text/plain", allow, head_only=head)
    raise RoutedError


async def _strike_at_once(connection: Connection, record: RequestRecord, fault: Fault) -> None:
    """Apply the faults that come before any handling; the others pass."""
    if isinstance(fault, InStream):
        return
    record.detail = fault.name
    match fault:
        case InsteadOfAnswer():
            connection.on_ending("fault")
            record.status = fault.status
            await connection.send_response(
                fault.status, fault.body, fault.content_type, fault.headers
            )
        case BeforeHeaders(action="hang"):
            await asyncio.Event().wait()  # ends when the client leaves
        case BeforeHeaders(action="reset"):
            connection.reset()
        case BeforeHeaders():
            await connection.close()
    raise FaultStruckError(fault.name, keeps_connection=isinstance(fault, InsteadOfAnswer))


async def _refuse(connection: Connection, record: RequestRecord, refused: RefusedError) -> None:
    body = encode({"error": str(refused)})
    record.status = refused.status
    record.detail = str(refused)
    connection.on_ending("error")
    if refused.streamed:
        await connection.start_stream(refused.status, "application/json")
        await connection.send_chunk(body)
        await connection.end_stream()
    else:
        await connection.send_response(refused.status, body, JSON_TYPE)


async def _send(
    connection: Connection, record: RequestRecord, body: bytes, content_type: str = JSON_TYPE
) -> None:
    record.status = 200
    await connection.send_response(200, body, content_type, head_only=record.method == "HEAD")
