"""T10: foreign text cannot steer a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.policy.hidden import hidden_characters
from fimble.policy.printable import printable, printable_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, größe 変数 👍🏽 ❤️\n\tindented", "plain text, größe 変数 👍🏽 ❤️\n\tindented"),
        ("\x1b]52;c;cm0gLXJm\x07", "␛]52;c;cm0gLXJm␇"),
        ("\x1b[2J\x1b[6n", "␛[2J␛[6n"),
        ("\x9b31mred\x9c", "<U+009B>31mred<U+009C>"),
        ("\x90dcs", "<U+0090>dcs"),
        ("safe\rrm -rf", "safe␍rm -rf"),
        ("a\x7fb\x00", "a␡b␀"),
        ("a\u202eb\u2066c", "a<U+202E>b<U+2066>c"),
        ("\U000e0041", "<U+E0041>"),
        ("pass\u200bword\ufeff", "pass<U+200B>word<U+FEFF>"),
        ("line\u2028two", "line<U+2028>two"),
        ("half \ud83d", "half <U+D83D>"),
        ("", ""),
    ],
)
def test_t10_controls_become_visible(text, expected):
    assert printable(text) == expected


def test_t10_a_line_stays_one_line():
    assert printable_line("a\nb\tc\x1b") == "a␊b␉c␛"


ANY_TEXT = st.text(st.characters(categories=["C", "L", "S", "Z", "M", "N", "P"]))
CONTROLS = st.text(st.sampled_from([chr(code) for code in range(0xA1)] + ["\u202e", "\ud800"]))


@given(ANY_TEXT | CONTROLS)
def test_t10_what_comes_out_is_harmless_encodable_and_stable(text):
    shown = printable(text)

    assert list(hidden_characters(shown)) == []
    assert "\r" not in shown
    shown.encode("utf-8")
    assert printable(shown) == shown


@given(ANY_TEXT | CONTROLS, st.data())
def test_t10_chunk_borders_do_not_matter(text, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert "".join(map(printable, chunks)) == printable(text)
