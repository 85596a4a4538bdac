"""What a typed search means."""

from __future__ import annotations

import pytest

from fimble.chat.search_query import SearchQuery, parse_search


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", SearchQuery()),
        ("retry policy", SearchQuery(words=("retry", "policy"))),
        ('"connection pool" x', SearchQuery(words=("connection pool", "x"))),
        ("file:shop.py lang:Python", SearchQuery(files=("shop.py",), languages=("python",))),
        ('file:"my file.py"', SearchQuery(files=("my file.py",))),
        ("has:code has:APPLY", SearchQuery(has=frozenset({"code", "apply"}))),
        ("has:nothing", SearchQuery(unknown=("nothing",))),
        ("http://x", SearchQuery(words=("http://x",))),
        ('"open', SearchQuery(words=("open",))),
        ("file: lang:", SearchQuery(words=("file:", "lang:"))),
    ],
)
def test_typed_searches(typed: str, query: SearchQuery) -> None:
    assert parse_search(typed) == query
