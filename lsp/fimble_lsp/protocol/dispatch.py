"""From a message body to exactly one answer, in every state of the server.

This replaces the dispatch of pygls 2.1.1, which leaves requests with wrong parameters unanswered,
serves them before `initialize`, puts tracebacks into answers and reads files that were never
opened. What stays of pygls are its types, converter, notifications and outgoing requests; its
built-in handlers are not registered.

A handler may do its work in two steps: what it does before it returns runs before any later
message is looked at, and the awaitable that it returns runs beside them. A handler therefore
takes its snapshot of a document before it returns.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from fimble_lsp.log import LOGGER
from fimble_lsp.protocol.crash import crash_summary
from fimble_lsp.protocol.envelope import (
    INVALID_REQUEST,
    PARSE_ERROR,
    Malformed,
    MessageId,
    Notification,
    Request,
    Response,
    read_message,
)
from fimble_lsp.protocol.parameters import InvalidParameters, structure

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
NOT_INITIALIZED: Final = -32002
CANCELLED: Final = -32800
REQUEST_FAILED: Final = -32803

_LONGEST_QUOTED_METHOD = 80

Handler = Callable[[Any], object]
"""Takes the parameters (their type follows from the method's name) and returns the result, or
an awaitable of it."""

ReadParameters = Callable[[object], object]
"""Makes a handler's parameters of decoded JSON; raises `InvalidParameters`."""


class RequestRefused(Exception):
    """A well-formed request that cannot be met; the text is a sentence for its sender."""


class Phase(Enum):
    """Where in its life the server is (LSP 3.18, "Server lifecycle")."""

    NEW = auto()
    READY = auto()
    SHUT_DOWN = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers a method."""

    handler: Handler
    read: ReadParameters | None = None
    """Reads the parameters instead of the types that lsprotocol knows for the method."""


class HardenedProtocol(LanguageServerProtocol):
    """One answer for every request, a living process, and nothing private on the wire."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self._routes: dict[str, Route] = {}
        self._phase = Phase.NEW
        self._in_flight: dict[MessageId, asyncio.Future[object]] = {}
        self.exit_requested = asyncio.Event()
        """Set by the `exit` notification."""
        self.route(types.CANCEL_REQUEST, lambda params: self._cancel(params.id))

    def _register_builtin_features(self) -> None:
        """Leave out the handlers of pygls: they keep documents of their own, and read files."""

    @property
    def converter(self) -> Converter:
        """Between decoded JSON and the types of the protocol."""
        return self._converter

    @property
    def phase(self) -> Phase:
        """Where in its life the server is."""
        return self._phase

    @property
    def exit_code(self) -> int:
        """0 after an orderly `shutdown`, else 1 (LSP 3.18, "Exit Notification")."""
        return 0 if self._phase is Phase.SHUT_DOWN else 1

    def route(self, method: str, handler: Handler, read: ReadParameters | None = None) -> None:
        """Let `handler` answer `method`."""
        self._routes[method] = Route(handler, read)

    def receive(self, body: bytes) -> bool:
        """Act on one message; False when `body` is not JSON at all. Never raises."""
        message = read_message(body)
        match message:
            case Malformed():
                self.refuse(message.reason, code=message.code, id_=message.id)
                return message.code != PARSE_ERROR
            case Request():
                self._receive_request(message)
            case Notification():
                self._receive_notification(message)
            case Response():
                self._receive_response(message)
        return True

    def refuse(self, reason: str, *, code: int = INVALID_REQUEST, id_: MessageId | None) -> None:
        """Answer something that cannot be acted on."""
        LOGGER.warning("Refused a message: %s", reason)
        self._answer_error(id_, code, reason)

    def cancel_all(self) -> tuple[asyncio.Future[object], ...]:
        """Give up every request that is being worked on; each is answered as cancelled.

        Returns the work, which may still have to clean up.
        """
        given_up = tuple(self._in_flight.values())
        for id_ in tuple(self._in_flight):
            self._cancel(id_)
        return given_up

    # --- requests --------------------------------------------------------------------------

    def _receive_request(self, request: Request) -> None:
        refusal = self._refusal(request)
        if refusal is not None:
            self._answer_error(request.id, *refusal)
            return
        route = self._routes.get(request.method)
        if route is None:
            name = ascii(request.method)[:_LONGEST_QUOTED_METHOD]
            self._answer_error(request.id, METHOD_NOT_FOUND, f"Method not found: {name}.")
            return
        try:
            outcome = route.handler(self._parameters(route, request.method, request.params))
        except InvalidParameters as error:
            self._answer_error(request.id, INVALID_PARAMS, str(error))
        except RequestRefused as error:
            self._answer_error(request.id, REQUEST_FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - the outermost loop: the server must live
            self._answer_failure(request, error)
        else:
            self._advance_phase(request.method)
            if inspect.isawaitable(outcome):
                self._start(request, cast("Awaitable[object]", outcome))
            else:
                self._answer(request, outcome)

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        """Return code and reason when the state of the server forbids the request."""
        is_initialize = request.method == types.INITIALIZE
        if self._phase is Phase.SHUT_DOWN:
            return INVALID_REQUEST, "The server has been shut down."
        if self._phase is Phase.NEW and not is_initialize:
            return NOT_INITIALIZED, "The server has not been initialized."
        if self._phase is Phase.READY and is_initialize:
            return INVALID_REQUEST, "The server has already been initialized."
        if request.id in self._in_flight:
            return INVALID_REQUEST, "A request with this id is still being worked on."
        return None

    def _advance_phase(self, method: str) -> None:
        if method == types.INITIALIZE:
            self._phase = Phase.READY
        elif method == types.SHUTDOWN:
            self.cancel_all()
            self._phase = Phase.SHUT_DOWN

    def _start(self, request: Request, awaitable: Awaitable[object]) -> None:
        future = asyncio.ensure_future(awaitable)
        self._in_flight[request.id] = future
        future.add_done_callback(lambda done: self._finish(request, done))

    def _finish(self, request: Request, future: asyncio.Future[object]) -> None:
        """Answer a request whose work is done, unless its cancellation has been answered."""
        answered = self._in_flight.get(request.id) is not future
        if not answered:
            del self._in_flight[request.id]
        if future.cancelled():
            if not answered:
                self._answer_error(request.id, CANCELLED, "The request was cancelled.")
            return
        error = future.exception()
        if isinstance(error, RequestRefused):
            if not answered:
                self._answer_error(request.id, REQUEST_FAILED, str(error))
        elif error is not None:
            self._answer_failure(request, error, answered=answered)
        elif not answered:
            self._answer(request, future.result())

    def _cancel(self, id_: MessageId) -> None:
        """Answer at once and then stop the work, which may take its time to clean up."""
        future = self._in_flight.pop(id_, None)
        if future is not None:
            self._answer_error(id_, CANCELLED, "The request was cancelled.")
            future.cancel()

    # --- notifications and answers ---------------------------------------------------------

    def _receive_notification(self, notification: Notification) -> None:
        method = notification.method
        if method == types.EXIT:
            self.exit_requested.set()
            return
        route = self._routes.get(method)
        if self._phase is not Phase.READY or route is None:
            return
        try:
            route.handler(self._parameters(route, method, notification.params))
        except InvalidParameters as error:
            LOGGER.warning("Ignored the notification %s: %s", method, error)
        except Exception as error:  # noqa: BLE001 - the outermost loop: the server must live
            LOGGER.error("The notification %s failed: %s", method, crash_summary(error))

    def _receive_response(self, response: Response) -> None:
        future = self._request_futures.pop(response.id, None)
        self._result_types.pop(response.id, None)
        if future is None or not future.set_running_or_notify_cancel():
            return
        if "error" in response.message:
            future.set_exception(JsonRpcException("The client refused the request."))
        else:
            future.set_result(response.message.get("result"))

    def _parameters(self, route: Route, method: str, raw: object) -> object:
        if route.read is not None:
            return route.read(raw)
        return structure(self._converter, method, raw)

    # --- what goes out -----------------------------------------------------------------------

    def _answer(self, request: Request, result: object) -> None:
        try:
            plain = self._converter.unstructure(result)
            self._send_data({"jsonrpc": self.VERSION, "id": request.id, "result": plain})
        except Exception as error:  # noqa: BLE001 - a result that is no JSON is a defect of ours
            self._answer_failure(request, error)

    def _answer_failure(
        self, request: Request, error: BaseException, *, answered: bool = False
    ) -> None:
        """Report a defect: one line to the log, one short sentence to the client."""
        LOGGER.error("The request %s failed: %s", request.method, crash_summary(error))
        if not answered:
            sentence = f"Fimble failed in {request.method}; its log names the place."
            self._answer_error(request.id, INTERNAL_ERROR, sentence)

    def _answer_error(self, id_: MessageId | None, code: int, sentence: str) -> None:
        error = {"code": code, "message": sentence}
        self._send_data({"jsonrpc": self.VERSION, "id": id_, "error": error})

    def _send_data(self, data: object) -> None:
        """Write one message; pygls sends its notifications and requests through here as well.

        The JSON is ASCII, so that half a surrogate pair from a document does no harm.
        """
        if self.writer is None:
            return
        body = json.dumps(data, default=self._serialize_message, separators=(",", ":"))
        self.writer.write(f"Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii"))
