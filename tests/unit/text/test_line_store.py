"""A store of lines behaves as a list would, shares what an edit leaves alone, stays balanced."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fimble.text.chunk import MAX_CHARACTERS, MAX_LINES
from fimble.text.line_store import LineStore
from fimble.text.splitting import split_lines


def numbered(count, tag=""):
    return [f"{tag}{number}\n" for number in range(count)]


runs = st.one_of(st.integers(1, 5), st.integers(1, 3 * MAX_LINES))
replacements = st.lists(
    st.tuples(st.integers(0, 4 * MAX_LINES), st.one_of(st.just(1), runs), runs), max_size=12
)


@given(runs, replacements)
@settings(max_examples=60, deadline=None)
def test_replacing_lines_does_what_a_list_does(count, edits):
    model = numbered(count)
    store = LineStore.from_lines(model)
    for step, (line, removed, added) in enumerate(edits):
        first = line % len(model)
        end = min(first + removed, len(model))
        lines = numbered(added, f"{step}.")
        store = store.replaced(first, end, lines)
        model[first:end] = lines

        assert model == list(store)
        assert len(model) == len(store)
        assert max(len(chunk) for chunk in store._chunks) <= MAX_LINES
        assert model[len(model) // 2] == store[len(model) // 2]
        assert tuple(model[first : first + 700]) == store[first : first + 700]


@given(st.lists(st.text(max_size=4), min_size=1), st.slices(30), st.integers(-40, 40))
def test_indexing_does_what_a_tuple_does(lines, part, index):
    store, model = LineStore.from_lines(lines), tuple(lines)

    assert model[part] == store[part]
    if -len(model) <= index < len(model):
        assert model[index] == store[index]
    else:
        with pytest.raises(IndexError, match="Line"):
            store[index]


@given(st.lists(st.sampled_from(["a\n", "é\r\n", "😀\r", "\n"]), min_size=1, max_size=1200))
@settings(max_examples=30, deadline=None)
def test_bytes_are_counted_as_in_the_joined_text(pieces):
    lines = split_lines("".join(pieces))
    store = LineStore.from_lines(lines)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))

    assert "".join(lines).encode() == store.utf8()
    assert starts[-1] == store.byte_length()
    assert starts[:-1] == [store.byte_start(line) for line in range(len(lines))]
    assert list(range(len(lines))) == [store.line_at_byte(start) for start in starts[:-1]]
    assert sum(line.endswith("\r") for line in lines) == store.bare_cr_before(len(lines) - 1)


def test_bytes_outside_the_document_belong_to_its_first_and_last_line():
    store = LineStore.from_lines(numbered(2000))

    assert store.line_at_byte(-1) == 0
    assert store.line_at_byte(10**9) == 1999


def test_typing_encodes_one_chunk_again_and_shares_the_rest():
    before = LineStore.from_lines(numbered(50_000))
    after = before.replaced(25_000, 25_001, ["typed\n"])

    fresh = set(map(id, after._chunks)) - set(map(id, before._chunks))

    assert len(fresh) == 1


def test_deleting_line_by_line_leaves_no_crumbs():
    store = LineStore.from_lines(numbered(5000))
    while len(store) > 100:
        store = store.replaced(0, 2, ["joined\n"])

    assert len(store._chunks) <= 2


def test_growing_line_by_line_keeps_chunks_within_their_limit():
    store = LineStore.from_lines(["\n"])
    for _ in range(3 * MAX_LINES):
        store = store.replaced(0, 1, ["a\n", "b\n"])

    assert max(map(len, store._chunks)) <= MAX_LINES


def test_a_line_beside_minified_ones_does_not_share_their_chunk():
    minified = "x" * MAX_CHARACTERS + "\n"
    store = LineStore.from_lines(["a\n", minified, minified, minified, "b\n"])
    store = store.replaced(0, 1, ["ab\n"])

    assert len(store._chunks) >= 3
