"""T10, T11, T12 on the chat's screen: what a model, a server or a store says cannot act."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App

from fimble.chat.events import (
    AnswerText,
    ServerState,
    ServerStatus,
    StatusChanged,
    StoreProblem,
    ThinkingText,
)
from fimble.chat.transcript import Attachment, AttachmentKind, PromptUse, Question
from fimble_tui.markdown.blocks import render_markdown
from fimble_tui.markdown.lines import LinkTarget
from fimble_tui.markdown.streaming import StreamedMarkdown
from fimble_tui.sinks import announce
from support.chat_screen import showing, turn_of
from support.scripted_conversation import ScriptedConversation

TUI = Path(__file__).parents[2] / "tui" / "fimble_tui"
HOSTILE = (
    "\x1b]52;c;cm0gLXJm\x07 \x1b]8;;file:///etc/passwd\x1b\\x\x1b]8;;\x1b\\ \x1b]0;title\x07 "
    "\x1b[2J \x1bP+q\x1b\\ \x9b31m \u202egnp.exe\u2066 \u200b\U000e0041 \x00\x08\x7f \r"
)
MARKUP = "[/x] [bold]loud[/] [@click=app.quit]here[/] [link=file:///etc/passwd]x[/] [[[ ]"
ACTIVE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


def nothing_active(text):
    return not ACTIVE.search(text)


def in_every_place(words):
    """A turn whose every text is `words`."""
    turn = turn_of(
        1, words, f"{words}\n\n```{words}\n{words}\n```\n\n| {words} |\n|--|\n", thinking=words
    )
    attachment = Attachment(kind=AttachmentKind.FILE, label=words, text="x", tokens=1)
    question = Question(text=words, attachments=(attachment,), prompt=PromptUse(name=words))
    return replace(turn, question=question, answer=replace(turn.answer, problem=words))


@pytest.mark.parametrize("words", [HOSTILE, MARKUP], ids=["T10", "T11"])
async def test_t10_t12_every_sink_of_the_screen_shows_hostile_text_and_does_nothing(words):
    status = ServerStatus(state=ServerState.FAILING, model=words, message=words)
    conversation = ScriptedConversation(turns=[in_every_place(words)], status=status)
    conversation.rename(words)
    async with showing(conversation, size=(120, 60), workspace=Path("/x") / "name") as chat:
        conversation.tell(StoreProblem(words))
        conversation.gate.clear()
        await chat.ask("next")
        conversation.ask(Question(text=words))
        turn_id = conversation.turns[-1].turn_id
        conversation.tell(ThinkingText(turn_id, words))
        conversation.tell(AnswerText(turn_id, words))
        conversation.tell(StatusChanged(status))
        announce(chat.app, words)
        chat.prompt.load_text(words.replace("\r", ""))
        await chat.press("ctrl+t")
        await chat.shows("next 1")
        screen = chat.text

        assert [line for line in screen.split("\n") if not nothing_active(line)] == []
        assert chat.app.is_running
        if words is MARKUP:
            assert screen.count("[/x]") >= 6
        conversation.gate.set()


@given(
    before=st.text(max_size=20),
    after=st.text(max_size=20),
    sizes=st.lists(st.integers(1, 7), max_size=30),
)
@settings(max_examples=150, deadline=None)
def test_t10_no_cut_of_a_stream_lets_a_control_character_through(before, after, sizes):
    text = before + HOSTILE + after
    streamed = StreamedMarkdown(60)
    at = 0
    for size in sizes:
        streamed.append(text[at : at + size])
        at += size
    streamed.append(text[at:])

    for lines in (streamed.lines, render_markdown(text, 60)):
        assert all(nothing_active(line.text) for line in lines)


@pytest.mark.parametrize("entity", ["&#27;", "&#x202E;", "&#x9b;", "&#8203;", "&ZeroWidthSpace;"])
def test_t10_an_entity_is_no_way_around(entity):
    lines = render_markdown(f"a {entity} `b` [{entity}](http://x/{entity})\n\n> {entity}", 60)

    assert all(nothing_active(line.text) for line in lines)


@pytest.mark.parametrize(
    "address",
    [
        *("vscode:extension/x", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x"),
        *("https://evil.example/?q=" + "s" * 200, "http://real.example"),
    ],
)
def test_t12_a_link_shows_where_it_really_leads(address):
    lines = render_markdown(f"[http://good.example]({address})", 80)
    shown = "".join(line.text for line in lines).replace(" ", "")

    assert address.replace(" ", "") in shown


def test_t12_a_picture_is_a_word_and_its_address():
    (line,) = render_markdown("![a chart](http://evil.example/x.png?secret)", 80)

    assert line.text == "image: a chart (http://evil.example/x.png?secret)"
    assert line.marks[0].target == LinkTarget(address="http://evil.example/x.png?secret")


async def test_t12_no_click_and_no_key_opens_a_link(monkeypatch):
    opened = []
    monkeypatch.setattr(App, "open_url", lambda *a, **k: opened.append(a))
    turns = [turn_of(1, "Go.", "See [here](https://evil.example/) and https://bare.example/.")]
    async with showing(ScriptedConversation(turns=turns)) as chat:
        row = next(n for n, line in enumerate(chat.text.split("\n")) if "here" in line)
        for column in range(0, 80, 2):
            await chat.pilot.click(offset=(column, row))
        for action in "care":
            await chat.press("ctrl+l", "a", action)

        assert opened == []
        assert chat.copied == "https://evil.example/"


def calls_outside_the_sinks():
    """Every call that could show foreign text as markup, outside the module of sinks."""
    for path in sorted(TUI.rglob("*.py")):
        if path.name == "sinks.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in {
                "Static",
                "Label",
                "Markdown",
                "notify",
                "from_markup",
                "open_url",
                "RichLog",
            }:
                yield f"{path.name}: {name}"


def test_t11_markup_can_only_be_made_in_the_module_of_sinks():
    assert list(calls_outside_the_sinks()) == []
