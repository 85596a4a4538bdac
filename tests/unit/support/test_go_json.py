"""JSON on the wire is Go's, byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.stub_ollama.go_json import Json, decode, encode, omit_zero

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda it: st.lists(it, max_size=3) | st.dictionaries(st.text(), it, max_size=3),
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Json) -> None:
    assert json.loads(encode(value)) == value
    assert decode(encode(value)) == value


def test_go_escapes_html_and_line_separators_and_leaves_the_rest_raw() -> None:
    assert encode("<a>&\u2028\u0085é\t") == b'"\\u003ca\\u003e\\u0026\\u2028\xc2\x85\xc3\xa9\\t"'


def test_lone_surrogates_become_replacement_characters() -> None:
    assert decode(b'{"a": "x\\ud800"}') == {"a": "x\ufffd"}


def test_omitempty_drops_zero_values() -> None:
    assert omit_zero({"a": 0, "b": "", "c": None, "d": [], "e": 1}) == {"e": 1}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "unexpected EOF"),
        (b'{"model":"x"', "unexpected EOF"),
        (b"hello", "invalid character 'h' looking for beginning of value"),
    ],
)
def test_broken_json_is_reported_in_gos_words(body: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        decode(body)
