"""The one border at which foreign exceptions become Fimble's (`fimble.errors`).

Everything that talks to a model server runs inside `with ErrorBorder(...)`. Classes are told apart
by name along their inheritance, so nothing has to be imported to catch it and the whole mapping is
one table; a test enumerates the classes of httpx and ollama and fails on one that is not covered.
`CancelledError`, `KeyboardInterrupt` and mistakes in our own code pass untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType

import msgspec

from fimble.errors import (
    EngineError,
    EngineProtocolError,
    EngineRejected,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    FimbleError,
)
from fimble.policy.printable import printable_line

LONGEST_QUOTE = 300
"""Characters of a foreign text that a sentence shows (threat T9)."""

UNKNOWN_STATUS = -1
"""What `ollama.ResponseError` says of an error inside a stream."""


class _Kind(Enum):
    """What a foreign exception means to the caller."""

    UNREACHABLE = auto()
    CONNECT_TIMEOUT = auto()
    SILENCE = auto()
    PROTOCOL = auto()
    HTTP_BROKEN = auto()
    REFUSED_HERE = auto()
    STATUS = auto()


_FOREIGN = {
    ("httpx", "ConnectTimeout"): _Kind.CONNECT_TIMEOUT,
    ("httpx", "PoolTimeout"): _Kind.CONNECT_TIMEOUT,
    ("httpx", "TimeoutException"): _Kind.SILENCE,
    ("httpx", "NetworkError"): _Kind.UNREACHABLE,
    ("httpx", "ProxyError"): _Kind.UNREACHABLE,
    ("httpx", "RemoteProtocolError"): _Kind.HTTP_BROKEN,
    ("httpx", "LocalProtocolError"): _Kind.REFUSED_HERE,
    ("httpx", "UnsupportedProtocol"): _Kind.REFUSED_HERE,
    ("httpx", "InvalidURL"): _Kind.REFUSED_HERE,
    ("httpx", "CookieConflict"): _Kind.REFUSED_HERE,
    ("httpx", "StreamError"): _Kind.REFUSED_HERE,
    ("httpx", "DecodingError"): _Kind.PROTOCOL,
    ("httpx", "TooManyRedirects"): _Kind.PROTOCOL,
    ("httpx", "HTTPStatusError"): _Kind.STATUS,
    ("httpx", "HTTPError"): _Kind.UNREACHABLE,
    ("ollama", "ResponseError"): _Kind.STATUS,
    ("ollama", "RequestError"): _Kind.REFUSED_HERE,
    ("msgspec", "MsgspecError"): _Kind.PROTOCOL,
    ("pydantic_core", "ValidationError"): _Kind.PROTOCOL,
    ("json", "JSONDecodeError"): _Kind.PROTOCOL,
    ("builtins", "UnicodeError"): _Kind.PROTOCOL,
    ("builtins", "RecursionError"): _Kind.PROTOCOL,
    ("builtins", "TimeoutError"): _Kind.SILENCE,
    ("builtins", "OSError"): _Kind.UNREACHABLE,
}
"""Top-level package and name of a class; the first listed one of an exception's bases counts."""

_PACKAGE_STUMBLES = {
    ("builtins", "AttributeError"): _Kind.PROTOCOL,
    ("builtins", "TypeError"): _Kind.PROTOCOL,
    ("builtins", "LookupError"): _Kind.PROTOCOL,
    ("builtins", "ValueError"): _Kind.PROTOCOL,
}
"""What the `ollama` package raises on records of the wrong shape; mapped only around its calls."""


class _ErrorBody(msgspec.Struct):
    """`{"error": "text"}`, or OpenAI's `{"error": {"message": "text"}}`."""

    error: str | _ErrorMessage


