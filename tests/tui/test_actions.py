"""Every action of the chat's screen, over the real conversation and real HTTP."""

from contextlib import asynccontextmanager

import pytest

from fimble.chat.transcript import AnswerState
from fimble_tui.messages import CommandSubmitted, TargetAction
from fimble_tui.screens.apply import ApplyScreen
from fimble_tui.screens.help import HelpScreen
from fimble_tui.screens.models import ModelsScreen
from fimble_tui.screens.sessions import SessionsScreen
from fimble_tui.screens.xray import XrayScreen
from support.chat_screen import showing
from support.chatting import chatting, conversing
from support.scripted_conversation import ScriptedConversation
from support.stub_ollama import StubOllama
from support.stub_ollama.script import Script, Timing

CODE = "Use this:\n\n```python src/app.py\nprint(1)\n```\n\nand see src/app.py:2.\n"
LONG = "".join(f"word{number} " for number in range(400))
REPLIES = {"Code?": CODE, "Hello?": "Hi there.", "Long?": LONG, "Why?": "Because."}


@asynccontextmanager
async def chat_about(folder, opened=None, **timing):
    """Show the chat of a workspace with one file, answered by the stub.

    What is opened in an editor goes to `opened`.
    """

    def open_file(app, path, line):
        opened.append((path, line))
        return ""

    with StubOllama(Script(answer=conversing(REPLIES), timing=Timing(**timing))) as stub:
        async with chatting(stub, folder) as (conversation, _):
            (folder / "workspace" / "src").mkdir()
            (folder / "workspace" / "src" / "app.py").write_text("print(0)\n# here\n")
            async with showing(
                conversation,
                workspace=folder / "workspace",
                size=(100, 30),
                open_file=open_file,
            ) as chat:
                yield chat, conversation


async def answered(chat, conversation, text="Hello?"):
    count = len(conversation.turns)
    await chat.ask(text)
    await chat.until(lambda: len(conversation.turns) > count and not conversation.busy)
    await chat.pilot.pause()


async def test_a_question_is_answered(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation)

        assert "Hi there." in chat.text
        assert conversation.turns[-1].answer.state is AnswerState.FINISHED


async def test_stop_keeps_what_came_and_continue_goes_on(tmp_path):
    async with chat_about(tmp_path, per_generated_token_s=0.004) as (chat, conversation):
        await chat.ask("Long?")
        await chat.until(lambda: "word9" in chat.view.answer_text(conversation.turns[0].turn_id))
        await chat.press("escape")
        await chat.shows("stopped; what came is kept")
        came = conversation.turns[0].answer.text
        await chat.press("ctrl+up", "g")
        await chat.until(lambda: not conversation.busy)
        await chat.until(lambda: conversation.turns[0].answer.state is AnswerState.FINISHED)

        assert LONG.startswith(came)
        assert came
        assert conversation.turns[0].answer.text == LONG
        await chat.shows("word399")


async def test_the_newest_turn_is_edited_where_it_is(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation, "Hello?")
        await answered(chat, conversation, "Why?")
        await chat.press("ctrl+up", "e")
        await chat.until(lambda: chat.prompt.text == "Why?")

        assert [turn.question.text for turn in conversation.turns] == ["Hello?"]
        assert chat.prompt.has_focus
        await chat.shows("The conversation now ends before this question.")


async def test_a_question_is_asked_again_in_a_branch_of_its_own(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation)
        first = conversation.turns[0].turn_id
        await chat.press("ctrl+up", "r")
        await chat.until(lambda: conversation.turns and conversation.turns[0].turn_id != first)
        await chat.until(lambda: not conversation.busy)

        assert conversation.turns[0].answer.text == "Hi there."


async def test_a_fork_is_a_session_of_its_own(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation)
        before = conversation.session.session_id
        await chat.press("ctrl+up", "f")
        await chat.until(lambda: conversation.session.session_id != before)

        assert len(conversation.turns) == 1
        assert conversation.session.forked_from == before


async def test_answers_and_code_are_copied_without_a_mouse(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation, "Code?")
        await chat.press("ctrl+up", "c")
        await chat.until(lambda: chat.copied == CODE)
        await chat.press("ctrl+down")
        await chat.ask("/copy 1")
        await chat.until(lambda: chat.copied == "print(1)\n")
        await chat.ask("/copy 2")
        await chat.shows("The answer has 1 code blocks")


async def test_letters_reach_code_and_places(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation, "Code?")
        await chat.press("ctrl+l")
        await chat.shows("press a letter")

        assert " a  python · src/app.py" in chat.text
        assert " s src/app.py:2" in chat.text

        await chat.press("s", "c")
        await chat.until(lambda: chat.copied == "src/app.py:2")
        await chat.press("ctrl+l", "a", "c")
        await chat.until(lambda: chat.copied == "print(1)\n")

        assert chat.prompt.has_focus

        await chat.press("ctrl+l", "a", "r")
        await chat.until(lambda: "```python\nprint(1)\n```" in chat.prompt.text)
        await chat.press("ctrl+l", "a", "a")
        await chat.until(lambda: isinstance(chat.app.screen, ApplyScreen))

        assert chat.app.screen.fence.text == "print(1)\n"


