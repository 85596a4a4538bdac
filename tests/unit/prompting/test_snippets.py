"""Snippets of other files: three forms, each of which only grows when one is appended."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimble.prompting.snippets import Snippet, commented, fenced, separated
from fimble.prompting.values import joined

A = Snippet(path="a.py", text="x = 1\n", language="python")
B = Snippet(path="b\n.md", text="```\nhi\n```", language="")


def test_separated_writes_token_path_and_text():
    assert joined(separated([A, B], "<|s|>")) == "<|s|>a.py\nx = 1\n<|s|>b .md\n```\nhi\n```"


def test_commented_puts_the_path_into_a_comment():
    assert commented([A, B], "//") == "// a.py\nx = 1\n\n// b .md\n```\nhi\n```"


def test_fenced_outgrows_the_text():
    assert (
        fenced([A, B])
        == "`a.py`:\n\n```python\nx = 1\n```\n\n`b .md`:\n\n````\n```\nhi\n```\n````\n"
    )


SNIPPETS = st.lists(
    st.builds(Snippet, path=st.text(max_size=9), text=st.text("a`\n ", max_size=20)), max_size=5
)


@given(SNIPPETS, st.builds(Snippet, path=st.just("z"), text=st.text(max_size=9)))
def test_appending_keeps_what_was_there(snippets: list[Snippet], last: Snippet):
    for before, after in (
        (joined(separated(snippets, "<S>")), joined(separated([*snippets, last], "<S>"))),
        (commented(snippets, "#"), commented([*snippets, last], "#")),
        (fenced(snippets), fenced([*snippets, last])),
    ):
        assert after.startswith(before)
