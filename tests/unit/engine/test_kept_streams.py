"""Kept streams (`tests/regressions/streams`): read in every split of two, with one result."""

from __future__ import annotations

from pathlib import Path

import pytest

from fimble.engine.ndjson import NdjsonReader
from fimble.engine.ollama.wire import GenerateChunk
from fimble.engine.sse import SseReader
from fimble.errors import EngineProtocolError

STREAMS = sorted((Path(__file__).parents[2] / "regressions" / "streams").glob("*.bin"))
_SPLITS = 600
"""Of a long stream that many are tried, from its beginning and its end."""


def _read(reader: NdjsonReader[GenerateChunk] | SseReader, *chunks: bytes) -> tuple[list, str]:
    """Return what is read of a stream, and of what kind its end is."""
    found: list[object] = []
    try:
        for chunk in chunks:
            found.extend(reader.feed(chunk))
        found.extend(reader.end())
    except EngineProtocolError as error:
        return found, type(error).__name__
    return found, "end"


READERS = {"records": lambda: NdjsonReader(GenerateChunk, engine="ollama"), "events": SseReader}


def test_there_are_some() -> None:
    assert len(STREAMS) >= 9


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_f05_a_kept_stream_reads_the_same_in_any_two_pieces(path: Path, kind: str) -> None:
    stream = path.read_bytes()
    make = READERS[kind]
    whole = _read(make(), stream)
    ends = {*range(min(_SPLITS, len(stream))), *range(max(0, len(stream) - _SPLITS), len(stream))}

    assert all(_read(make(), stream[:cut], stream[cut:]) == whole for cut in sorted(ends))
