"""An answer looks the same however it was cut into tokens, and as if it had come whole."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from fimble_tui.markdown.blocks import render_markdown
from fimble_tui.markdown.streaming import StreamedMarkdown

BLOCKS = st.sampled_from(
    [
        "A paragraph of *some* words, and `code` in it.",
        "Two lines\nof one paragraph with src/shop.py:12.",
        "# Heading",
        "Setext\n---",
        "- one\n- two\n- three",
        "- one\n\n  more of one\n\n- two",
        "- a\n  - b\n    - c\n  - d\n- e",
        "1. one\n2. two\n   ```py\n   x = 1\n   ```\n3. three",
        "8. eight\n9. nine\n10. ten\n11. eleven",
        "* star\n* star\n+ plus",
        "- [ ] open\n- [x] done",
        "```python src/a.py\ndef f():\n\treturn 1\n\n\n```",
        "~~~~\n```\n~~~\n~~~~",
        "``` \n```",
        "    indented code\n    more",
        "> quote\n> - list\n>\n> more",
        "> lazy\nquote",
        "| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |",
        "***",
        "<div>\nhtml & more\n</div>",
        "[label](http://example.org/x) and ![picture](http://example.org/y.png)",
        "漢字かな交じり文はどこでも折り返せる。長い行はここで折れる。",
        "a_very_long_word_without_any_space_" * 4,
        "1986\\. A year.",
        "- \n- x",
        "-\tx\n-\ty",
    ]
)
DOCUMENTS = st.lists(BLOCKS, min_size=1, max_size=6).map("\n\n".join)
PROSE_TO_END = "\n\nThe end."


def stream(text, sizes, width):
    document = StreamedMarkdown(width)
    at = 0
    for size in sizes:
        document.append(text[at : at + size])
        at += size
    document.append(text[at:])
    return document


@given(
    document=DOCUMENTS,
    sizes=st.lists(st.integers(0, 9), max_size=80),
    width=st.integers(20, 90),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=250, deadline=None)
def test_a_streamed_answer_is_the_answer_rendered_whole(document, sizes, width, line_end):
    text = (document + PROSE_TO_END).replace("\n", line_end)

    streamed = stream(text, sizes, width)

    assert [line.text for line in streamed.lines] == [
        line.text for line in render_markdown(text, width)
    ]


@given(
    text=st.text(alphabet="`~-*+#>|\\[]()!<&1.\n\r ab\t", max_size=120),
    sizes=st.lists(st.integers(0, 5), max_size=40),
)
@settings(max_examples=250, deadline=None)
def test_any_text_can_be_streamed_and_none_of_its_source_is_lost(text, sizes):
    streamed = stream(text, sizes, 40)

    assert streamed.source == text.replace("\r\n", "\n").replace("\r", "\n")
    assert all("\n" not in line.text for line in streamed.lines)


@given(document=DOCUMENTS, sizes=st.lists(st.integers(0, 9), max_size=80))
@settings(max_examples=150, deadline=None)
def test_an_unfinished_code_block_shows_what_came_of_it(document, sizes):
    code = "".join(f"line {number}\n" for number in range(12))
    text = f"{document}\n\n```py\n{code}x = "

    streamed = stream(text, sizes, 60)

    assert [line.text for line in streamed.lines] == [
        line.text for line in render_markdown(text, 60)
    ]


@given(document=DOCUMENTS, sizes=st.lists(st.integers(1, 9), max_size=60))
@settings(max_examples=100, deadline=None)
def test_what_append_says_did_not_change_did_not_change(document, sizes):
    streamed = StreamedMarkdown(60)
    at = 0
    for size in sizes:
        before = list(streamed.lines)
        first = streamed.append(document[at : at + size])
        at += size

        assert streamed.lines[:first] == before[:first]


@given(document=DOCUMENTS, width=st.integers(20, 120))
@settings(max_examples=150, deadline=None)
def test_no_line_is_wider_than_the_screen(document, width):
    assert all(cell_len(line.text) <= width for line in render_markdown(document, width))


@given(words_=st.lists(st.text("abc漢é", min_size=1, max_size=30), min_size=1, max_size=20))
def test_wrapping_loses_no_word(words_):
    lines = render_markdown(" ".join(words_), 24)

    assert "".join(line.text for line in lines).replace(" ", "") == "".join(words_)


@pytest.mark.parametrize("opening", ["```python\n", "~~~\n", "- x\n\n  ```\n", "> ```\n"])
def test_an_open_code_block_shows_all_of_its_lines(opening):
    streamed = StreamedMarkdown(80)
    streamed.append(opening)
    indentation = "  " if opening.startswith("-") else "> " if opening.startswith(">") else ""
    for number in range(30):
        streamed.append(f"{indentation}line{number}\n")

    shown = "\n".join(line.text for line in streamed.lines)

    assert [f"line{number}" for number in range(30)] == re.findall(r"line\d+", shown)


def test_a_table_is_held_back_until_it_ends():
    streamed = StreamedMarkdown(80)
    streamed.append("| a | b |\n|---|---|\n| 1 | 2 |\n| 3")

    assert [line.text for line in streamed.lines] == ["table, 2 rows so far"]

    streamed.append(" | 4 |\n\nAfter.")

    assert streamed.lines[0].text.split() == ["a", "│", "b"]


def test_a_list_that_streams_is_not_laid_out_from_its_beginning():
    streamed = StreamedMarkdown(80)
    for number in range(50):
        first = streamed.append(f"- item {number}\n")

        assert first >= number - 1
