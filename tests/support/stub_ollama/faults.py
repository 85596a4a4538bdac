"""Ways to fail, one value for each; injected for one request or for all that match.

A fault works at one of four places: before the request is handled at all, instead of its answer,
inside its stream after some tokens, or at its end. `FaultQueue.take` hands out at most one fault
for each request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from support.stub_ollama.go_json import encode
from support.stub_ollama.journal import RequestRecord

StreamAction = Literal[
    "end", "cut", "reset", "hang", "stall", "endless_line", "leak", "bytewise", "oom"
]
"""End cleanly without `done`; FIN inside the stream; RST; never another byte; pause once; one
line without end; keep the semaphore for ever; frame every byte by itself; crash of the runner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsteadOfAnswer:
    """A complete HTTP answer of our choice; no model runs."""

    name: str
    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeHeaders:
    """The connection misbehaves before a status line: RST, clean close, silence."""

    name: str
    action: Literal["reset", "cut", "hang"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InStream:
    """After `after_tokens` tokens: send `payload` as it is, then do `action`."""

    name: str
    after_tokens: int = 0
    payload: bytes = b""
    action: StreamAction | None = None
    """None goes on with the answer."""
    seconds: float = 0.0
    """For a stall."""


Fault = InsteadOfAnswer | BeforeHeaders | InStream

OOM_TEXT = (
    "model runner has unexpectedly stopped, this may be due to resource limitations or an "
    "internal error, check ollama server logs for details: CUDA error: out of memory"
)
BUSY_TEXT = "server busy, please try again.  maximum pending requests exceeded"
"""Two blanks, as in ``ollama/ollama:server/sched.go``."""


def http_error(status: int, text: str) -> Fault:
    """Ollama's form: a status and ``{"error": text}``."""
    body = encode({"error": text})
    return InsteadOfAnswer(name=f"http_error({status})", status=status, body=body)


def busy() -> Fault:
    """503: too many requests wait for a load."""
    return http_error(503, BUSY_TEXT)


def html_error(status: int = 502) -> Fault:
    """A proxy's error page where JSON belongs."""
    body = b"<html><head><title>Bad Gateway</title></head><body>\x1b[31mnginx</body></html>"
    return InsteadOfAnswer(name="html_error", status=status, body=body, content_type="text/html")


def huge_error(size: int = 10_000_000) -> Fault:
    """An error body of `size` bytes."""
    return http_error(500, "x" * size)


def redirect(location: str, status: int = 307) -> Fault:
    """Send the client (and its prompt) elsewhere."""
    headers = {"Location": location}
    return InsteadOfAnswer(name="redirect", status=status, body=b"", headers=headers)


def encoded_body(body: bytes, encoding: str, content_type: str = "application/x-ndjson") -> Fault:
    """A body with a `Content-Encoding`, for instance a gzip bomb."""
    return InsteadOfAnswer(
        name="encoded_body",
        status=200,
        body=body,
        content_type=content_type,
        headers={"Content-Encoding": encoding},
    )


def reset_before_headers() -> Fault:
    """RST instead of an answer."""
    return BeforeHeaders(name="reset_before_headers", action="reset")


def close_before_headers() -> Fault:
    """FIN instead of an answer."""
    return BeforeHeaders(name="close_before_headers", action="cut")


def hang() -> Fault:
    """Not one byte until the client gives up."""
    return BeforeHeaders(name="hang", action="hang")


def hang_after(tokens: int = 0) -> Fault:
    """Headers and `tokens` tokens, then silence until the client gives up."""
    return InStream(name="hang_after", after_tokens=tokens, action="hang")


def stall(seconds: float, *, after_tokens: int = 1) -> Fault:
    """A pause inside the stream, then the rest."""
    return InStream(name="stall", after_tokens=after_tokens, action="stall", seconds=seconds)


def end_without_done(after_tokens: int = 2) -> Fault:
    """The stream ends cleanly, but no ``done`` record came."""
    return InStream(name="end_without_done", after_tokens=after_tokens, action="end")


def cut(after_tokens: int = 2, *, inside_line: bool = False) -> Fault:
    """FIN without the last chunk, on demand in the middle of a JSON line."""
    payload = b'{"model":"x","response":"hal' if inside_line else b""
    return InStream(name="cut", after_tokens=after_tokens, payload=payload, action="cut")


def reset(after_tokens: int = 2) -> Fault:
    """RST after the headers and `after_tokens` tokens."""
    return InStream(name="reset", after_tokens=after_tokens, action="reset")


def inject(payload: bytes, *, after_tokens: int = 1) -> Fault:
    """Bytes between two lines: garbage, blank lines, arrays, wrong types, HTML."""
    return InStream(name="inject", after_tokens=after_tokens, payload=payload)


def stream_error(text: str, *, after_tokens: int = 2) -> Fault:
    """An ``{"error"}`` line inside a 200 stream, which then ends."""
    payload = encode({"error": text}) + b"\n"
    return InStream(name="stream_error", after_tokens=after_tokens, payload=payload, action="end")


def out_of_memory(after_tokens: int = 2) -> Fault:
    """The runner dies in the stream: an error line, and the model is unloaded."""
    payload = encode({"error": OOM_TEXT}) + b"\n"
    return InStream(name="out_of_memory", after_tokens=after_tokens, payload=payload, action="oom")


def endless_line(after_tokens: int = 1) -> Fault:
    """One line that never ends, as fast as the client reads."""
    return InStream(
        name="endless_line",
        after_tokens=after_tokens,
        payload=b'{"model":"x","response":"',
        action="endless_line",
    )


def bytewise() -> Fault:
    """The right answer, every byte in an HTTP chunk of its own: UTF-8 is split everywhere."""
    return InStream(name="bytewise", action="bytewise")


def leak_slot() -> Fault:
    """The slot's semaphore is never given back until the model is unloaded (issue #17131)."""
    return InStream(name="leak_slot", action="leak")


FaultPredicate = Callable[[RequestRecord], bool]


def asks_for_text(record: RequestRecord) -> bool:
    """The default predicate: requests that ask for text."""
    return record.is_generation


@dataclass(slots=True)
class _Injected:
    fault: Fault
    when: FaultPredicate
    remaining: int | None


class FaultQueue:
    """Faults that wait for their request; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Injected] = []

    def add(
        self, fault: Fault, *, times: int | None = 1, when: FaultPredicate = asks_for_text
    ) -> None:
        """Let `fault` strike the next `times` requests that match (None: all of them)."""
        with self._lock:
            self._waiting.append(_Injected(fault, when, times))

    def clear(self) -> None:
        """Be healthy again."""
        with self._lock:
            self._waiting.clear()

    def take(self, record: RequestRecord) -> Fault | None:
        """The first waiting fault that matches `record`."""
        with self._lock:
            for injected in self._waiting:
                if not injected.when(record):
                    continue
                if injected.remaining is not None:
                    injected.remaining -= 1
                    if injected.remaining <= 0:
                        self._waiting.remove(injected)
                return injected.fault
        return None
