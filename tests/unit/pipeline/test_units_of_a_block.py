"""The first whole unit of a block is shown while the rest is generated, and extended on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.marked import CURSOR
from support.pipeline_editor import Editor, texts

BODY = f"class A:\n    x = 1\n\n    {CURSOR}\n"
ANSWER = "@property\n    def y(self):\n        return self.x\n\n    z = 2\n    w = 3\n"


@pytest.fixture
async def editor() -> AsyncIterator[Editor]:
    made = Editor(BODY)
    await made.router.check_now()
    yield made
    await made.completer.aclose()


async def shown_in_the_end(editor: Editor, *, after: str) -> str:
    """Ask until more is shown than `after`, which is what is shown until then."""
    while (shown := await editor.asked()) == [after]:
        pass
    return shown[0]


async def test_a_first_unit_that_a_rule_drops_is_followed_by_the_next(editor: Editor) -> None:
    """A decorator alone would be a syntax error; with its function it is a unit."""
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.say("@property\n    def y(self):\n")
    stream.say("        return self.x\n    ")

    assert texts(await task) == ["@property\n    def y(self):\n        return self.x"]
    assert not stream.closed.is_set(), "the rest is still generated"


async def test_asking_again_shows_what_has_become_whole_meanwhile(editor: Editor) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.say("a = 1\n    b = ")
    assert texts(await task) == ["a = 1"]
    assert await editor.asked() == ["a = 1"], "nothing more is whole yet"

    stream.say("2\n    c = f(\n")
    assert await shown_in_the_end(editor, after="a = 1") == "a = 1\n    b = 2"

    editor.type("a")
    stream.say("        3\n    )\n    d")
    assert (
        await shown_in_the_end(editor, after=" = 1\n    b = 2")
        == " = 1\n    b = 2\n    c = f(\n        3\n    )"
    )

    stream.say(" = 4\n")
    stream.end()
    await stream.closed.wait()
    assert (await editor.asked())[0].endswith("\n    d = 4")
    assert len(editor.server.streams) == 1


async def test_whoever_has_typed_all_of_it_is_shown_the_next_unit_before_the_end(
    editor: Editor,
) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.say("a = 1\n")
    await task
    for key in "a = 1":
        editor.type(key)
    waiting = editor.ask()
    stream.say("    b = 2\n")

    assert texts(await waiting) == ["\n    b = 2"]


def shown_for(pieces: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what is shown first, and in the end, for an answer that comes in pieces."""

    async def drive() -> tuple[list[str], list[str]]:
        editor = Editor(BODY)
        await editor.router.check_now()
        task = editor.ask()
        stream = await editor.server.started(1)
        for piece in pieces:
            stream.say(piece, -0.5)
            await asyncio.sleep(0)
        stream.end()
        first = texts(await task)
        await stream.closed.wait()
        last = await editor.asked()
        await editor.completer.aclose()
        return first, last

    return asyncio.run(drive())


@settings(max_examples=40, deadline=None)
@given(cuts=st.sets(st.integers(1, len(ANSWER) - 1)))
def test_any_split_of_the_stream_gives_the_same_items(cuts: set[int]) -> None:
    places = [0, *sorted(cuts), len(ANSWER)]
    pieces = [ANSWER[start:end] for start, end in pairwise(places)]
    first, last = shown_for(pieces)

    assert last == [ANSWER.rstrip("\n")]
    assert first in (["@property\n    def y(self):\n        return self.x"], last)
