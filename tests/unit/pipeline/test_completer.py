"""One stream at a time: joined while text agrees, closed when it diverges, reused afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from fimble.completion.planning import Trigger
from fimble.errors import EngineFailed, EngineTimeout, EngineUnavailable
from fimble.pipeline import engine_router
from fimble.pipeline.result import CompletionResult
from fimble.text.position import Position
from support.fake_engine import FakeStream
from support.marked import CURSOR
from support.pipeline_editor import Editor, texts


@pytest.fixture
async def editor() -> AsyncIterator[Editor]:
    made = Editor(f"total = 0\nvalue = {CURSOR}\nprint(value)\n")
    await made.router.check_now()
    yield made
    await made.completer.aclose()


async def test_a_suggestion_is_what_the_model_says_up_to_the_line_end(editor: Editor) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.say("compute(")
    stream.say("total)\nprint")

    assert texts(await task) == ["compute(total)"]
    await stream.closed.wait()


async def test_typing_through_costs_no_request_and_never_blanks(editor: Editor) -> None:
    editor.server.answers.append("compute(total)")
    await editor.ask()
    rest = "compute(total)"
    for key in "compute(tota":
        editor.type(key)
        rest = rest[1:]

        assert await editor.asked() == [rest]
    assert len(editor.server.streams) == 1


async def test_a_running_stream_is_joined_while_the_text_agrees(editor: Editor) -> None:
    first = editor.ask()
    stream = await editor.server.started(1)
    editor.type("com")
    first.cancel()
    second = editor.ask()
    stream.say("compute(to")
    editor.type("p")
    third = editor.ask()
    stream.say("tal)\n")

    assert texts(await second) == ["pute(total)"], "right for the version it was asked for"
    assert texts(await third) == ["ute(total)"]
    assert len(editor.server.streams) == 1


async def test_a_key_that_diverges_closes_the_stream_before_the_editor_asks(
    editor: Editor,
) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.say("compute(")
    editor.type("x")
    await stream.closed.wait()

    assert texts(await task) == []
    assert (await task).why.decision.startswith("superseded")


async def test_an_auto_closed_bracket_is_no_divergence_and_is_replaced(editor: Editor) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.say("compute(")
    editor.type("compute(", closers=")")
    joined = editor.ask()
    stream.say("total)\n")
    await task

    assert texts(await joined) == ["total)"]
    assert "value = compute(total)\nprint" in await editor.accept(joined)
    assert len(editor.server.streams) == 1


async def test_a_cancelled_request_that_nobody_follows_up_frees_the_slot(editor: Editor) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    task.cancel()

    await stream.closed.wait()


async def test_a_storm_of_requests_for_one_place_shares_one_stream(editor: Editor) -> None:
    tasks = [editor.ask(Trigger.INVOKED) for _ in range(20)]
    editor.type("z")
    last = editor.ask(Trigger.INVOKED)
    stream = await editor.server.started(1)
    stream.say("zip()\n")

    assert texts(await last) == ["ip()"]
    for task in tasks:
        assert texts(await task) == ["zip()"], "each is right for its own version"
    assert len(editor.server.streams) == 1


async def test_the_newest_request_wins_when_the_text_went_another_way(editor: Editor) -> None:
    tasks: list[asyncio.Task[CompletionResult]] = []
    for key in "abc":
        tasks.append(editor.ask(Trigger.INVOKED))
        stream = await editor.server.started(len(tasks))
        stream.say("something(")
        editor.type(key)
        await stream.closed.wait()
    last = editor.ask(Trigger.INVOKED)
    (await editor.server.started(4)).say("()\n")

    assert texts(await last) == ["()"]
    for task in tasks:
        assert texts(await task) == []


async def test_a_block_shows_its_first_line_and_accepting_asks_for_no_new_stream() -> None:
    editor = Editor(f"def f(a):\n    {CURSOR}\n")
    await editor.router.check_now()
    task = editor.ask()
    stream = await editor.server.started(1)
    assert stream.request.max_tokens == 256
    stream.say("b = a + 1\n    ret")

    assert texts(await task) == ["b = a + 1"]
    await editor.accept(task)
    second = editor.ask()
    stream.say("urn b\n")
    stream.end()

    assert texts(await second) == ["\n    return b"]
    assert len(editor.server.streams) == 1
    await editor.completer.aclose()


async def test_line_endings_of_the_document_are_kept() -> None:
    editor = Editor(f"def f(a):\r\n    {CURSOR}\r\n")
    await editor.router.check_now()
    editor.server.answers.append("b = a\n    return b\n")

    assert await editor.asked() == ["b = a\r\n    return b"]
    assert "\r" not in editor.server.streams[0].request.prompt
    await editor.completer.aclose()


@pytest.mark.parametrize("error", [EngineFailed("runner died"), EngineUnavailable("gone")])
async def test_a_failure_is_an_empty_answer_a_status_and_then_the_embedded_engine(
    editor: Editor, error: EngineFailed | EngineUnavailable
) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.fail(error)

    result = await task
    assert result.items == ()
    assert str(error) in result.why.decision
    assert editor.router.status.state in ("failing", "offline")
    editor.embedded.answers.append("local")
    assert await editor.asked() == ["local"]


async def test_what_the_embedded_engine_says_is_no_sign_that_the_servers_slot_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It answers while the server is looked at again: two timeouts are still two in a row."""
    monkeypatch.setattr(engine_router, "_FIRST_RETRY_S", 0.001)
    recovered = asyncio.Event()

    async def recover() -> None:
        recovered.set()

    editor = Editor(f"value = {CURSOR}\n", recover=recover)
    editor.router.start()
    await editor.router.settled()
    for number, key in enumerate("ab"):
        editor.type(key)
        asked = editor.ask(Trigger.INVOKED)
        stream = await editor.server.started(number + 1)
        editor.server.state = "failing"
        stream.fail(EngineTimeout("nothing came", stage="first token", deadline_s=60))
        await asked
        editor.type("_")
        editor.embedded.answers.append("local")
        assert await editor.asked(Trigger.INVOKED) == ["local"]
        editor.server.state = "ready"
        await editor.server.checked(editor.server.health_checks + 1)

    await recovered.wait()
    await editor.completer.aclose()


