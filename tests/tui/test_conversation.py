"""What the conversation shows, and how it behaves while an answer streams."""

import asyncio
import random
import re

import pytest
from textual import events
from textual.geometry import Size

from fimble.chat.events import AnswerText
from fimble.chat.transcript import AnswerState, Question
from support.chat_screen import showing, turn_of, turns_of
from support.scripted_conversation import ScriptedConversation

CODE = (
    "Use this:\n\n```python src/shop/retry.py\nfor attempt in range(3):\n    call()\n```\n\nDone."
)


async def test_a_question_and_its_answer_are_shown():
    conversation = ScriptedConversation(answers=[["It is ", "**fine**", "."]])
    async with showing(conversation) as chat:
        await chat.ask("Is it fine?")
        await chat.shows("It is fine.")
        await chat.shows("tokens/s")

        assert "Is it fine?" in chat.text
        assert chat.prompt.text == ""


async def test_what_came_is_shown_before_the_answer_ends():
    conversation = ScriptedConversation(answers=[["one ", "two ", "three"]])
    async with showing(conversation) as chat:
        conversation.gate.clear()
        await chat.ask("Count.")
        await chat.shows("waiting")
        conversation.tell(AnswerText(1, "early words"))
        clock = chat.view._clock
        chat.view._clock = lambda: clock() + 1
        await chat.shows("early words")
        conversation.gate.set()
        await chat.until(lambda: not conversation.busy)


async def test_escape_stops_and_what_came_stays():
    conversation = ScriptedConversation(answers=[["came "] * 50], pace_s=0.01)
    async with showing(conversation) as chat:
        await chat.ask("Go.")
        await chat.shows("came came")
        await chat.press("escape")
        await chat.shows("stopped; what came is kept")

        assert "came came" in chat.text


async def test_questions_wait_in_a_visible_queue_while_an_answer_comes():
    conversation = ScriptedConversation()
    async with showing(conversation) as chat:
        conversation.gate.clear()
        await chat.ask("first")
        await chat.ask("second")
        await chat.shows("next 1  second")
        conversation.gate.set()
        await chat.shows("You asked: second")

        assert "next 1" not in chat.text


async def test_scrolled_up_the_view_stands_still_until_the_end_is_wanted():
    conversation = ScriptedConversation(turns=turns_of(20), answers=[["line\n\n"] * 60])
    async with showing(conversation) as chat:
        conversation.gate.clear()
        await chat.ask("Go.")
        await chat.press("pageup", "pageup")
        await chat.until(lambda: not chat.view.following)
        before = chat.text.split("\n")[1:12]
        conversation.gate.set()
        await chat.until(lambda: not conversation.busy)
        await chat.pilot.pause()

        assert chat.text.split("\n")[1:12] == before

        await chat.press("ctrl+end")
        await chat.shows("60 tokens")

        assert chat.view.following


async def test_only_turns_in_view_and_near_it_are_laid_out():
    async with showing(ScriptedConversation(turns=turns_of(1000)), size=(120, 40)) as chat:
        laid = [cell for cell in chat.view._column.cells if cell.lines is not None]

        assert len(laid) < 60
        assert len(chat.screen.query("*")) < 30

        await chat.press("ctrl+home")
        await chat.shows("Question 1")
        laid = [cell for cell in chat.view._column.cells if cell.lines is not None]

        assert len(laid) < 60


async def test_scrolling_up_by_pages_passes_every_turn():
    async with showing(ScriptedConversation(turns=turns_of(60))) as chat:
        seen: set[str] = set()
        for _ in range(200):
            seen.update(re.findall(r"Question \d+", chat.text))
            if chat.view.scroll_y == 0:
                break
            await chat.press("pageup")

        assert seen == {f"Question {number}" for number in range(1, 61)}


@pytest.mark.parametrize("width", [24, 60, 200])
async def test_f26_after_a_resize_everything_fits_and_the_end_is_in_view(width):
    turns = [turn_of(1, "A question " * 30, f"{CODE}\n\n" + "words and more " * 40)]
    async with showing(ScriptedConversation(turns=turns)) as chat:
        await chat.pilot.resize_terminal(width, 30)
        await chat.shows("412 tokens")

        assert all(len(line) <= width for line in chat.text.split("\n"))


async def test_thoughts_are_one_line_until_they_are_wanted():
    turns = [turn_of(1, "Why?", "Because.", thinking="First this.\nThen that.")]
    async with showing(ScriptedConversation(turns=turns)) as chat:
        assert "thought  Then that." in chat.text
        assert "First this." not in chat.text

        await chat.press("ctrl+t")
        await chat.shows("First this.")


