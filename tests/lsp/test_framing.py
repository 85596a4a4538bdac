"""The frame decoder and the envelope, by themselves and for any bytes."""

from __future__ import annotations

import json
import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fimble_lsp.protocol.crash import crash_summary
from fimble_lsp.protocol.envelope import (
    Malformed,
    Notification,
    Request,
    Response,
    read_message,
)
from fimble_lsp.protocol.framing import Body, Frame, FrameDecoder, Refused

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def _decode(portions: list[bytes]) -> list[Frame]:
    decoder = FrameDecoder()
    frames: list[Frame] = []
    for portion in portions:
        decoder.feed(portion)
        while (frame := decoder.next_frame()) is not None:
            frames.append(frame)
    return frames


def _split(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[a:b] for a, b in pairwise(places)]


@given(bodies=st.lists(st.binary(max_size=60), max_size=6), cuts=st.lists(st.integers(0, 9999)))
def test_any_split_of_a_stream_gives_the_same_bodies(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies)

    assert _decode(_split(stream, cuts)) == [Body(body) for body in bodies]


@given(noise=st.binary(max_size=300), cuts=st.lists(st.integers(0, 9999), max_size=8))
def test_noise_in_front_of_a_message_costs_no_more_than_itself(
    noise: bytes, cuts: list[int]
) -> None:
    if re.search(rb"content-length", noise, re.IGNORECASE):
        return
    frames = _decode(_split(noise + b"\r\n\r\nContent-Length: 2\r\n\r\n{}", cuts))

    assert frames[-1] == Body(b"{}")
    assert all(isinstance(frame, Refused) for frame in frames[:-1])


@given(cuts=st.lists(st.integers(0, 9999), max_size=8))
def test_a_refused_message_is_passed_over_however_it_arrives(cuts: list[int]) -> None:
    stream = b'Content-Length: 99999999999\r\n\r\n{"a": "b"}' + b"Content-Length: 2\r\n\r\n{}"
    frames = _decode(_split(stream, cuts))

    assert [type(frame) for frame in frames] == [Refused, Body]


def test_an_announced_length_reserves_nothing() -> None:
    decoder = FrameDecoder()
    decoder.feed(b"Content-Length: 67108864\r\n\r\n")

    assert decoder.next_frame() is None
    assert len(decoder._buffer) == 0


def test_garbage_without_end_is_not_kept() -> None:
    decoder = FrameDecoder()
    for _ in range(100):
        decoder.feed(b"x" * 65536)
        decoder.next_frame()

    assert len(decoder._buffer) < 8192


@given(st.binary())
def test_any_body_is_something(body: bytes) -> None:
    assert isinstance(read_message(body), Malformed | Request | Notification | Response)


@given(content=_JSON, id_=_JSON, method=_JSON)
def test_any_json_is_something_and_keeps_its_id(
    content: object, id_: object, method: object
) -> None:
    message = {"jsonrpc": "2.0", "id": id_, "method": method, "params": content}
    read = read_message(json.dumps(message).encode())
    readable = isinstance(id_, (int, str)) and not isinstance(id_, bool)

    if isinstance(method, str) and readable:
        assert isinstance(read, Request)
        assert (read.id, read.method) == (id_, method)
        assert json.dumps(read.params) == json.dumps(content)
    else:
        assert isinstance(read, Malformed)
        assert read.id == (id_ if readable else None)


def test_a_crash_is_described_by_class_and_places_only() -> None:
    try:
        json.loads("canary")
    except ValueError as error:
        summary = crash_summary(error)
    else:
        raise AssertionError

    assert re.fullmatch(r"JSONDecodeError at json/decoder\.py:\d+( < [\w/]+\.py:\d+)*", summary)


def test_an_error_that_was_never_raised_has_no_places() -> None:
    assert crash_summary(ValueError("canary")) == "ValueError"