async def test_silence_where_suggestions_are_noise_unless_the_user_asks() -> None:
    editor = Editor(f"na{CURSOR}me = 1\n")
    await editor.router.check_now()
    assert await editor.asked() == []
    assert editor.server.streams == []

    editor.server.answers.append("x")
    await editor.asked(Trigger.INVOKED)
    assert len(editor.server.streams) == 1
    await editor.completer.aclose()


async def test_nothing_to_say_is_remembered(editor: Editor) -> None:
    editor.server.answers.append("")

    assert await editor.asked() == []
    assert await editor.asked() == []
    assert len(editor.server.streams) == 1


async def test_a_closed_document_ends_its_stream(editor: Editor) -> None:
    task = editor.ask()
    stream = await editor.server.started(1)
    editor.completer.document_closed(editor.snapshot.uri)

    await stream.closed.wait()
    assert texts(await task) == []


async def test_prompts_of_one_place_only_grow(editor: Editor) -> None:
    for key in "abc":
        editor.type(key)
        task = editor.ask(Trigger.INVOKED)
        stream = await editor.server.started(len(editor.server.streams) + 1)
        stream.say("\n")
        await task
    prompts = [stream.request.prompt for stream in editor.server.streams]

    assert prompts[1] == prompts[0] + "b"
    assert prompts[2] == prompts[1] + "c"


async def test_an_idle_model_goes_on_as_if_accepted_and_accepting_costs_no_wait() -> None:
    editor = Editor(f"def f(a):\n    b = {CURSOR}\n\nend = 1\n", idle_s=0.0)
    await editor.router.check_now()
    editor.server.answers.append("a + 1")
    shown = editor.ask()
    await shown
    first, ahead = editor.server.streams[0], await editor.server.started(2)
    assert ahead.request.prompt == first.request.prompt + "a + 1\n", "goes on from the line's end"

    editor.type("a")
    editor.type(" ")
    assert not ahead.closed.is_set(), "typing what is shown agrees with the prefetch"
    rest = editor.ask()
    assert texts(await rest) == ["+ 1"]
    ahead.say("    return b\n")
    ahead.end()
    await ahead.closed.wait()
    await editor.accept(rest)

    assert await editor.asked() == ["\n    return b"]
    assert len(editor.server.streams) == 2
    await editor.completer.aclose()


async def test_nothing_is_fetched_beyond_an_answer_that_the_model_has_ended() -> None:
    editor = Editor(f"def f(a):\n    {CURSOR}\n", idle_s=0.0)
    await editor.router.check_now()
    editor.server.answers.append("return a\n")
    shown = editor.ask()
    assert texts(await shown) == ["return a"]
    await editor.accept(shown)

    assert await editor.asked() == [], "it has said that nothing follows"
    await asyncio.sleep(0.01)
    assert len(editor.server.streams) == 1
    await editor.completer.aclose()


async def test_a_line_that_the_model_has_ended_is_not_asked_about_again(editor: Editor) -> None:
    editor.server.answers.append("compute()")
    await editor.ask()
    for key in "compute()":
        editor.type(key)
    end = await editor.ask()

    assert end.items == ()
    assert "nothing follows" in end.why.decision
    assert len(editor.server.streams) == 1
    editor.server.answers.append("  # twice")
    assert await editor.asked(Trigger.INVOKED) == ["  # twice"], "a key that is pressed asks"


async def test_a_header_that_the_model_has_ended_goes_on_with_its_block() -> None:
    editor = Editor(f"def first(a):\n    return a\n\ndef {CURSOR}\n")
    await editor.router.check_now()
    editor.server.answers.append("second(a):")
    await editor.ask()
    editor.type("second(a):")
    editor.server.answers.append("\n    return a\n")

    assert await editor.asked() == ["\n    return a"]
    assert [stream.request.max_tokens for stream in editor.server.streams] == [64, 256]
    await editor.completer.aclose()


