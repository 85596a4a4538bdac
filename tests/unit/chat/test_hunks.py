"""Taking some hunks and leaving others loses no byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimble.chat.hunks import assemble, hunks, lines_of

TEXTS = st.text(alphabet="ab\n\r", max_size=40)


@given(TEXTS, TEXTS)
def test_all_hunks_make_the_new_text_and_none_the_old(old: str, new: str) -> None:
    changes = hunks(old, new)

    assert assemble(old, changes, range(len(changes))) == new
    assert assemble(old, changes, ()) == old


@given(TEXTS, TEXTS, st.data())
def test_what_is_not_taken_can_be_taken_later(old: str, new: str, data: st.DataObject) -> None:
    changes = hunks(old, new)
    taken = data.draw(st.sets(st.sampled_from(range(len(changes))))) if changes else set()
    some = assemble(old, changes, taken)

    rest = hunks(some, new)
    assert assemble(some, rest, range(len(rest))) == new


@given(st.text(max_size=60))
def test_lines_keep_every_byte(text: str) -> None:
    assert "".join(lines_of(text)) == text


def test_a_hunk_is_headed_like_a_unified_diff() -> None:
    (hunk,) = hunks("a\nb\nc\nd\n", "a\nb\nX\nd\n")

    assert hunk.header == "@@ -1,4 +1,4 @@"
    assert (hunk.old_lines, hunk.new_lines) == (("c\n",), ("X\n",))
    assert (hunk.before, hunk.after) == (("a\n", "b\n"), ("d\n",))
