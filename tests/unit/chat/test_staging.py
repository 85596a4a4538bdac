"""What is previewed, staged and counted before anything is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fimble.chat.fences import fences
from fimble.chat.hunks import assemble, hunks
from fimble.chat.staging import Preview, preview

SHOP = "def total(items):\n    return sum(items)\n\n\ndef count(items):\n    return len(items)\n"
BOTH = (
    "```python\n"
    "def total(items):\n    return sum(items) + 1\n\n\n"
    "def count(items):\n    return len(items) + 1\n"
    "```\n"
)
BROKEN = BOTH.replace("return len(items) + 1", "return len(items")


def previewed(answer: str, current: str | None = SHOP) -> Preview:
    """Return what an answer's block would do."""
    return preview(fences(answer)[0], current, path="shop.py")


def test_some_hunks_change_only_their_own_lines() -> None:
    shown = previewed(BOTH)

    assert len(shown.hunks) == 2
    assert shown.text({1}) == SHOP.replace("len(items)", "len(items) + 1")
    assert shown.text(()) == SHOP
    assert shown.text(shown.all) == shown.proposal.text
    assert shown.lines({0}) == (1, 1)


def test_the_gate_looks_at_what_is_staged() -> None:
    shown = previewed(BROKEN)

    assert shown.adds_errors(shown.all) > 0
    assert shown.adds_errors({0}) == 0
    assert shown.adds_errors({1}) > 0


def test_a_new_file_is_one_hunk() -> None:
    shown = previewed(BOTH, None)

    assert [hunk.old_lines for hunk in shown.hunks] == [()]
    assert shown.adds_errors(shown.all) == 0


@given(st.text(alphabet="ab\n\r", max_size=30), st.text(alphabet="ab\n\r", max_size=30), st.data())
def test_every_choice_of_hunks_can_be_made_whole(old: str, new: str, data: st.DataObject) -> None:
    changes = hunks(old, new)
    numbers = data.draw(st.sets(st.sampled_from(range(len(changes))))) if changes else set[int]()
    rest = {hunk.number for hunk in changes} - numbers
    partly = assemble(old, changes, numbers)

    assert assemble(partly, hunks(partly, new), range(99)) == new
    assert (partly == old) is (not numbers)
    assert (assemble(old, changes, rest) == new) is (not numbers)
