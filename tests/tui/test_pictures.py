"""How the chat looks in every state, at two sizes, dark and light; a few in the terminal's own."""

from dataclasses import replace
from pathlib import Path

import pytest

from fimble.chat.events import (
    AnswerText,
    ServerState,
    ServerStatus,
    StatusChanged,
    StoreProblem,
    ThinkingText,
)
from fimble.chat.transcript import AnswerState, Attachment, AttachmentKind, Question
from support.chat_screen import showing, turn_of
from support.pictures import check_picture
from support.scripted_conversation import READY, ScriptedConversation

ANSWER = """\
`retry()` swallows the error of its **last** round, because `raise` stands *inside* the
loop; see src/shop/retry.py:41 and the [guide](https://docs.example.org/retry).

1. The loop catches everything.
2. It sleeps, even after the last attempt.
   - which costs two seconds
   - [x] and is easily left out

```python src/shop/retry.py
def retry(call, *, attempts: int = 3, pause_s: float = 0.5):
    \"\"\"Call until it succeeds.\"\"\"
    for attempt in range(attempts):
        try:
            return call()
        except ConnectionError:  # the only one worth another try
            if attempt + 1 == attempts:
                raise
            time.sleep(pause_s * 2**attempt)
```

| attempts | pause | total |
|---|--:|--:|
| 3 | 0.5 s | 1.5 s |
| 5 | 0.5 s | 15.5 s |

> Nothing changes for callers.
"""
QUESTION = replace(
    turn_of(1, "Why does retry() drop the last error?", ""),
    question=Question(
        text="Why does retry() drop the last error?",
        attachments=(
            Attachment(kind=AttachmentKind.FILE, label="src/shop/retry.py", text="x", tokens=412),
            Attachment(kind=AttachmentKind.DIFF, label="@diff", text="x", tokens=90, masked=1),
        ),
    ),
)
ASKED = (replace(QUESTION, answer=turn_of(1, "", ANSWER, thinking="A loop.\nIt ends.").answer),)
FOLLOW_UP = turn_of(2, "And with a deadline?", "Use `asyncio.timeout`.")

LOOKS = [
    (size, theme) for size in ((80, 24), (120, 40)) for theme in ("fimble-dark", "fimble-light")
]


def status(state, **more):
    return ServerStatus(state=state, model="qwen3.6:27b", **more)


async def nothing(chat, conversation):
    pass


async def stream(chat, conversation):
    conversation.gate.clear()
    await chat.ask("How do I test it?")
    turn_id = conversation.turns[-1].turn_id
    conversation.tell(StatusChanged(status(ServerState.ANSWERING, context_tokens=16384)))
    conversation.tell(ThinkingText(turn_id, "They want a test.\nA fake clock would do."))
    text = "With a clock of your own:\n\n```python\ndef test_it_waits():\n    clock = FakeC"
    conversation.tell(AnswerText(turn_id, text))
    await chat.ask("And in Go?")
    await chat.shows("FakeC")


async def read(chat, conversation):
    conversation.gate.clear()
    await chat.ask("How do I test it?")
    conversation.tell(StatusChanged(status(ServerState.READING, context_tokens=16384)))
    await chat.shows("reading the prompt · 0 s")


async def press(chat, *keys):
    await chat.press(*keys)


async def unfold(chat, conversation):
    await chat.press("ctrl+up", "up", "t", "ctrl+home")
    await chat.shows("A loop.")


async def letters(chat, conversation):
    await chat.press("ctrl+l")
    await chat.shows("press a letter")


async def chosen(chat, conversation):
    await chat.press("ctrl+l", "a")
    await chat.shows("c copy")


async def marked(chat, conversation):
    await chat.press("ctrl+up")
    await chat.pilot.pause()


async def help_page(chat, conversation):
    await chat.press("f1")
    await chat.shows("Writing")


async def scrolled_away(chat, conversation):
    conversation.gate.clear()
    await chat.ask("How do I test it?")
    await chat.press("pageup")
    conversation.tell(AnswerText(conversation.turns[-1].turn_id, "With a clock."))
    chat.view.refresh()
    await chat.shows("more below")


async def full_disk(chat, conversation):
    conversation.tell(StoreProblem("The disk is full: this conversation is kept in memory only."))
    await chat.shows("The disk is full")


def ended(state, problem=""):
    return (*ASKED, turn_of(2, "Go on.", "It begins", state=state, problem=problem))


STATES = {
    "first-run": ((), READY, nothing),
    "first-run-offline": ((), status(ServerState.OFFLINE), nothing),
    "first-run-model-missing": ((), status(ServerState.MODEL_MISSING), nothing),
    "first-run-loading": ((), status(ServerState.LOADING), nothing),
    "conversation": (ASKED, READY, nothing),
    "spilled": (ASKED, status(ServerState.READY, spilled_share=0.31), nothing),
    "failing": (ASKED, status(ServerState.FAILING), nothing),
    "reading": (ASKED, READY, read),
    "streaming": (ASKED, READY, stream),
    "scrolled-away": ((*ASKED, FOLLOW_UP), READY, scrolled_away),
    "thoughts": ((*ASKED, FOLLOW_UP), READY, unfold),
    "letters": (ASKED, READY, letters),
    "letter-chosen": (ASKED, READY, chosen),
    "turn-marked": ((*ASKED, FOLLOW_UP), READY, marked),
    "stopped": (ended(AnswerState.STOPPED), READY, nothing),
    "cut": (ended(AnswerState.CUT, "The connection was lost."), READY, nothing),
    "full": (ended(AnswerState.LENGTH), READY, nothing),
    "failed": (ended(AnswerState.FAILED, "The model server is out of memory."), READY, nothing),
    "disk-full": (ASKED, READY, full_disk),
    "help": (ASKED, READY, help_page),
}


async def look(name, size, theme):
    turns, server, act = STATES[name]
    conversation = ScriptedConversation(turns=turns, status=server)
    async with showing(
        conversation, size=size, theme=theme, workspace=Path("/home/me/src/shop")
    ) as chat:
        chat.prompt.cursor_blink = False
        await act(chat, conversation)
        await chat.priced()
        await chat.pilot.pause()
        width, height = size
        check_picture(chat.app, f"{name}-{theme.removeprefix('fimble-')}-{width}x{height}")
        conversation.gate.set()


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("name", STATES)
async def test_it_looks_as_it_did(name, size, theme):
    await look(name, size, theme)


@pytest.mark.parametrize("theme", ["fimble-ansi-dark", "fimble-ansi-light"])
@pytest.mark.parametrize("name", ["conversation", "first-run-offline", "letters"])
async def test_it_looks_as_it_did_in_the_terminals_colours(name, theme):
    await look(name, (80, 24), theme)


async def test_the_widest_screen_keeps_lines_readable():
    await look("conversation", (200, 60), "fimble-dark")
