"""Every foreign exception becomes one of ours, and ours and cancellations pass untouched (F2)."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl

import httpcore
import httpx
import msgspec
import ollama
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from fimble.engine.error_border import LONGEST_QUOTE, ErrorBorder, error_text, quoted
from fimble.engine.ollama.status import UNKNOWN_STATUS, error_for_status
from fimble.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineProtocolError,
    EngineRejected,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    FimbleError,
    ModelMissing,
    PromptTooLong,
)

REQUEST = httpx.Request("POST", "http://127.0.0.1:11434/api/generate")


def border(*, package: bool = False) -> ErrorBorder:
    return ErrorBorder(
        engine="ollama",
        title="Ollama",
        endpoint="http://127.0.0.1:11434",
        connect_timeout_s=2,
        silence_timeout_s=9,
        start_hint="Start it with `ollama serve`.",
        from_status=lambda status, text: error_for_status(
            status, text, model="qwen3.6:27b", endpoint="http://127.0.0.1:11434"
        ),
        package=package,
    )


def subclasses(root: type[BaseException]) -> set[type[BaseException]]:
    found = set(root.__subclasses__())
    return found.union(*(subclasses(child) for child in found))


def foreign_classes() -> list[type[BaseException]]:
    """Every exception class that httpx and ollama export, and every subclass of theirs."""
    exported = [getattr(module, name) for module in (httpx, ollama) for name in dir(module)]
    roots = {c for c in exported if isinstance(c, type) and issubclass(c, Exception)}
    return sorted(roots.union(*(subclasses(root) for root in roots)), key=lambda c: c.__name__)


def instance(kind: type[BaseException]) -> BaseException:
    """Make an exception of a foreign class, whose constructors differ."""
    if issubclass(kind, httpx.HTTPStatusError):
        return kind("bad", request=REQUEST, response=httpx.Response(500, request=REQUEST))
    if issubclass(kind, (httpx.StreamConsumed, httpx.ResponseNotRead, httpx.RequestNotRead)):
        return kind()
    if issubclass(kind, httpx.StreamClosed):
        return kind()
    return kind("bad")


def mapped(error: BaseException, *, package: bool = False) -> FimbleError:
    """Return what leaves the border when `error` is raised inside."""
    with pytest.raises(FimbleError) as caught, border(package=package):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def test_the_enumeration_finds_the_classes_it_should():
    names = {kind.__name__ for kind in foreign_classes()}

    assert {"ConnectError", "RemoteProtocolError", "InvalidURL", "ResponseError"} <= names
    assert set(httpx._exceptions.__all__) <= names


@pytest.mark.parametrize("kind", foreign_classes(), ids=lambda kind: kind.__name__)
def test_f02_every_exception_of_httpx_and_ollama_becomes_an_engine_error(kind):
    error = mapped(instance(kind))

    assert isinstance(error, EngineError)
    assert error.engine == "ollama"
    assert error.sentence.endswith(".")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("All connection attempts failed"), EngineUnavailable),
        (httpx.ReadError(""), EngineUnavailable),
        (httpx.WriteError("broken pipe"), EngineUnavailable),
        (httpx.ConnectTimeout(""), EngineTimeout),
        (httpx.ReadTimeout(""), EngineTimeout),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            EngineUnavailable,
        ),
        (
            httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body"
            ),
            EngineTruncated,
        ),
        (httpx.RemoteProtocolError("illegal status line"), EngineProtocolError),
        (ollama.ResponseError("boom"), EngineFailed),
        (ollama.ResponseError('{"error":"model \'x\' not found"}', 404), ModelMissing),
        (ollama.ResponseError("busy", 503), EngineBusy),
        (ConnectionRefusedError(111, "Connection refused"), EngineUnavailable),
        (ConnectionResetError(104, "reset"), EngineUnavailable),
        (socket.gaierror(-2, "Name or service not known"), EngineUnavailable),
        (ssl.SSLCertVerificationError("certificate verify failed"), EngineUnavailable),
        (OSError(24, "Too many open files"), EngineUnavailable),
        (TimeoutError(), EngineTimeout),
        (msgspec.DecodeError("bad"), EngineProtocolError),
        (msgspec.ValidationError("bad"), EngineProtocolError),
        (json.JSONDecodeError("bad", "x", 0), EngineProtocolError),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), EngineProtocolError),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "bad"), EngineProtocolError),
        (RecursionError("deep"), EngineProtocolError),
    ],
    ids=repr,
)
def test_f02_each_kind_of_trouble_has_its_place_in_the_tree(error, expected):
    assert type(mapped(error)) is expected


def test_a_refused_connection_says_how_to_start_the_server():
    error = mapped(httpx.ConnectError("refused"))

    assert "http://127.0.0.1:11434" in str(error)
    assert "`ollama serve`" in str(error)


def test_a_connect_timeout_names_its_stage_and_length():
    error = mapped(httpx.ConnectTimeout("x"))

    assert isinstance(error, EngineTimeout)
    assert (error.stage, error.deadline_s) == ("connect", 2)


def pydantic_failure() -> ValidationError:
    class Record(BaseModel):
        number: int

    with pytest.raises(ValidationError) as caught:
        Record.model_validate({"number": "x"})
    return caught.value


def test_pydantic_errors_are_protocol_errors():
    assert type(mapped(pydantic_failure())) is EngineProtocolError


@pytest.mark.parametrize("kind", [AttributeError, TypeError, KeyError, IndexError, ValueError])
def test_what_the_ollama_package_stumbles_over_is_mapped_only_around_the_package(kind):
    assert type(mapped(kind("get"), package=True)) is EngineProtocolError
    with pytest.raises(kind), border():
        raise kind("a mistake of ours")


@pytest.mark.parametrize("kind", [asyncio.CancelledError, KeyboardInterrupt, GeneratorExit])
def test_cancellation_passes_untouched(kind):
    with pytest.raises(kind), border():
        raise kind


def test_our_own_errors_pass_as_the_same_object():
    own = EngineBusy("full")

    with pytest.raises(EngineBusy) as caught, border():
        raise own

    assert caught.value is own


def test_httpcore_is_the_only_other_library_and_httpx_maps_it():
    """A new httpcore exception that httpx does not map would escape; this is the full list."""
    public = {
        name
        for name in dir(httpcore)
        if isinstance(getattr(httpcore, name), type)
        and issubclass(getattr(httpcore, name), Exception)
    }

    assert public - {"ConnectionNotAvailable"} <= set(dir(httpx))


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [
        (404, "model 'qwen3.6:27b' not found", ModelMissing),
        (404, "404 page not found", EngineRejected),
        (400, "the input length exceeds the context length", PromptTooLong),
        (500, "exceeds the available context size", PromptTooLong),
        (UNKNOWN_STATUS, "the prompt is longer than the context length", PromptTooLong),
        (400, '"x" does not support thinking', EngineRejected),
        (401, "unauthorized", EngineRejected),
        (403, "", EngineRejected),
        (307, "", EngineRejected),
        (429, "slow down", EngineBusy),
        (503, "server busy, please try again.  maximum pending requests exceeded", EngineBusy),
        (499, "request canceled", EngineFailed),
        (500, "model runner has unexpectedly stopped", EngineFailed),
        (502, "<html>Bad gateway</html>", EngineFailed),
        (UNKNOWN_STATUS, "CUDA out of memory", EngineFailed),
        (204, "", EngineProtocolError),
        (101, "", EngineProtocolError),
    ],
)
def test_f04_each_status_has_its_place_in_the_tree(status, text, expected):
    error = error_for_status(status, text, model="qwen3.6:27b", endpoint="http://127.0.0.1:1")

    assert type(error) is expected
    assert error.sentence.endswith(".")


def test_f04_a_missing_model_says_how_to_get_it():
    error = error_for_status(404, "model 'm' not found", model="m", endpoint="http://127.0.0.1:1")

    assert "`ollama pull m`" in str(error)


def test_t09_error_bodies_are_read_whatever_they_are():
    assert error_text(b'{"error":"plain"}') == "plain"
    assert error_text(b'{"error":{"message":"nested","code":1}}') == "nested"
    assert error_text(b"<html>\n <b>no</b>") == "<html> <b>no</b>"
    assert error_text(b"\xff\xfe") == "\ufffd\ufffd"
    assert error_text(b"[" * 100_000).startswith("[[[")


def test_t09_quotes_are_short_and_cannot_steer_a_terminal():
    hostile = "\x1b]0;owned\x07\x9b2J\u202e" + "x" * 10_000

    shown = quoted(hostile)

    assert len(shown) == LONGEST_QUOTE
    assert shown.endswith("…")
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)


@given(st.binary(max_size=2000))
def test_t09_no_body_breaks_the_reading_of_errors(body):
    assert len(error_text(body)) <= LONGEST_QUOTE