async def test_a_long_question_is_folded_and_says_how_much_is_left_out():
    question = "\n".join(f"row {number}" for number in range(100))
    async with showing(ScriptedConversation(turns=[turn_of(1, question, "Yes.")])) as chat:
        assert "88 more lines; t shows them" in chat.text

        await chat.press("ctrl+up", "t", "ctrl+end", "pageup", "pageup")
        await chat.until(lambda: "row 50" in chat.text or "row 70" in chat.text)


@pytest.mark.parametrize(
    ("state", "problem", "words"),
    [
        (AnswerState.STOPPED, "", "stopped; what came is kept · /continue goes on"),
        (AnswerState.CUT, "The connection was lost.", "cut off; what came is kept: The connection"),
        (AnswerState.LENGTH, "", "no room for more · /continue goes on"),
        (AnswerState.FAILED, "Out of memory.", "failed; what came is kept: Out of memory."),
    ],
)
async def test_every_ending_says_what_happened_and_what_to_do(state, problem, words):
    turns = [turn_of(1, "Go.", "Some", state=state, problem=problem)]
    async with showing(ScriptedConversation(turns=turns)) as chat:
        assert words in chat.text


async def test_a_failure_before_the_first_word_claims_nothing_was_kept():
    turns = [turn_of(1, "Go.", "", state=AnswerState.FAILED, problem="Out of memory.")]
    async with showing(ScriptedConversation(turns=turns)) as chat:
        assert "no answer: Out of memory." in chat.text


async def test_selected_text_is_copied_without_bars_and_breaks():
    text = "These words are wrapped by the screen and are one line when they are copied from it."
    async with showing(
        ScriptedConversation(turns=[turn_of(1, "Go.", text)]), size=(40, 24)
    ) as chat:
        chat.screen._select_all_in_widget(chat.view)

        assert text in (chat.screen.get_selected_text() or "")
        assert "▌" not in (chat.screen.get_selected_text() or "")


async def test_the_mouse_selects_across_turns():
    async with showing(ScriptedConversation(turns=turns_of(3, "An answer."))) as chat:
        rows = chat.text.split("\n")
        first = next(number for number, row in enumerate(rows) if "Question 2" in row)
        last = next(number for number, row in enumerate(rows) if "Question 3" in row)
        await chat.pilot.mouse_down(offset=(3, first))
        await chat.pilot.hover(offset=(20, last))
        await chat.pilot.mouse_up(offset=(20, last))
        await chat.pilot.pause()
        await chat.press("ctrl+c")

        assert chat.copied.startswith("Question 2")
        assert "An answer." in chat.copied


@pytest.mark.timeout(240)
async def test_f26_two_thousand_random_clicks_keys_and_resizes_while_streaming():
    draw = random.Random(6643)
    text = [f"{CODE}\n\n- item [link](http://example.org)\n\n| a |\n|---|\n| 1 |\n\n"] * 40
    tokens = [part for piece in text for part in (piece[:9], piece[9:30], piece[30:])]
    conversation = ScriptedConversation(
        turns=turns_of(12, CODE), answers=[tokens] * 400, pace_s=0.001
    )
    keys = "up down pageup pageup ctrl+end ctrl+home ctrl+l a c t tab escape ctrl+up ctrl+down x f1"
    async with showing(conversation, size=(80, 24)) as chat:
        for number in range(1000):
            if not conversation.busy and len(conversation.waiting) < 2:
                conversation.ask(Question(text=f"again {number}"))
            chat.app.post_message(chat.key(draw.choice(keys.split())))
            width, height = chat.app.size
            # The last row is the footer's, where a click may quit.
            at = (draw.randrange(width), draw.randrange(height - 1))
            if draw.random() < 0.05:
                size = Size(draw.randrange(20, 160), draw.randrange(6, 60))
                chat.app.post_message(events.Resize(size, size, size))
            else:
                kinds = (events.MouseDown, events.MouseMove, events.MouseUp, events.MouseScrollUp)
                chat.app.post_message(chat.mouse(draw.choice(kinds), *at))
            await asyncio.sleep(0)
            if number % 20 == 0:
                await chat.until(lambda: chat.app.message_queue_size == 0)

        await chat.pilot.pause()

        assert chat.app.is_running
        assert chat.app._exception is None
