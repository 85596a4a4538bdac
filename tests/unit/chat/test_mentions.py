"""What counts as a mention, and what is only an `@` in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble.chat.mentions import mention_text, mentions
from fimble.chat.transcript import AttachmentKind


def read(text: str) -> list[tuple[str, int | None, int | None]]:
    return [(it.name, it.first_line, it.last_line) for it in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@src/a.py", [("src/a.py", None, None)]),
        ("why does @src/a.py, fail?", [("src/a.py", None, None)]),
        ("see @src/a.py.", [("src/a.py", None, None)]),
        ("(@src/a.py)", [("src/a.py", None, None)]),
        ("@src/a.py:10", [("src/a.py", 10, 10)]),
        ("@src/a.py:10-40:", [("src/a.py", 10, 40)]),
        ("@src/a.py:40-10", [("src/a.py", 10, 40)]),
        ('@"my file.py" and', [("my file.py", None, None)]),
        ('@"my file.py":3-4', [("my file.py", 3, 4)]),
        ("@src/ @Cart.total", [("src/", None, None), ("Cart.total", None, None)]),
        ("@../../etc/passwd", [("../../etc/passwd", None, None)]),
        ("mail me@example.org", []),
        ("`@dataclass` and ```@x```", []),
        ("```py\n@dataclass\nclass A: ...\n```\n@a.py", [("a.py", None, None)]),
        ("```py\n@dataclass", []),
        ("@ nothing @", []),
        ("@:3", []),
        ("@größe.py", [("größe.py", None, None)]),
    ],
)
def test_what_is_mentioned(text: str, expected: list[tuple[str, int | None, int | None]]) -> None:
    assert read(text) == expected


def test_special_mentions_have_a_kind_and_files_of_that_name_need_quotes_or_lines() -> None:
    diff, staged, file = mentions("@diff @staged @diff:3")

    assert (diff.kind, staged.kind) == (AttachmentKind.DIFF, AttachmentKind.STAGED)
    assert file.kind is None


def test_the_place_of_a_mention_is_the_text_it_covers() -> None:
    text = 'see @src/a.py:3, and @"b c".'

    assert [text[it.start : it.end] for it in mentions(text)] == ["@src/a.py:3", '@"b c"']


@given(
    st.text(
        alphabet=st.characters(blacklist_characters='"\n\r', blacklist_categories=("Cs", "Cc")),
        min_size=1,
        max_size=40,
    ),
    st.integers(1, 999),
)
def test_a_mention_that_we_write_is_read_back(name: str, line: int) -> None:
    assert read(mention_text(name, first_line=line, last_line=line + 1))[:1] == [
        (name, line, line + 1)
    ]


@given(st.text(alphabet='@"`~ab/.: \n-1(', max_size=80))
def test_any_text_is_read(text: str) -> None:
    ends = 0
    for mention in mentions(text):
        assert ends <= mention.start < mention.end <= len(text)
        ends = mention.end
