"""Stop strings never reach the client, whatever the tokens' borders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from support.stub_ollama.stopping import StopScanner

TOKENS = st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=20)
STOPS = st.lists(st.text(alphabet="ab\n", min_size=1, max_size=4), max_size=3)


def sent(tokens: list[str], stops: list[str]) -> str:
    scanner = StopScanner(tuple(stops))
    out = ""
    for token in tokens:
        out += scanner.add(token)
        if scanner.stopped:
            return out
    return out + scanner.rest()


@given(TOKENS, STOPS)
def test_what_is_sent_is_the_text_up_to_where_a_stop_first_completes(
    tokens: list[str], stops: list[str]
) -> None:
    text = ""
    for token in tokens:
        text += token
        starts = [text.find(it) for it in stops if it in text]
        if starts:
            assert sent(tokens, stops) == text[: min(starts)]
            return

    assert sent(tokens, stops) == text


def test_a_beginning_of_a_stop_string_is_held_back_until_it_is_none() -> None:
    scanner = StopScanner(("\n\n",))

    assert [scanner.add(it) for it in ("a\n", "b", "\n")] == ["", "a\nb", ""]
    assert scanner.rest() == "\n"
