"""An earlier turn is edited after its price was told: here, in a new session, or not at all."""

from fimble_tui.screens.going_back import going_back_dialog
from support.chat_desk import at_desk
from support.chat_screen import turns_of

REPLIES = {"One?": "First.", "Two?": "Second.", "Three?": "Third."}
FRAME = {"│", "┃│", "┃▌", "▌", "┃"}


async def asked_three(desk):
    """Ask three questions, and mark the second turn for editing."""
    for question in REPLIES:
        await desk.ask(question)
    await desk.press("ctrl+up", "up", "e")
    await desk.chat.shows("Edit turn 2 of 3?")


async def test_the_price_is_told_before_anything_happens(tmp_path):
    async with at_desk(tmp_path, REPLIES) as desk:
        await asked_three(desk)
        tokens = desk.conversation.turns[1].answer.statistics.prompt_tokens
        shown = " ".join(word for word in desk.chat.text.split() if word not in FRAME)

        assert tokens > 0
        assert f"The next answer reads up to {tokens:,}" in shown
        assert "Then the turn behind it leaves this" in shown
        assert len(desk.conversation.turns) == 3

        await desk.press("escape")
        await desk.chat.until(lambda: "Edit turn" not in desk.chat.text)
        assert len(desk.conversation.turns) == 3
        assert desk.chat.prompt.text == ""


async def test_it_is_edited_here(tmp_path):
    async with at_desk(tmp_path, REPLIES) as desk:
        await asked_three(desk)
        session = desk.conversation.session.session_id
        await desk.press("e")
        await desk.chat.until(lambda: desk.chat.prompt.text == "Two?")

        assert [turn.question.text for turn in desk.conversation.turns] == ["One?"]
        assert desk.conversation.session.session_id == session


async def test_it_is_edited_in_a_session_of_its_own(tmp_path):
    async with at_desk(tmp_path, REPLIES) as desk:
        await asked_three(desk)
        session = desk.conversation.session.session_id
        await desk.press("f")
        await desk.chat.until(lambda: desk.chat.prompt.text == "Two?")

        assert [turn.question.text for turn in desk.conversation.turns] == ["One?"]
        assert desk.conversation.session.session_id != session
        kept = desk.store.turns(session)
        assert [turn.question.text for turn in kept] == list(REPLIES)


def test_the_seconds_are_told_where_the_speed_is_known():
    turns = turns_of(3)

    def question(tokens_per_s):
        dialog = going_back_dialog(turns, 0, tokens_per_s=tokens_per_s, clock=lambda: 0.0)
        return dialog._question

    assert question(90.0).endswith("reads up to 900 tokens again, about 10 s.")
    assert question(None).endswith("reads up to 900 tokens again.")
