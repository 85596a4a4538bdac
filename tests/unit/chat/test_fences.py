"""The code blocks of an answer, and the files that they speak of in the ways models write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.chat.fences import fences

CODE = "x = 1\n"


@pytest.mark.parametrize(
    ("before", "info", "language", "path", "line"),
    [
        ("", "", "", "", None),
        ("", "python", "python", "", None),
        ("", "Python", "python", "", None),
        ("", "c++", "c++", "", None),
        ("", "{.python}", "python", "", None),
        ("", "python src/shop.py", "python", "src/shop.py", None),
        ("", "python src/shop.py:10-24", "python", "src/shop.py", 10),
        ("", "python:src/shop.py", "python", "src/shop.py", None),
        ("", "src/shop.py", "", "src/shop.py", None),
        ("", "10:24:src/shop.py", "", "src/shop.py", 10),
        ("", 'python title="src/my shop.py"', "python", "src/my shop.py", None),
        ("", "ts filename=web/app.ts", "ts", "web/app.ts", None),
        ("`src/shop.py`:", "python", "python", "src/shop.py", None),
        ("**src/shop.py**", "python", "python", "src/shop.py", None),
        ("File: src/shop.py", "python", "python", "src/shop.py", None),
        ("### `src/shop.py:7`", "python", "python", "src/shop.py", 7),
        ("Here is the whole function.", "python", "python", "", None),
        ("I changed src/shop.py and more.", "python", "python", "", None),
    ],
)
def test_a_path_is_read_from_the_info_string_or_the_line_above(
    before: str, info: str, language: str, path: str, line: int | None
) -> None:
    (fence,) = fences(f"{before}\n\n```{info}\n{CODE}```\n")

    assert (fence.language, fence.path, fence.first_line) == (language, path, line)
    assert fence.text == CODE
    assert fence.closed


def test_a_comment_in_the_first_line_names_the_file() -> None:
    (fence,) = fences("```python\n# src/shop.py\nx = 1\n```")

    assert fence.path == "src/shop.py"
    assert fence.text.startswith("# src/shop.py")


def test_a_block_that_was_cut_off_is_open() -> None:
    first, second = fences("```py\na\n```\ntext\n~~~js\nb\n")

    assert first.closed
    assert not second.closed
    assert second.text == "b\n"


def test_blocks_in_lists_and_quotes_are_found_with_their_lines() -> None:
    answer = "1. Do:\n\n   ```sh\n   ls\n   ```\n\n> ```py\n> x\n> ```\n"

    assert [(each.text, each.start, each.end, each.closed) for each in fences(answer)] == [
        ("ls\n", 2, 5, True),
        ("x\n", 6, 9, True),
    ]


def test_backticks_inside_a_longer_fence_are_code() -> None:
    (fence,) = fences("````md\n```py\nx\n```\n````\n")

    assert fence.text == "```py\nx\n```\n"


def test_a_patch_is_known_as_one_and_names_its_file() -> None:
    assert fences("```diff\n-a\n+b\n```")[0].is_diff
    assert fences("```diff\n--- a/x.py\n+++ b/src/x.py\n-a\n```")[0].path == "src/x.py"


@given(st.text(alphabet="`~ab\n .:/#py>-1", max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for fence in fences(text):
        assert 0 <= fence.start < fence.end
