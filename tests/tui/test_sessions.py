"""The list of sessions: filter, search, resume, fork, rename, export, delete."""

import json

import pytest

from fimble.chat.transcript import Answer, AnswerState, Question
from support.chat_desk import Desk, at_desk

CODE = "```python src/shop.py\nretry_policy = 3\n```\n"


def stored(desk: Desk, question: str, answer: str = "Yes.", *, folder: str | None = None) -> int:
    """Store a session with one turn; returns its number."""
    session = desk.store.create(folder or str(desk.workspace), model="qwen3.6:27b").session_id
    turn = desk.store.begin_turn(session, Question(text=question), parent=None)
    desk.store.end_turn(
        turn.turn_id, Answer(text=answer, state=AnswerState.FINISHED, model="qwen3.6:27b")
    )
    return session


async def listed(desk: Desk) -> None:
    """Open the list."""
    await desk.press("ctrl+o")
    await desk.chat.shows("Sessions")
    await desk.chat.until(lambda: "sessions of" in desk.chat.text or "session of" in desk.chat.text)


async def closed(desk: Desk) -> None:
    """Wait until the chat is on top again."""
    await desk.chat.until(lambda: desk.chat.app.screen is desk.chat.screen)


async def test_this_folders_sessions_are_listed_and_resumed(tmp_path):
    async with at_desk(tmp_path) as desk:
        stored(desk, "How do I retry?", "With a loop.")
        stored(desk, "Elsewhere?", folder="/src/other")
        await listed(desk)
        await desk.chat.shows("How do I retry?")
        assert "Elsewhere?" not in desk.chat.text
        assert "1 turn · qwen3.6:27b" in desk.chat.text

        await desk.press("enter")
        await closed(desk)
        await desk.chat.shows("With a loop.")


async def test_another_folders_session_is_resumed_after_a_question(tmp_path):
    async with at_desk(tmp_path) as desk:
        number = stored(desk, "Elsewhere?", folder="/src/other")
        await listed(desk)
        await desk.chat.shows("No session is stored here yet")
        await desk.press("tab")
        await desk.chat.shows("in /src/other")
        await desk.press("enter")
        await desk.chat.shows("belongs to /src/other")
        await desk.press("escape")
        assert desk.conversation.session.session_id == 0

        await desk.press("enter")
        await desk.chat.shows("belongs to /src/other")
        await desk.press("y")
        await closed(desk)
        await desk.chat.until(lambda: desk.conversation.session.session_id == number)


async def test_a_search_finds_text_code_and_files_and_shows_the_line(tmp_path):
    async with at_desk(tmp_path) as desk:
        stored(desk, "First?", f"Long answer.\n\nwith a needle in it\n\n{CODE}")
        stored(desk, "Second?", "Nothing.", folder="/src/other")
        await listed(desk)
        await desk.press("slash", *"needle")
        await desk.chat.shows("› with a needle in it")
        assert "Second?" not in desk.chat.text

        await desk.press(*" has:apply")
        await desk.chat.shows("Nothing is found.")
        await desk.press(*(["backspace"] * 10), *" has:code lang:python file:shop")
        await desk.chat.shows("› with a needle in it")
        await desk.press(*(["backspace"] * 60), *"second")
        await desk.chat.shows("in /src/other")


async def test_a_session_is_forked(tmp_path):
    async with at_desk(tmp_path) as desk:
        number = stored(desk, "How do I retry?")
        await listed(desk)
        await desk.chat.shows("How do I retry?")
        await desk.press("f")
        await closed(desk)

        assert desk.conversation.session.forked_from == number


async def test_a_session_is_renamed(tmp_path):
    async with at_desk(tmp_path) as desk:
        number = stored(desk, "How do I retry?")
        await listed(desk)
        await desk.chat.shows("How do I retry?")
        await desk.press("r")
        await desk.chat.shows("What is this session called?")
        await desk.press("ctrl+a", "ctrl+k", *"loops", "enter")
        await desk.chat.shows("loops")

        assert desk.store.summary(number).name == "loops"


@pytest.mark.parametrize("end", ["md", "json", "html"])
async def test_a_session_is_exported_and_replaces_nothing_unasked(tmp_path, end):
    path = tmp_path / f"talk.{end}"
    path.write_text("mine")
    async with at_desk(tmp_path) as desk:
        stored(desk, "How do I retry?", "With a loop.")
        await listed(desk)
        await desk.chat.shows("How do I retry?")
        for answer in ("escape", "y"):
            await desk.press("e")
            await desk.chat.shows("Write it to which file?")
            desk.chat.app.screen.query_one("#dialog-line").value = str(path)
            await desk.press("enter")
            await desk.chat.shows("there already")
            assert path.read_text() == "mine"
            await desk.press(answer)
            await desk.chat.shows("Nothing was written." if answer == "escape" else "Wrote 1 turn")

    assert "With a loop." in path.read_text()
    if end == "json":
        assert json.loads(path.read_text())["turns"][0]["answer"] == "With a loop."


async def test_a_session_is_deleted_after_it_was_said_what_goes(tmp_path):
    async with at_desk(tmp_path) as desk:
        stored(desk, "Secret plans?", "A secret answer.")
        await listed(desk)
        await desk.chat.shows("Secret plans?")
        await desk.press("d")
        await desk.chat.shows("Delete “Secret plans?” for good?")
        await desk.press("escape")
        assert len(desk.store.sessions()) == 1

        await desk.press("d")
        await desk.chat.shows("for good?")
        await desk.press("y")
        await desk.chat.shows("is deleted")

        assert desk.store.sessions() == []


async def test_the_open_session_is_not_deleted(tmp_path):
    async with at_desk(tmp_path) as desk:
        await desk.ask("Hello?")
        await listed(desk)
        await desk.press("d")
        await desk.chat.shows("is open in the chat")

        assert len(desk.store.sessions()) == 1


async def test_t10_t11_names_and_folders_cannot_steer_the_screen(tmp_path):
    async with at_desk(tmp_path, size=(120, 40)) as desk:
        stored(desk, "\x1b]0;x\x07[red]q[/red] \u202ehow", folder="/src/[b]\x9b2J")
        desk.store.rename(1, "[/nope] \x1b[31m")
        await listed(desk)
        await desk.press("tab")
        await desk.chat.shows("[/nope]")
        await desk.press("slash", *"how")
        await desk.chat.shows("[red]q[/red]")

        assert "/src/[b]" in desk.chat.text
        assert not set(desk.chat.text) & {"\x1b", "\x07", "\x9b", "\u202e"}


async def test_export_by_command(tmp_path):
    async with at_desk(tmp_path, {"Hello?": "Hi."}) as desk:
        await desk.ask("Hello?")
        desk.chat.screen.actions.export_session("talk.md")
        await desk.chat.shows("Wrote 1 turn to")

        assert "Hi." in (desk.workspace / "talk.md").read_text()