class _ErrorMessage(msgspec.Struct):
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBorder:
    """Maps what leaves a `with` block to the error tree; reusable and re-entrant."""

    engine: str
    """Name of the engine, such as "ollama"."""
    title: str
    """The server's name in sentences, such as "Ollama"."""
    endpoint: str
    connect_timeout_s: float
    silence_timeout_s: float
    """The read deadline of a foreign client, where one is used."""
    start_hint: str
    """What to do when nobody answers."""
    from_status: Callable[[int, str], FimbleError]
    """Makes the error of an HTTP status and the text that came with it."""
    package: bool = False
    """Whether the block calls a package that stumbles over badly shaped records."""

    def __enter__(self) -> None:
        """Nothing to set up."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Raise the mapped error in place of a foreign one."""
        if error is None or isinstance(error, FimbleError):
            return
        mapped = self.translate(error)
        if mapped is not None:
            raise mapped from error

    def translate(self, error: BaseException) -> FimbleError | None:
        """Return the error of the tree for a foreign `error`; None when it is not foreign."""
        kind = self._kind(error)
        if kind is None:
            return None
        if kind is _Kind.STATUS:
            return self.from_status(*_status_and_text(error))
        if kind is _Kind.HTTP_BROKEN:
            return self._broken(str(error))
        return self._simple(kind, error)

    def _kind(self, error: BaseException) -> _Kind | None:
        for base in type(error).__mro__:
            key = (base.__module__.partition(".")[0], base.__name__)
            found = _FOREIGN.get(key) or (_PACKAGE_STUMBLES.get(key) if self.package else None)
            if found is not None:
                return found
        return None

    def _simple(self, kind: _Kind, error: BaseException) -> EngineError:
        said = quoted(str(error)) or type(error).__name__
        if kind is _Kind.CONNECT_TIMEOUT:
            return EngineTimeout(
                f"{self.title} at {self.endpoint} did not accept a connection within "
                f"{self.connect_timeout_s:g} s.",
                stage="connect",
                deadline_s=self.connect_timeout_s,
                engine=self.engine,
                hint=self.start_hint,
            )
        if kind is _Kind.SILENCE:
            return EngineTimeout(
                f"{self.title} at {self.endpoint} was silent for {self.silence_timeout_s:g} s.",
                stage="inter-token",
                deadline_s=self.silence_timeout_s,
                engine=self.engine,
            )
        if kind is _Kind.PROTOCOL:
            return self.protocol_error(said)
        if kind is _Kind.REFUSED_HERE:
            return EngineRejected(
                f"The request to {self.title} at {self.endpoint} could not be sent: {said}.",
                status=0,
                engine=self.engine,
            )
        return EngineUnavailable(
            f"{self.title} does not answer at {self.endpoint} ({said}).",
            engine=self.engine,
            hint=self.start_hint,
        )

    def _broken(self, message: str) -> EngineError:
        """Tell apart what httpx calls a protocol error (h11's words, pinned by a test)."""
        if "without sending a response" in message:
            return EngineUnavailable(
                f"{self.title} at {self.endpoint} closed the connection without an answer.",
                engine=self.engine,
                hint=self.start_hint,
            )
        if "peer closed connection" in message:
            return EngineTruncated(
                f"{self.title} at {self.endpoint} broke off in the middle of its answer.",
                engine=self.engine,
            )
        return self.protocol_error(quoted(message))

    def protocol_error(self, problem: str, *, offset: int = 0) -> EngineProtocolError:
        """Return the error for an answer that is not what it should be."""
        return EngineProtocolError(
            f"What answers at {self.endpoint} does not speak as {self.title} does: {problem}.",
            offset=offset,
            engine=self.engine,
            hint="Is another program listening there?",
        )


def redirected(status: int, endpoint: str, *, engine: str) -> EngineRejected:
    """Return the error for a server that wants a request sent elsewhere (threat T6).

    Args:
        status: The HTTP status.
        endpoint: Where the request was sent.
        engine: The engine, whose section of the settings has its name.
    """
    return EngineRejected(
        f"What answers at {endpoint} wants the request sent to another address "
        f"(status {status}); Fimble does not follow.",
        status=status,
        engine=engine,
        hint=f"Set {engine}.endpoint to the model server itself.",
    )


def quoted(text: str) -> str:
    """Return foreign text as one line of at most `LONGEST_QUOTE` harmless characters."""
    line = printable_line(" ".join(text[: 4 * LONGEST_QUOTE].split()))
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"


def error_text(body: bytes) -> str:
    """Return what the body of an error answer says: its `error` field, or the text itself."""
    try:
        error = msgspec.json.decode(body, type=_ErrorBody).error
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return quoted(body[: 16 * LONGEST_QUOTE].decode("utf-8", "replace"))
    return quoted(error if isinstance(error, str) else error.message)


def _status_and_text(error: BaseException) -> tuple[int, str]:
    """Read `ollama.ResponseError` or `httpx.HTTPStatusError` without importing either."""
    response = getattr(error, "response", None)
    status = getattr(error if response is None else response, "status_code", UNKNOWN_STATUS)
    text = getattr(error, "error", None)
    return (
        status if isinstance(status, int) else UNKNOWN_STATUS,
        quoted(text if isinstance(text, str) else str(error)),
    )
