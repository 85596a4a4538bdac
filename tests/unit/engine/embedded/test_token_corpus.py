"""Places are found by the tokens before them, whatever was added and removed before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimble.engine.embedded.token_corpus import PAIR, QUAD, TokenCorpus

TOKENS = st.text(alphabet="\x00abcdef", min_size=1, max_size=60)


def add(corpus: TokenCorpus, source: str, tokens: str) -> None:
    for _ in corpus.add_steps(source, "/w", [(0, tokens, bytes(len(tokens)))]):
        pass


def found(corpus: TokenCorpus, gram: str) -> set[tuple[str, int]]:
    places = corpus.places(gram, limit=100_000, skip=frozenset())
    return {(piece.source, piece.first_token + end) for piece, end in places}


def naive(files: dict[str, str], gram: str) -> set[tuple[str, int]]:
    return {
        (source, at + len(gram))
        for source, tokens in files.items()
        for at in range(len(tokens) - len(gram) + 1)
        if tokens.startswith(gram, at)
    }


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.one_of(st.none(), TOKENS)), max_size=8),
    st.text(alphabet="\x00abcdef", min_size=QUAD, max_size=QUAD),
)
def test_any_history_finds_what_a_plain_search_finds(history, gram):
    corpus = TokenCorpus()
    files: dict[str, str] = {}
    for source, tokens in history:
        if tokens is None:
            corpus.remove(source)
            files.pop(source, None)
        else:
            add(corpus, source, tokens)
            files[source] = tokens
    for _ in range(2):
        assert found(corpus, gram) == naive(files, gram)
        assert found(corpus, gram[:PAIR]) == naive(files, gram[:PAIR])
        assert corpus.token_count == sum(map(len, files.values()))
        for _ in corpus.rebuild_steps():
            pass


def test_a_file_of_many_pieces_is_found_and_its_lines_are_named():
    corpus = TokenCorpus()
    lines = [
        (3 * number, "\x00abcdefg"[: 7 + number % 2], bytes(7 + number % 2))
        for number in range(20_000)
    ]
    for _ in corpus.add_steps("big", "/w", lines):
        pass
    places = corpus.places("abcd", limit=10**6, skip=frozenset())

    assert len(places) >= 19_990
    assert {piece.line_of(end) for piece, end in places} <= {3 * n for n in range(20_000)}
    assert places[0][0].line_of(places[0][1]) == 3 * 19_999


def test_skipped_sources_are_left_out():
    corpus = TokenCorpus()
    add(corpus, "x", "abcd")
    add(corpus, "y", "abcd")
    places = corpus.places("ab", limit=100, skip=frozenset({"x"}))

    assert [piece.source for piece, _ in places] == ["y"]
