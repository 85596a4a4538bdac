"""Jump letters: every place gets some, however many there are, and no code begins another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fimble_tui.markdown.lines import LinkTarget, Mark
from fimble_tui.widgets.conversation.jumping import LETTERS, after_key, assign_letters
from support.chat_screen import showing, turn_of
from support.scripted_conversation import ScriptedConversation


def letters(count):
    found = [(line, 0, Mark(0, LinkTarget(address=f"https://a/{line}"))) for line in range(count)]
    return [jump.letter for jump in assign_letters(found)]


@given(st.integers(0, len(LETTERS) ** 2))
def test_each_place_has_a_code_and_none_begins_another(count):
    given_codes = letters(count)

    assert len(set(given_codes)) == count
    singles = {code for code in given_codes if len(code) == 1}
    assert not [code for code in given_codes if len(code) > 1 and code[0] in singles]


@pytest.mark.parametrize(("count", "pairs"), [(26, 0), (27, 2), (51, 26), (52, 28)])
def test_as_few_as_possible_have_two_letters(count, pairs):
    assert sum(len(code) == 2 for code in letters(count)) == pairs


def test_a_key_leaves_those_whose_letters_go_on():
    found = [(line, 0, Mark(0, LinkTarget(address="https://a"))) for line in range(30)]
    jumps = assign_letters(found)

    left = after_key(jumps, "m")
    assert [jump.letter for jump in left] == list(LETTERS[:5])
    assert [jump.line for jump in left] == [25, 26, 27, 28, 29]
    assert after_key(jumps, "1") == ()


async def test_two_letters_reach_the_thirtieth_place():
    answer = "\n".join(f"- src/a{number}.py:{number}" for number in range(1, 31))
    conversation = ScriptedConversation(turns=[turn_of(1, "Where?", answer)])
    async with showing(conversation, size=(80, 45)) as chat:
        await chat.shows("src/a30.py")
        await chat.press("ctrl+l", "m")
        await chat.until(lambda: len(chat.view._jumps) == 5)
        await chat.press("g", "c")
        await chat.until(lambda: chat.copied == "src/a30.py:30")
