"""Marks inside changed lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimble.chat.word_marks import Marks, word_marks

LINES = st.lists(st.text(alphabet="ab_ (),.é", max_size=20), max_size=6)


def shown(line: str, marks: Marks) -> str:
    """Return a line with its marked stretches in brackets."""
    for start, end in reversed(marks):
        line = f"{line[:start]}[{line[start:end]}]{line[end:]}"
    return line


def check(old: list[str], new: list[str], expected: list[str]) -> None:
    """Compare the new lines' marks with what is expected in brackets."""
    _, marks = word_marks(old, new)
    assert [shown(*pair) for pair in zip(new, marks, strict=True)] == expected


def test_only_the_changed_word_is_marked() -> None:
    check(["return total + tax"], ["return total + fee"], ["return total + [fee]"])


def test_a_line_that_has_little_in_common_is_not_marked() -> None:
    check(["import os"], ["for item in items: print(item)"], ["for item in items: print(item)"])


def test_lines_are_paired_with_the_ones_they_are_like() -> None:
    check(
        ["total = price * count"],
        ["if count < 0:", "    return 0", "total = price * max(count, 1)"],
        ["if count < 0:", "    return 0", "total = price * [max(]count[, 1)]"],
    )


@given(LINES, LINES)
def test_what_is_not_marked_is_common_to_both(old: list[str], new: list[str]) -> None:
    old_marks, new_marks = word_marks(old, new)

    def kept(lines: list[str], marks: tuple[Marks, ...]) -> list[str]:
        rest: list[str] = []
        for line, stretches in zip(lines, marks, strict=True):
            for start, end in reversed(stretches):
                assert 0 <= start < end <= len(line)
                line = line[:start] + line[end:]  # noqa: PLW2901
            if stretches:
                rest.append(line)
        return rest

    removed, added = kept(old, old_marks), kept(new, new_marks)
    assert set(removed) <= {*added, *new}
    assert set(added) <= {*removed, *old}