async def test_suggestions_that_are_never_right_are_asked_for_ever_more_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    clock = [100.0]
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    editor = Editor(f"value = {CURSOR}\n", debounce_s=None, now=lambda: clock[0])
    await editor.router.check_now()
    monkeypatch.setattr(asyncio, "sleep", note)

    async def pause_after(keys: str, *, then: str) -> float:
        pauses.clear()
        editor.server.answers = [then]
        for key in keys:
            clock[0] += 0.2
            editor.type(key)
        await editor.ask()
        return max(pauses, default=0.0)

    wrong = [await pause_after(key, then="wrong") for key in "abcdefgh"]
    await pause_after("i", then="right")
    assert await pause_after("ri", then="") == 0.0, "foreseen"
    right = await pause_after("_", then="wrong")

    assert wrong[-1] > 1.5 * wrong[0]
    assert right <= wrong[0]
    await editor.completer.aclose()


async def test_what_was_said_beyond_what_is_shown_is_gone_on_from() -> None:
    """An answer that met its budget in the middle of a line: the slot holds all of it."""
    editor = Editor(f"def f(a):\n    b = a\n    {CURSOR}\n", idle_s=0.0)
    await editor.router.check_now()
    task = editor.ask()
    stream = await editor.server.started(1)
    stream.say("c = b\n    d = c\n    retu")
    stream.end(finish="length")
    assert texts(await task) == ["c = b\n    d = c"]
    ahead = await editor.server.started(2)

    assert ahead.request.prompt.endswith("    c = b\n    d = c\n    retu")
    ahead.say("rn d\n")
    ahead.end()
    await ahead.closed.wait()
    await editor.accept(task)
    assert await editor.asked() == ["\n    return d"]
    await editor.completer.aclose()


@pytest.mark.parametrize("blank", [" ", "\t"])
@pytest.mark.parametrize("says", ["{blank}return a\n", "return a\n"])
async def test_the_last_blank_of_an_indentation_is_left_to_the_model(blank: str, says: str) -> None:
    editor = Editor(f"def f(a):\n{blank}{blank}{CURSOR}\n")
    await editor.router.check_now()
    task = editor.ask()
    stream = await editor.server.started(1)
    assert stream.request.prompt.endswith(f"def f(a):\n{blank}")
    for character in says.format(blank=blank):
        stream.say(character)
    stream.end()

    assert texts(await task) == ["return a"]
    await editor.completer.aclose()


async def test_a_blank_that_is_no_indentation_is_sent(editor: Editor) -> None:
    editor.server.answers.append("1\n")
    await editor.ask()

    assert editor.server.streams[0].request.prompt.endswith("value = ")


async def test_a_diverging_key_ends_the_prefetch() -> None:
    editor = Editor(f"value = {CURSOR}\n", idle_s=0.0)
    await editor.router.check_now()
    editor.server.answers.append("one\n")
    await editor.asked()
    ahead = await editor.server.started(2)

    editor.type("x")

    await ahead.closed.wait()
    await editor.completer.aclose()


async def resting_at_another_place() -> tuple[Editor, FakeStream]:
    """Answer at one place, then rest inside a word far below; the hole there is being warmed."""
    editor = Editor(f"first = {CURSOR}\n" + "filler\n" * 20 + "second = 2\n", idle_s=0.0)
    await editor.router.check_now()
    editor.server.answers.append("1\n")
    await editor.asked()
    ahead = await editor.server.started(2)
    ahead.end()
    await ahead.closed.wait()
    editor.cursor = Position(21, 3)
    assert await editor.asked() == []
    return editor, await editor.server.started(3)


async def test_a_resting_cursor_has_its_place_warmed_behind_the_last_prompt() -> None:
    editor, warm = await resting_at_another_place()
    ahead = editor.server.streams[1].request.prompt

    assert warm.request.max_tokens == 1
    assert warm.request.prompt.startswith(editor.server.streams[0].request.prompt)
    assert "filler\n<|fim_middle|>" in warm.request.prompt.removeprefix(ahead)
    await editor.completer.aclose()
    assert warm.closed.is_set()


async def test_a_request_takes_the_slot_from_idle_work() -> None:
    editor, warm = await resting_at_another_place()
    editor.type("x")
    task = editor.ask(Trigger.INVOKED)
    (await editor.server.started(4)).say("yz\n")

    assert texts(await task) == ["yz"]
    assert warm.closed.is_set()
    await editor.completer.aclose()


@pytest.mark.parametrize(("logprob", "expected"), [(-0.1, ["compute(total)"]), (-3.0, [])])
async def test_an_unsure_model_is_kept_silent_where_the_user_wants_that(
    logprob: float, expected: list[str]
) -> None:
    editor = Editor(f"total = 0\nvalue = {CURSOR}\nprint(value)\n", min_mean_logprob=-1.0)
    await editor.router.check_now()
    task = editor.ask()
    stream = await editor.server.started(1)
    assert stream.request.logprobs
    stream.say("compute(total)", logprob)
    stream.end()

    assert texts(await task) == expected
    await editor.completer.aclose()
