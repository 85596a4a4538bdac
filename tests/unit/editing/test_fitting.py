"""Blocks as models write them, and what replaces the selection."""

from __future__ import annotations

import pytest

from fimble.editing.fitting import fitted

METHOD = "    def f(self):\n        return 1"
BRACES = "\tif (a) {\n\t\tb();\n\t}"


def unknown(_text: str) -> None:
    return None


@pytest.mark.parametrize(
    ("selection", "answer", "text"),
    [
        (METHOD, "    def f(self):\n        return 2\n", "    def f(self):\n        return 2"),
        (METHOD, "def f(self):\n    return 2\n", "    def f(self):\n        return 2"),
        (METHOD, "def f(self):\n        return 2\n", "    def f(self):\n        return 2"),
        (METHOD, "\n\n        def f(self):\n            return 2\n\n", METHOD.replace("1", "2")),
        (METHOD, "def f(self):\n\n    return 2", "    def f(self):\n\n        return 2"),
        (BRACES, "if (a) {\n\tc();\n}", BRACES.replace("b", "c")),
        (BRACES, "if (a) {\n\t\tc();\n\t}", BRACES.replace("b", "c")),
        ("    a = 1\n    b = 2", "a = 1\n    b = 3", "    a = 1\n    b = 3"),
        ("    a = 1\n    b = 2", "a = 1\nb = 3", "    a = 1\n    b = 3"),
        ("a = 1\nb = 2", "    a = 1\n    b = 3", "a = 1\nb = 3"),
        ("x.price", "x.net\n", "x.net"),
        ("    x = 1", "x = 2\n", "    x = 2"),
        ("x = 1", "if a:\n    x = 1\n", "if a:\n    x = 1"),
        ("x", "", ""),
        ("x", " \n\n", ""),
    ],
)
def test_the_block_is_put_where_the_selection_stood(selection: str, answer: str, text: str) -> None:
    assert fitted(answer, selection, line_ending="\n", errors=unknown) == text


def test_line_ends_become_the_documents() -> None:
    assert fitted("a\r\nb\rc\n", "x\r\ny", line_ending="\r\n", errors=unknown) == "a\r\nb\r\nc"


def test_syntax_decides_where_indentation_leaves_a_choice() -> None:
    def wants(text: str):
        return lambda candidate: int(candidate != text)

    for wanted in ("    if x:\n    y", "    if x:\n        y"):
        answer = "if x:\n    y"
        assert fitted(answer, "    z", line_ending="\n", errors=wants(wanted)) == wanted
