"""How the preview of a change and the lists of sessions and models look."""

import pytest

from fimble.chat.transcript import Answer, AnswerState, Question
from support.chat_desk import at_desk
from support.pictures import check_picture
from support.stub_ollama import StubModel

SHOP = '''\
"""Prices of a basket."""

from decimal import Decimal


def total(items):
    """Add up what the items cost."""
    result = 0
    for item in items:
        result += item.price
    return result


def label(name):
    return name.title()


def count(items):
    return len(items)
'''
NEW = (
    SHOP.replace("result = 0", 'result = Decimal("0.00")')
    .replace("item.price", "item.price * item.quantity")
    .replace("return name.title()", "return name.strip().title()")
)
SIZES = [(80, 24), (120, 40)]
THEMES = ["fimble-dark", "fimble-light"]


def block(text, path="src/shop.py"):
    return f"Here it is:\n\n```python {path}\n{text}```\n"


async def preview(desk, *keys):
    await desk.ask("Change it.")
    await desk.apply_block()
    await desk.chat.shows("staged")
    await desk.press(*keys)
    await desk.chat.pilot.pause()


async def hunks(desk):
    await preview(desk, "down", "down", "space")
    await desk.chat.shows("2 of 3 hunks staged")


async def errors(desk):
    await preview(desk, "enter")
    await desk.chat.shows("Press w")


async def protected(desk):
    await preview(desk, "enter")
    await desk.chat.shows("Type its whole path")
    desk.chat.app.screen.query_one("#dialog-line").cursor_blink = False


async def which_file(desk):
    await desk.ask("Change it.")
    await desk.apply_block()
    await desk.chat.shows("src/shop.py")
    desk.chat.app.screen.query_one("#file-name").cursor_blink = False


async def sessions(desk):
    for number, (name, folder) in enumerate(
        [("Why does retry() drop the last error?", ""), ("A name for prices", "/src/other")]
    ):
        session = desk.store.create(folder or str(desk.workspace), model="qwen3.6:27b").session_id
        turn = desk.store.begin_turn(session, Question(text=name), parent=None)
        text = f"It is the loop, line {number}.\n\n```python\nloop()\n```\n"
        answer = Answer(text=text, state=AnswerState.FINISHED, model="qwen3.6:27b")
        desk.store.end_turn(turn.turn_id, answer)
    await desk.press("ctrl+o")
    await desk.chat.shows("Why does")


async def search(desk):
    await sessions(desk)
    await desk.press("slash", *"loop has:code", "enter")
    await desk.chat.shows("›")
    await desk.chat.until(lambda: len(desk.chat.app.screen._rows) == 2)


async def delete(desk):
    await sessions(desk)
    await desk.press("d")
    await desk.chat.shows("for good")


async def models(desk):
    await desk.ask("Hello?")
    await desk.press("f2")
    await desk.chat.shows("in memory")


async def pulling(desk):
    desk.stub.hold_pulls(25)
    await models(desk)
    await desk.press("p")
    await desk.chat.shows("Pull which")
    desk.chat.app.screen.query_one("#dialog-line").value = "qwen3-coder:30b"
    await desk.press("enter")
    await desk.chat.shows("25%")
    pull = desk.chat.app.screen._pull
    await pull.stop()
    await desk.chat.shows("stopped at")


STATES = {
    "apply-hunks": ({"Change it.": block(NEW)}, hunks),
    "apply-errors": ({"Change it.": block(NEW.replace("len(items)", "len(items"))}, errors),
    "apply-new-file": ({"Change it.": block(NEW, "src/prices.py")}, preview),
    "apply-protected": ({"Change it.": block("x = 1\n", ".github/tool.py")}, protected),
    "apply-which-file": ({"Change it.": "```python\nx = 1\n```\n"}, which_file),
    "sessions": ({}, sessions),
    "sessions-search": ({}, search),
    "sessions-delete": ({}, delete),
    "models": ({}, models),
    "models-pull": ({}, pulling),
}
MODELS = (
    StubModel(vram_share=0.69),
    StubModel(name="tiny:1b", parameter_size="1.2B", size_bytes=1_300_000_000, family="llama"),
    StubModel(name="gpt-oss:120b-cloud", size_bytes=384),
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", STATES)
async def test_it_looks_as_it_did(tmp_path, name, theme, size):
    replies, act = STATES[name]
    place = tmp_path / "home" / "src" / "shop" / "src" / "shop.py"
    place.parent.mkdir(parents=True)
    place.write_text(SHOP)
    async with at_desk(
        tmp_path,
        replies,
        size=size,
        theme=theme,
        models=MODELS,
        place="home/src/shop",
    ) as desk:
        await act(desk)
        await desk.chat.pilot.pause()
        width, height = size
        check_picture(desk.chat.app, f"{name}-{theme.removeprefix('fimble-')}-{width}x{height}")
