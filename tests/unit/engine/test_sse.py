"""Server-sent events: any split of a stream reads the same, and none of it is kept without end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.sse import SseReader
from fimble.errors import EngineProtocolError


def read(stream: bytes, cuts: list[int] = ()) -> list[bytes]:
    reader, found = SseReader(), []
    borders = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    for begin, end in pairwise(borders):
        found += [event.data for event in reader.feed(stream[begin:end])]
    return found + [event.data for event in reader.end()]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\ndata: two\n\n", [b"one", b"two"]),
        (b"data: one\r\n\r\ndata: two\r\n\r\n", [b"one", b"two"]),
        (b"data: one\r\rdata: two\r\r", [b"one", b"two"]),
        (b"data:no blank\ndata:  two blanks\n\n", [b"no blank\n two blanks"]),
        (b": comment\n\n:\n\ndata: x\n: between\ndata: y\n\n", [b"x\ny"]),
        (b"event: ping\n\nid: 3\n\nretry: 9\n\n", []),
        (b"data\n\n", [b""]),
        (b"\xef\xbb\xbfdata: after a mark\n\n", [b"after a mark"]),
        (b"data: not ended", [b"not ended"]),
        (b"data: half ended\n", [b"half ended"]),
        (
            b"data: \xc2\x85 \xe2\x80\xa8 inside\n\n",
            [b"\xc2\x85 \xe2\x80\xa8 inside"],
        ),
        (b"unknown: field\ndatax: y\n\n", []),
        (b"", []),
    ],
)
def test_the_format(stream, events):
    assert read(stream) == events


LINES = st.sampled_from(
    [b"data: a", b"data:", b"data: \xe2\x98\x83 : b", b": c", b"event: e", b"", b"", b"nonsense"]
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(
    st.lists(st.tuples(LINES, ENDS), max_size=20).map(lambda parts: b"".join(map(b"".join, parts))),
    st.lists(st.integers(0, 400), max_size=20),
)
def test_f05_any_split_reads_the_same(stream, cuts):
    assert read(stream, cuts) == read(stream)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_f05_any_bytes_are_read_without_another_error(stream, cuts):
    read(stream, cuts)


@pytest.mark.parametrize("piece", [b"x", b"data: x\n"], ids=["a line", "an event"])
def test_t09_without_an_end_is_not_kept(piece):
    reader = SseReader(max_event_bytes=1000)

    def feed_without_end() -> None:
        for _ in range(2000):
            list(reader.feed(piece))

    with pytest.raises(EngineProtocolError, match="more than 1000 bytes"):
        feed_without_end()


def test_an_event_knows_where_it_began():
    events = list(SseReader().feed(b": 1\n\nevent: error\ndata: x\n\n"))

    assert [(event.name, event.offset) for event in events] == [("error", 18)]