async def test_a_key_that_is_no_letter_leaves_the_letters(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation, "Code?")
        await chat.press("ctrl+l", "m")
        await chat.until(lambda: not chat.view.jumping)
        await chat.press("x")

        assert chat.prompt.text == "x"


async def test_a_click_on_code_offers_what_can_be_done(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation, "Code?")
        row = next(n for n, line in enumerate(chat.text.split("\n")) if "python · src" in line)
        await chat.pilot.click(offset=(4, row))
        await chat.shows("c copy · a apply · e open in editor · r ask about it")
        await chat.press("c")
        await chat.until(lambda: chat.copied == "print(1)\n")


async def test_a_place_opens_in_the_editor_at_its_line(tmp_path):
    opened = []
    async with chat_about(tmp_path, opened=opened) as (chat, conversation):
        await answered(chat, conversation, "Code?")
        await chat.press("ctrl+l", "s", "e")
        await chat.until(lambda: opened)

        assert opened == [((tmp_path / "workspace/src/app.py").resolve(), 2)]


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "src/missing.py"])
async def test_no_file_outside_the_workspace_is_opened(tmp_path, path):
    opened = []
    async with chat_about(tmp_path, opened=opened) as (chat, _):
        chat.screen.actions.use_place(path, 1, TargetAction.EDIT)
        await chat.until(lambda: "is refused" in chat.text or "There is no file" in chat.text)

        assert opened == []


@pytest.mark.parametrize(
    ("key", "screen"),
    [("f1", HelpScreen), ("f2", ModelsScreen), ("ctrl+o", SessionsScreen), ("f4", XrayScreen)],
)
async def test_each_screen_opens_and_escape_leads_back(tmp_path, key, screen):
    async with chat_about(tmp_path) as (chat, _):
        await chat.press(key)
        await chat.until(lambda: isinstance(chat.app.screen, screen))
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)


@pytest.mark.parametrize(
    ("key", "ready", "words"),
    [
        ("f2", "qwen3.6:27b", "answer with this model"),
        ("ctrl+o", "", "or all"),
        ("f4", "", "next part"),
    ],
)
async def test_f1_explains_the_screen_that_is_shown(tmp_path, key, ready, words):
    async with chat_about(tmp_path) as (chat, _):
        await chat.press(key)
        await chat.until(lambda: chat.app.screen is not chat.screen)
        shown = chat.app.screen
        # The keys of a list are explained when it is there.
        await chat.shows(ready)
        await chat.press("f1")
        await chat.until(lambda: isinstance(chat.app.screen, HelpScreen))
        await chat.shows(words)

        assert "/undo" not in chat.text
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is shown)


async def test_commands_say_when_they_are_unknown_or_must_wait(tmp_path):
    async with chat_about(tmp_path, per_generated_token_s=0.01) as (chat, conversation):
        await chat.ask("/nonsense")
        await chat.shows("There is no command or prompt /nonsense; F1 lists the commands.")
        await chat.ask("Long?")
        await chat.until(lambda: conversation.busy)
        chat.screen.post_message(CommandSubmitted("new", ""))
        await chat.shows("/new has to wait for the answer")


async def test_a_new_session_is_empty_and_named_sessions_show_their_name(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation)
        await chat.ask("/name the retry question")
        await chat.shows("the retry question")
        await chat.press("ctrl+n")
        await chat.shows("a chat about your code")

        assert conversation.turns == ()


async def test_a_question_waits_while_the_server_is_down_and_says_so(tmp_path):
    with StubOllama(Script(answer=conversing(REPLIES))) as stub:
        url = stub.url
    del url
    async with chatting(stub, tmp_path) as (conversation, _), showing(conversation) as chat:
        await chat.ask("Hello?")
        await chat.shows("offline")
        await chat.shows("ollama serve")

        assert "Hello?" in chat.text


async def test_the_mouse_can_be_left_to_the_terminal(tmp_path):
    async with chat_about(tmp_path) as (chat, _):
        await chat.ask("/mouse")
        await chat.shows("The mouse is the terminal's")
        await chat.ask("/mouse")
        await chat.shows("The mouse is the chat's again")


async def test_the_theme_changes_without_another_layout(tmp_path):
    async with chat_about(tmp_path) as (chat, conversation):
        await answered(chat, conversation, "Code?")
        before = chat.text
        await chat.ask("/theme light")
        await chat.until(lambda: chat.app.theme == "fimble-light")
        await chat.pilot.pause()

        assert chat.text.split("\n")[1:8] == before.split("\n")[1:8]


async def test_a_keymap_gives_an_action_another_key():
    conversation = ScriptedConversation()
    async with showing(conversation) as chat:
        chat.app.set_keymap({"chat.help": "f9"})
        await chat.press("f9")
        await chat.until(lambda: isinstance(chat.app.screen, HelpScreen))
