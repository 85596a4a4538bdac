"""A line like an earlier one, with other names."""

from __future__ import annotations

import pytest

from fimble.engine.embedded.engine import EmbeddedEngine
from fimble.engine.embedded.word_substitution import apply_change, change_between
from fimble.engine.protocol import Hole
from fimble.text.position import Position
from fimble.text.snapshot import Snapshot

CLASS = """\
class Client:
    def __init__(self, headers, timeout, base_url):
        self._headers = headers
        self._base_url = base_url
"""


@pytest.mark.parametrize(
    ("old", "new", "name", "expected"),
    [
        ("_headers", "_timeout", "headers", "timeout"),
        ("headers", "timeout", "parse_headers", "parse_timeout"),
        ("headers", "timeout", "HEADERS_LIMIT", "TIMEOUT_LIMIT"),
        ("headers", "timeout", "setHeaders", "setTimeout"),
        ("headers", "base_url", "setHeaders", "setBaseUrl"),
        ("headers", "base_url", "HeadersError", "BaseUrlError"),
        ("read_file", "write_file", "reader", None),
        ("read_file", "write_file", "read_line", "write_line"),
        ("get_user", "get_order", "UserId", "OrderId"),
        ("value", "other", "unrelated", None),
    ],
)
def test_a_change_of_one_name_carries_over_to_another(old, new, name, expected):
    change = change_between(old, new)

    assert change is not None
    assert apply_change(name, change) == expected


@pytest.mark.parametrize(("old", "new"), [("a", "a"), ("user", "user_id"), ("__", "_x")])
def test_equal_or_extended_names_are_no_change(old, new):
    assert change_between(old, new) is None


def test_an_assignment_follows_the_one_above_it_with_the_new_name():
    typed = "        self._timeout = "
    snapshot = Snapshot.from_text(CLASS + typed, uri="file:///w/a.py", language_id="python")
    pool = EmbeddedEngine().pool_at(Hole(snapshot=snapshot, cursor=Position(4, len(typed))))

    assert pool is not None
    copies = {c.text: c for c in pool[0].candidates if c.copy_rank}
    assert copies["timeout"].copy_rank == 1
    assert copies["timeout"].copy_substitutions == 1


def test_the_copy_is_shown_and_its_line_named():
    typed = "        self._timeout = "
    snapshot = Snapshot.from_text(CLASS + typed, uri="file:///w/a.py", language_id="python")
    found = EmbeddedEngine(confidence=0.3).suggest(
        Hole(snapshot=snapshot, cursor=Position(4, len(typed)))
    )

    assert found is not None
    assert (found.text, found.way, found.line) == ("timeout", "adapted", 4)
