"""`--why` for what was not shown: every way to an empty answer says which it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from fimble.completion.planning import Trigger
from fimble.errors import EngineFailed
from fimble.pipeline.result import CompletionResult
from support.marked import CURSOR
from support.pipeline_editor import Editor

PLACE = f"total = 0\nvalue = {CURSOR}\nprint(value)\n"


@pytest.fixture
async def editor() -> AsyncIterator[Editor]:
    made = Editor(PLACE, min_mean_logprob=-1.0)
    await made.router.check_now()
    yield made
    await made.completer.aclose()


async def why(asked: asyncio.Task[CompletionResult]) -> str:
    """Return the decision of an empty answer; it is the first line that `--why` prints."""
    result = await asked
    assert result.items == ()
    assert result.why.lines()[0] == f"decision: {result.why.decision}"
    return result.why.decision


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f"na{CURSOR}me = 1\n", "the cursor is inside a word"),
        (f"f(\n    1,\n){CURSOR}\n", "the line is only closing brackets"),
        (f'x = "some {CURSOR} words"\n', "the cursor is inside a string with text after it"),
        (f"# some {CURSOR} words\n", "the cursor is inside a comment with text after it"),
    ],
)
async def test_the_planner_said_no(source: str, reason: str) -> None:
    editor = Editor(source)
    await editor.router.check_now()

    assert await why(editor.ask()) == f"skipped: {reason}"

    editor.server.answers.append("x()")
    by_key = await editor.ask(Trigger.INVOKED)
    assert by_key.why.while_typing == reason
    assert f"while typing: not asked, {reason}" in by_key.why.lines()
    await editor.completer.aclose()


async def test_a_request_that_typing_would_make_too_says_nothing_of_it(editor: Editor) -> None:
    editor.server.answers.append("x()")

    assert (await editor.ask(Trigger.INVOKED)).why.while_typing == ""


async def test_the_pause_was_not_over_when_the_next_key_came() -> None:
    editor = Editor(PLACE, debounce_s=3_600.0)
    await editor.router.check_now()
    waiting = editor.ask()
    await asyncio.sleep(0)
    editor.type("x")
    asked = editor.ask(Trigger.INVOKED)
    (await editor.server.started(1)).say("yz\n")
    await asked
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(editor.server.streams) == 1
    await editor.completer.aclose()


async def test_a_newer_request_came_while_it_waited_for_its_turn() -> None:
    editor = Editor(PLACE, debounce_s=0.01)
    await editor.router.check_now()
    waiting = editor.ask()
    await asyncio.sleep(0)
    editor.type("x")
    asked = editor.ask(Trigger.INVOKED)
    (await editor.server.started(1)).say("yz\n")
    await asked

    assert await why(waiting) == "superseded by a newer request"
    assert (await waiting).why.waited_s > 0
    await editor.completer.aclose()


async def test_the_text_went_another_way(editor: Editor) -> None:
    asked = editor.ask()
    stream = await editor.server.started(1)
    stream.say("compute(", -0.1)
    editor.type("x")

    assert await why(asked) == "superseded: the text went another way"
    assert (await asked).why.prompt, "what was sent is part of the answer"


async def test_a_rule_dropped_it_and_is_named_now_and_when_asked_again(editor: Editor) -> None:
    asked = editor.ask()
    (await editor.server.started(1)).say("comp\u202eute()\n", -0.1)

    assert await why(asked) == "dropped: hidden character U+202E (bidirectional control)"
    assert (await asked).why.rules[-1].rule == "drop_hidden_characters"
    again = editor.ask()
    assert await why(again) == (await asked).why.decision
    assert (await again).why.reused == "a kept suggestion"


async def test_the_gate_was_not_passed(editor: Editor) -> None:
    asked = editor.ask()
    (await editor.server.started(1)).say("compute()\n", -3.0)

    assert await why(asked) == "dropped: mean log-probability -3.00 is below -1.00"
    assert (await asked).why.rules[-1].rule == "gate_by_logprob"


async def test_only_tokens_that_would_be_shown_pass_the_gate(editor: Editor) -> None:
    asked = editor.ask()
    stream = await editor.server.started(1)
    stream.say("compute()", -0.1)
    stream.say("\nprint(", -9.0)

    assert [item.text for item in (await asked).items] == ["compute()"]


async def test_the_model_had_nothing_to_add(editor: Editor) -> None:
    editor.server.answers.append("")

    assert await why(editor.ask()) == "dropped: the model had nothing to add"


async def test_the_server_failed(editor: Editor) -> None:
    asked = editor.ask()
    (await editor.server.started(1)).fail(EngineFailed("The runner died."))

    assert await why(asked) == "failed: The runner died."


async def test_nobody_can_answer() -> None:
    editor = Editor(PLACE, kind="ollama")
    editor.server.state = "offline"
    await editor.router.check_now()

    assert await why(editor.ask()) == "no engine can answer"
    await editor.completer.aclose()


async def test_the_embedded_engine_is_not_sure() -> None:
    editor = Editor(PLACE, kind="embedded")
    editor.embedded.answers.append("")

    assert await why(editor.ask()) == "nothing: the embedded engine is not sure of anything here"
    await editor.completer.aclose()
