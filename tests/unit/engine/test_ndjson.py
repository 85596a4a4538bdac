"""Reading newline-delimited JSON: any split, any bytes (fault F5)."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.ndjson import MAX_LINE_BYTES, NdjsonReader
from fimble.engine.ollama.wire import GenerateChunk
from fimble.errors import EngineProtocolError


def read(*chunks: bytes, limit: int = MAX_LINE_BYTES) -> list[GenerateChunk]:
    """Decode a stream that arrives in `chunks` and then ends."""
    reader = NdjsonReader(GenerateChunk, engine="ollama", max_line_bytes=limit)
    records = [record for chunk in chunks for record in reader.feed(chunk)]
    return [*records, *reader.end()]


def line(text: str) -> bytes:
    """One record as Go writes it: text outside ASCII is sent raw."""
    return json.dumps({"response": text, "done": False}, ensure_ascii=False).encode() + b"\n"


@given(
    st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=8),
    st.data(),
)
def test_any_split_of_a_valid_stream_decodes_identically(texts, data):
    stream = b"".join(line(text) for text in texts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    edges = [0, *cuts, len(stream)]
    chunks = [stream[a:b] for a, b in pairwise(edges)]

    assert [record.response for record in read(*chunks)] == texts


def test_bytes_one_at_a_time_decode_the_same():
    stream = line("a\u0085b") + line("😀") + line("")

    assert read(*(bytes([b]) for b in stream)) == read(stream)


@pytest.mark.parametrize("character", ["\u0085", "\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_the_line_feed_ends_a_line(character):
    assert read(line(f"a{character}b"))[0].response == f"a{character}b"


def test_blank_lines_are_skipped_and_a_last_line_needs_no_newline():
    stream = b"\n\r\n  \n" + line("a") + b"\n" + line("b").rstrip(b"\n")

    assert [record.response for record in read(stream)] == ["a", "b"]


def test_crlf_line_ends_are_read():
    assert read(b'{"response":"x"}\r\n{"done":true}\r\n')[1].done


@pytest.mark.parametrize(
    "bad",
    [
        b"not json",
        b"<html><body>502</body></html>",
        b"[1, 2]",
        b'"text"',
        b"null",
        b'{"response": 1}',
        b'{"done": "yes"}',
        b'{"eval_count": 1.5}',
        b'{"response": "\xff\xfe"}',
        b'{"response": "\\ud800"}',
        b'{"response": "cut',
        b'{"logprobs": [{"logprob": NaN}]}',
        b'{"x": ' + b"[" * 100_000,
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"response": "a"} {"response": "b"}',
    ],
    ids=lambda bad: repr(bad[:24]),
)
def test_a_bad_line_is_a_protocol_error_that_names_its_byte(bad):
    good = line("a")

    with pytest.raises(EngineProtocolError) as caught:
        read(good + b"\n" + bad)

    assert caught.value.offset == len(good) + 1
    assert caught.value.engine == "ollama"


def test_records_before_a_bad_line_of_the_same_chunk_are_not_lost():
    records = NdjsonReader(GenerateChunk).feed(line("kept") + b"garbage\n" + line("lost"))

    assert next(records).response == "kept"
    with pytest.raises(EngineProtocolError):
        next(records)


def test_a_line_that_never_ends_is_refused_at_the_limit():
    reader = NdjsonReader(GenerateChunk, max_line_bytes=1000)
    assert not list(reader.feed(b'{"response":"' + b"a" * 900))

    with pytest.raises(EngineProtocolError, match="longer than 1000"):
        list(reader.feed(b"a" * 200))


def test_a_whole_line_over_the_limit_is_refused_too():
    with pytest.raises(EngineProtocolError, match="longer than 100"):
        read(line("a" * 200), limit=100)


def test_many_small_chunks_of_one_long_line_are_scanned_once():
    reader = NdjsonReader(GenerateChunk)
    for _ in range(100_000):
        assert not list(reader.feed(b"aaaaaaaa"))

    assert reader.offset == 0


def decodes_or_reports(*chunks: bytes) -> bool:
    """Whether `chunks` are a valid stream; anything but a protocol error escapes."""
    try:
        read(*chunks)
    except EngineProtocolError:
        return False
    return True


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_escape_the_error_tree(chunks):
    blank = not b"".join(chunks).strip()

    assert decodes_or_reports(*chunks) or not blank


@given(st.data())
def test_a_valid_stream_with_damaged_bytes_never_escapes_the_error_tree(data):
    stream = bytearray(line("x = 1") + line("é\u0085") + b'{"done":true,"eval_count":3}\n')
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))

    assert decodes_or_reports(bytes(stream)) in (True, False)
    assert not decodes_or_reports(bytes(stream) + b"\n{")
