"""How the prompt, its popups, the meter and the X-ray look in every state."""

from pathlib import Path

import pytest
from textual import events

from fimble.chat.transcript import Attachment, AttachmentKind
from fimble.context.index.candidates import Candidate
from fimble.conversation.context_reader import Gathered
from fimble.prompting.catalogue import PromptLayer, PromptSource, read_entry
from fimble.prompting.variables import Kind
from support.chat_screen import showing, turn_of
from support.pictures import check_picture
from support.prompting import GUARDS
from support.scripted_conversation import ScriptedConversation, ScriptedDrafting

CODE = "def retry(call, *, attempts: int = 3):\n    for attempt in range(attempts):\n" * 4
CANDIDATES = tuple(
    Candidate(kind=kind, label=label, detail=detail, mention_text=f"@{label}", tokens=tokens)
    for kind, label, detail, tokens in (
        ("file", "src/shop/retry.py", "in src/shop/", 412),
        ("function", "retry", "def retry(call, *, attempts: int = 3, pause_s: float = 0.5)", 96),
        ("class", "RetryPolicy", "class RetryPolicy in src/shop/policy.py", 1204),
        ("file", "docs/[@click=app.quit]retry[/x].md", "in docs/", 33),
        ("dir", "tests/retry/", "in tests/", None),
    )
)
ATTACHED = (
    Attachment(
        kind=AttachmentKind.FILE, label="src/shop/retry.py", text=CODE, tokens=412, masked=1
    ),
    Attachment(kind=AttachmentKind.FILE, label="src/[/x].py", text="MARKUP = 1\n", tokens=9),
)
HUGE = tuple(
    Attachment(kind=AttachmentKind.FILE, label=f"src/shop/{name}.py", text="x", tokens=tokens)
    for name, tokens in (("cart", 1810), ("catalogue", 9200), ("checkout", 12400), ("retry", 412))
)
TEMPLATE = """\
---
schema: 1
name: port
description: Port the selected code to another language.
kind: chat
inputs:
  target: {type: string, enum: [Rust, Go, TypeScript, Zig], hint: the language to port to}
  tests: {type: boolean, default: "true", hint: port its tests as well}
  minutes: {type: integer, hint: how long it may take}
---
Port to ${inputs.target} in ${inputs.minutes} minutes, tests ${inputs.tests}.
"""
LOOKS = [
    (size, theme) for size in ((80, 24), (120, 40)) for theme in ("fimble-dark", "fimble-light")
]


def drafting():
    source = PromptSource(
        layer=PromptLayer.USER, kind=Kind.CHAT, name="port", origin="port.prompt.md", text=TEMPLATE
    )
    return ScriptedDrafting(
        gathered=Gathered(attachments=ATTACHED),
        candidates=CANDIDATES,
        prompts=(read_entry(source, GUARDS),),
        past=("Why does [/x] fail?", "/review @src/shop/cart.py", "How long\nis a\npiece?"),
    )


async def mention(chat, conversation):
    await chat.press(*"Why does @retry")
    await chat.shows("RetryPolicy")


async def command(chat, conversation):
    await chat.press("/", "p")
    await chat.shows("/port")


async def attached(chat, conversation):
    await chat.press(*"Why does @src/shop/retry.py ", "ctrl+j", *"drop the last error?")
    dock = chat.screen.query_one("#dock")
    await chat.until(lambda: dock.draft.attachments)


async def chip(chat, conversation):
    await chat.press(*"What is this? ")
    chat.prompt.post_message(events.Paste("Traceback (most recent call last):\n" * 1234))
    await chat.shows("[Pasted 1,234 lines]")


async def refused(chat, conversation):
    problem = "@src/[/x].py: nothing in this workspace has that name. Tab completes a mention."
    conversation.drafting.gathered = Gathered(problems=(problem,))
    await chat.ask("See @src/[/x].py")
    await chat.shows("sends it as it is")


async def past(chat, conversation):
    await chat.press("ctrl+r")
    await chat.shows("3 of 3 questions")
    chat.app.screen.query_one("#past-words").cursor_blink = False


async def form(chat, conversation):
    await chat.ask("/port @src/shop/retry.py")
    await chat.shows("ctrl+s sends")
    for field in chat.app.screen.query("Input"):
        field.cursor_blink = False
    await chat.press("right", "right", "enter", "enter", "enter")
    await chat.shows("minutes is needed")


async def over_budget(chat, conversation):
    conversation.drafting.gathered = Gathered(attachments=HUGE)
    await chat.ask("Why does @src/shop/ fail?")
    await chat.shows("space takes off")
    await chat.press("down", "space")
    await chat.shows("too many")


async def xray(chat, conversation):
    await attached(chat, conversation)
    await chat.press("f4")
    await chat.shows("secret masked")


async def xray_dropped(chat, conversation):
    await xray(chat, conversation)
    await chat.press("space")
    await chat.shows("stays behind")


STATES = {
    act.__name__.replace("_", "-"): act
    for act in (
        mention, command, attached, chip, refused, past, form, over_budget, xray, xray_dropped,
    )
}  # fmt: skip


async def look(name, size, theme):
    conversation = ScriptedConversation(
        turns=[turn_of(1, "Is it fine?", "It is **fine**.")], drafting=drafting()
    )
    async with showing(
        conversation, size=size, theme=theme, workspace=Path("/home/me/src/shop")
    ) as chat:
        chat.prompt.cursor_blink = False
        await chat.until(lambda: chat.screen.query_one("#dock")._prompts)
        await STATES[name](chat, conversation)
        await chat.priced()
        await chat.pilot.pause()
        width, height = size
        check_picture(chat.app, f"prompt-{name}-{theme.removeprefix('fimble-')}-{width}x{height}")


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("name", STATES)
async def test_it_looks_as_it_did(name, size, theme):
    await look(name, size, theme)


@pytest.mark.parametrize("name", ["mention", "xray", "over-budget"])
async def test_it_looks_as_it_did_in_the_terminals_colours(name):
    await look(name, (80, 24), "fimble-ansi-dark")
