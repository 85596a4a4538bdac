"""Writing a question: keys, past, popups, pastes, and what is checked before it is sent."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from textual import events

from fimble.chat.transcript import AnswerState
from fimble_tui.screens.over_budget import OverBudgetScreen
from fimble_tui.screens.past_search import PastSearchScreen
from fimble_tui.screens.prompt_form import PromptFormScreen
from fimble_tui.screens.xray import XrayScreen
from fimble_tui.widgets.meter.meter_line import MeterLine
from fimble_tui.widgets.prompt.choice_list import ChoiceList
from support.chat_screen import showing
from support.chatting import chatting, conversing
from support.stub_ollama import StubOllama
from support.stub_ollama.script import Script, Timing

LONG = "".join(f"word{number} " for number in range(400))
FILES = {
    "src/cart.py": "def total(items):\n    return sum(items)\n",
    "src/my file.py": "SPACE = 1\n",
    "src/[/x].py": "MARKUP = 1\n",
    "[@click=app.quit].py": "ACTION = 1\n",
    "big.py": "x = 1\n" * 8000,
    "large.py": "y = 2\n" * 4000,
}


@asynccontextmanager
async def writing(folder, *, size=(100, 30), draft="", opened=None, replies=None, **timing):
    """Show a chat about `FILES`; `opened` is what an editor does with its file."""

    def open_file(app, path, line):
        return opened(path)

    script = Script(answer=conversing(replies or {}), timing=Timing(**timing))
    for name, text in FILES.items():
        path = folder / "workspace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with StubOllama(script) as stub:
        async with chatting(stub, folder) as (conversation, heard):
            await heard.until(lambda: conversation.server.counts_asked or None)
            async with showing(
                conversation,
                workspace=folder / "workspace",
                size=size,
                draft=draft,
                open_file=open_file,
            ) as chat:
                await chat.until(lambda: chat.screen.query_one("#dock")._prompts)
                yield chat, conversation


def popup(chat):
    return chat.screen.query_one("#choices", ChoiceList)


def labels(chat):
    return [choice.label for choice in popup(chat).choices]


async def sent(chat, conversation, count=1):
    await chat.until(lambda: len(conversation.turns) >= count and not conversation.busy)
    return conversation.turns[count - 1].question


# Begun by another program


async def test_a_draft_of_the_command_line_stands_there_and_waits(tmp_path):
    async with writing(tmp_path, draft="@src/cart.py:1-2 ") as (chat, conversation):
        assert chat.prompt.text == "@src/cart.py:1-2 "
        assert not conversation.turns

        await chat.press(*"why?", "enter")

        assert (await sent(chat, conversation)).text == "@src/cart.py:1-2 why?"


async def test_a_draft_sends_nothing_by_a_line_end(tmp_path):
    async with writing(tmp_path, draft="one\ntwo\n") as (chat, conversation):
        assert chat.prompt.text == "one\ntwo\n"
        assert not conversation.turns


# Keys


@pytest.mark.parametrize("key", ["shift+enter", "ctrl+j", "alt+enter"])
async def test_keys_for_a_new_line(tmp_path, key):
    async with writing(tmp_path) as (chat, conversation):
        await chat.press("a", key, "b")

        assert chat.prompt.text == "a\nb"
        assert not conversation.turns


async def test_a_backslash_before_enter_begins_a_new_line(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.press("a", "\\", "enter", "b")

        assert chat.prompt.text == "a\nb"

        await chat.press("enter")

        assert (await sent(chat, conversation)).text == "a\nb"


async def test_the_prompt_grows_to_a_third_and_nothing_else_moves(tmp_path):
    async with writing(tmp_path, size=(80, 30)) as (chat, conversation):
        await chat.ask("Hello?")
        await sent(chat, conversation)
        before = chat.view.region
        for _ in range(30):
            chat.prompt.insert("line\n")
        await chat.until(lambda: chat.prompt.region.height > 5)

        assert chat.prompt.region.height <= 10
        assert chat.view.region == before
        assert chat.prompt.region.bottom == 28


async def test_undo_brings_back_what_was_replaced(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.ask("Hello?")
        await sent(chat, conversation)
        await chat.press(*"draft", "up")
        await chat.until(lambda: chat.prompt.text == "Hello?")
        await chat.press("ctrl+z")

        assert chat.prompt.text == "draft"


async def test_the_past_is_reached_from_the_first_row_only_and_the_draft_comes_back(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        for number, text in enumerate(("one", "two"), 1):
            await chat.ask(text)
            await sent(chat, conversation, number)
        await chat.press("x", "ctrl+j", "y", "up")

        assert chat.prompt.text == "x\ny"

        await chat.press("up", "up")
        await chat.until(lambda: chat.prompt.text == "one")
        await chat.press("down")
        await chat.until(lambda: chat.prompt.text == "two")
        await chat.press("down")
        await chat.until(lambda: chat.prompt.text == "x\ny")


async def test_questions_of_other_sessions_are_found_by_their_words(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        for number, text in enumerate(("retry policy [/x]", "[@click=app.quit] cart"), 1):
            await chat.ask(f"`{text}`")
            await sent(chat, conversation, number)
        conversation.new_session()
        await chat.press("ctrl+r")
        await chat.until(lambda: isinstance(chat.app.screen, PastSearchScreen))
        await chat.shows("[@click=app.quit] cart")
        await chat.press(*"policy")
        await chat.shows("1 of 2 questions")
        await chat.press("enter")
        await chat.until(lambda: chat.prompt.text == "`retry policy [/x]`")


async def test_the_users_editor_gets_the_draft_and_gives_it_back(tmp_path):
    seen = []

    def edit(path):
        seen.append(path.read_text("utf-8"))
        path.write_text("rewritten\n", "utf-8")
        return ""

    async with writing(tmp_path, opened=edit) as (chat, _):
        await chat.press(*"draft", "ctrl+g")
        await chat.until(lambda: chat.prompt.text == "rewritten")
        await chat.press("ctrl+x", "ctrl+e")
        await chat.until(lambda: len(seen) == 2)

    assert seen == ["draft", "rewritten"]


async def test_an_editor_that_fails_is_told_and_the_draft_stays(tmp_path):
    async with writing(tmp_path, opened=lambda path: "vim [/x] ended with code 1.") as (chat, _):
        await chat.press(*"draft", "ctrl+g")
        await chat.shows("vim [/x] ended with code 1.")

        assert chat.prompt.text == "draft"


# Pastes: faults F26


async def test_f26_a_pasted_megabyte_is_a_chip_and_is_sent_whole(tmp_path):
    text = "value = 1\n" * 100_000
    async with writing(tmp_path) as (chat, _):
        await chat.press(*"Why? ")
        chat.prompt.post_message(events.Paste(text.replace("\n", "\r\n")))
        await chat.shows("[Pasted 100,000 lines]")
        await chat.press(*" so")

        assert chat.prompt.text == "Why? [Pasted 100,000 lines] so"
        assert chat.screen.draft.text == f"Why? {text} so"

        await chat.press("enter")
        await chat.until(lambda: chat.prompt.text)

        assert chat.screen.draft.text == f"Why? {text} so"


async def test_two_pastes_of_one_size_stay_two_texts_and_a_chip_goes_with_one_key(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        for letter in "ab":
            chat.prompt.post_message(events.Paste(f"{letter}\n" * 50))
        await chat.shows("[Pasted 50 lines][Pasted 50 lines, 2]")
        await chat.press("enter")

        assert (await sent(chat, conversation)).text == "a\n" * 50 + "b\n" * 50

        chat.prompt.post_message(events.Paste("c\n" * 50))
        await chat.until(lambda: chat.prompt.text == "[Pasted 50 lines]")
        await chat.press("backspace")

        assert chat.prompt.text == ""


async def test_what_is_pasted_mentions_nothing_and_opens_no_popup(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        chat.prompt.post_message(events.Paste("@property\ndef total(self): ...\n" * 30))
        await chat.shows("[Pasted 60 lines]")
        await chat.press("enter")

        assert (await sent(chat, conversation)).attachments == ()


@pytest.mark.parametrize("size", [(20, 6), (1, 1), (200, 3)])
async def test_f26_a_tiny_terminal_does_not_break_anything(tmp_path, size):
    async with writing(tmp_path) as (chat, _):
        await chat.press("@")
        await chat.until(lambda: popup(chat).open)
        await chat.pilot.resize_terminal(*size)
        await chat.press("tab", "enter", "f4")
        await chat.until(lambda: isinstance(chat.app.screen, XrayScreen))
        await chat.press("tab", "space", "escape", "ctrl+r")
        await chat.until(lambda: isinstance(chat.app.screen, PastSearchScreen))
        await chat.press("escape")
        chat.prompt.empty()
        await chat.press("/", "down")
        await chat.pilot.resize_terminal(80, 24)
        await chat.shows("stop the answer and keep what came")


# Completion


async def test_a_mention_is_completed_and_its_file_goes_along(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.press(*"Why @car")
        await chat.until(lambda: labels(chat) == ["src/cart.py"])
        await chat.press("tab")

        assert chat.prompt.text == "Why @src/cart.py "

        await chat.press("enter")
        question = await sent(chat, conversation)

        assert [it.label for it in question.attachments] == ["src/cart.py"]
        assert "def total" in question.expanded


async def test_a_symbol_is_offered_as_soon_as_it_is_indexed_without_another_key(tmp_path):
    async with writing(tmp_path) as (chat, _):
        await chat.press(*"Why @tota")
        await chat.until(lambda: "total" in labels(chat))


async def test_names_with_blanks_are_quoted_and_markup_is_only_text(tmp_path):
    async with writing(tmp_path) as (chat, _):
        await chat.press(*"@my f")
        await chat.until(lambda: not popup(chat).open)
        await chat.press("ctrl+u", *'@"my f')
        await chat.until(lambda: labels(chat) == ["src/my file.py"])
        await chat.press("enter")

        assert chat.prompt.text == '@"src/my file.py" '

        await chat.press(*'@"[')
        await chat.until(lambda: "[@click=app.quit].py" in labels(chat))
        await chat.shows("src/[/x].py")
        await chat.press("escape", "x", '"')
        await chat.press("enter")
        await chat.shows("nothing in this workspace has that name")

        assert chat.app.is_running


async def test_escape_closes_the_popup_and_leaves_the_answer_alone(tmp_path):
    async with writing(tmp_path, per_generated_token_s=0.01, replies={"Long?": LONG}) as (
        chat,
        conversation,
    ):
        await chat.ask("Long?")
        await chat.until(lambda: conversation.busy)
        await chat.press("@")
        await chat.until(lambda: popup(chat).open)
        await chat.press("escape")

        assert not popup(chat).open
        assert conversation.busy

        await chat.press("escape")
        await chat.until(lambda: not conversation.busy)

        assert conversation.turns[0].answer.state is AnswerState.STOPPED


async def test_ghost_text_is_the_rest_of_the_first_choice(tmp_path):
    async with writing(tmp_path) as (chat, _):
        await chat.press(*"/hel")

        assert chat.prompt.suggestion == "p"

        await chat.press("right")

        assert chat.prompt.text == "/help"


async def test_commands_and_prompts_are_in_one_list_with_their_arguments(tmp_path):
    async with writing(tmp_path) as (chat, _):
        await chat.press("/")
        every = labels(chat)

        assert "/help" in every
        assert "/review" in every
        assert not [label for label in every if "psm" in label]

        await chat.press(*"expo")
        await chat.shows("/export FILE")
        await chat.press("tab")
        await chat.shows("/export FILE   write this session to a file")


async def test_the_popup_shows_the_newest_query_only(tmp_path):
    async with writing(tmp_path) as (chat, _):
        await chat.press(*"@cart")
        await chat.until(lambda: labels(chat) == ["src/cart.py"])
        await chat.press(*"zzz")
        await chat.until(lambda: not popup(chat).open)


# Sending


async def test_what_leads_nowhere_is_told_and_sent_only_on_purpose(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.ask("See @nothing.py")
        await chat.shows("@nothing.py: nothing in this workspace has that name.")
        await chat.until(lambda: chat.prompt.text == "See @nothing.py")

        assert not conversation.turns

        await chat.press("ctrl+s")

        assert (await sent(chat, conversation)).text == "See @nothing.py"


async def test_what_was_typed_while_a_question_was_checked_is_not_lost(tmp_path):
    async with writing(tmp_path) as (chat, _):
        chat.prompt.load_text("See @nothing.py")
        chat.prompt.post_message(chat.key("enter"))
        chat.prompt.post_message(chat.key("n"))
        await chat.until(lambda: chat.prompt.text == "See @nothing.py\nn")


async def test_over_the_window_the_user_says_what_stays_behind(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.ask("Why? @src/cart.py @big.py @large.py")
        await chat.until(lambda: isinstance(chat.app.screen, OverBudgetScreen))
        await chat.shows("What should stay behind?")
        rows = [row for row in chat.text.split("\n") if "[x]" in row]

        assert ["big.py" in rows[0], "large.py" in rows[1], "cart.py" in rows[2]] == [True] * 3

        await chat.press("enter")

        assert isinstance(chat.app.screen, OverBudgetScreen)

        await chat.press("space", "down", "space")
        await chat.shows("it fits")
        await chat.press("enter")
        question = await sent(chat, conversation)

        assert [it.label for it in question.attachments] == ["src/cart.py"]


async def test_leaving_the_dialog_keeps_the_question(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.ask("Why? @big.py")
        await chat.until(lambda: isinstance(chat.app.screen, OverBudgetScreen))
        await chat.press("escape")
        await chat.until(lambda: chat.prompt.text == "Why? @big.py")

        assert not conversation.turns


async def test_up_takes_the_last_waiting_question_back(tmp_path):
    async with writing(tmp_path, per_generated_token_s=0.01, replies={"Long?": LONG}) as (
        chat,
        conversation,
    ):
        await chat.ask("Long?")
        await chat.until(lambda: conversation.busy)
        await chat.ask("second")
        await chat.until(lambda: len(conversation.waiting) == 1)
        await chat.press("up")
        await chat.until(lambda: chat.prompt.text == "second")

        assert conversation.waiting == ()


async def test_a_prompt_asks_for_its_inputs_and_is_sent_with_them(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.ask("/translate @src/cart.py")
        await chat.until(lambda: isinstance(chat.app.screen, PromptFormScreen))
        await chat.press("enter")
        await chat.shows("target is needed")
        await chat.press(*"Rust", "enter")
        question = await sent(chat, conversation)

        assert question.prompt.name == "chat/translate"
        assert question.prompt.inputs == (("target", "Rust"),)
        assert "Rust" in question.expanded

        await chat.press("up")
        await chat.until(lambda: chat.prompt.text == "/translate @src/cart.py")


async def test_inputs_that_are_typed_need_no_form(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.ask("/translate target=Rust @src/cart.py")
        question = await sent(chat, conversation)

        assert question.prompt.inputs == (("target", "Rust"),)
        assert "Translate the selection into Rust." in question.expanded
        assert "target=" not in question.expanded


async def test_a_path_that_is_no_command_is_asked_about_on_purpose(tmp_path):
    async with writing(tmp_path) as (chat, conversation):
        await chat.ask("/etc/hosts is wrong, why?")
        await chat.shows("There is no command or prompt /etc/hosts")

        assert chat.prompt.text == "/etc/hosts is wrong, why?"

        await chat.press("ctrl+s")

        assert (await sent(chat, conversation)).text == "/etc/hosts is wrong, why?"


# The meter and the X-ray


async def test_the_meter_counts_exactly_and_follows_the_draft(tmp_path):
    async with writing(tmp_path) as (chat, _):
        meter = chat.screen.query_one("#meter", MeterLine)
        await chat.until(lambda: meter.meter is not None and meter.meter.exact)
        before = meter.meter.tokens
        await chat.press(*"Why @src/cart.py ")
        await chat.until(lambda: meter.meter.tokens > before + 10)
        await chat.until(lambda: "src/cart.py" in [it.name for it in meter.meter.segments])

        assert "the tokenizer of" in meter.meter.counted_by


async def test_the_xray_shows_the_exact_prompt_and_takes_attachments_off(tmp_path):
    async with writing(tmp_path, size=(120, 40)) as (chat, conversation):
        await chat.press(*"Why @src/cart.py and @src/[")
        await chat.press("ctrl+u", *"Why @src/cart.py ")
        dock = chat.screen.query_one("#dock")
        await chat.until(lambda: dock.draft.attachments)
        await chat.press("f4")
        await chat.until(lambda: isinstance(chat.app.screen, XrayScreen))
        await chat.shows("[x] src/cart.py")
        await chat.shows("    return sum(items)")
        await chat.press("space")
        await chat.shows("[ ] src/cart.py")
        await chat.shows("stays behind")
        await chat.press("enter")

        assert (await sent(chat, conversation)).attachments == ()


async def test_keys_are_answered_while_a_large_draft_is_priced(tmp_path):
    async with writing(tmp_path) as (chat, _):
        chat.prompt.post_message(events.Paste("".join(f"word{n} " for n in range(20_000))))
        await chat.until(lambda: chat.prompt.text.startswith("[Pasted"))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await chat.press("x")

        assert chat.prompt.text.endswith("x")
        assert loop.time() - begun < 5
