"""A conversation over real HTTP: nothing that was asked or said is lost, and prompts only grow."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest

from fimble.chat.events import (
    BranchChanged,
    QueueChanged,
    ServerState,
    StoreProblem,
)
from fimble.chat.transcript import AnswerState, Attachment, AttachmentKind, PromptUse, Question
from fimble.errors import EngineNotLocalError, FimbleError
from support.chatting import chatting, conversing, question
from support.stub_ollama import StubOllama
from support.stub_ollama.faults import InStream, busy, close_before_headers, http_error
from support.stub_ollama.script import Script, StubModel, Timing

LONG = "".join(f"word{number} " for number in range(200))
REPLIES = {"Hello?": "Hi there.", "Why?": "Because of that.", "Long?": LONG}


def script(**timing: float) -> Script:
    return Script(answer=conversing(REPLIES), timing=Timing(**timing))


async def test_an_answer_streams_is_stored_and_comes_back_after_a_restart(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Hello?"))
            turn = await heard.ended()

            assert heard.text == turn.answer.text == "Hi there."
            assert chat.status.state is ServerState.READY
            assert turn.answer.state is AnswerState.FINISHED
            assert turn.answer.model == "qwen3.6:27b"
            assert turn.answer.statistics.generated_tokens > 0
            assert chat.session.name == "Hello?"
            session = chat.session.session_id
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.resume(session)
            (again,) = chat.turns
            assert again.answer == turn.answer
            assert again.question.expanded == "Hello?"
            assert again.question.prompt == PromptUse(
                name="chat/ask", template_digest=turn.question.prompt.template_digest
            )


async def test_each_prompt_is_the_last_one_its_answer_and_the_new_question(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            for count, asked in enumerate(("Hello?", "Why?", "Hello?"), 1):
                chat.ask(question(asked))
                await heard.ended(count)
        first, *later = [it for it in stub.generations if it.evaluated_tokens]
        prompts = [it.prompt for it in stub.generations]
        assert all(b.startswith(a) for a, b in itertools.pairwise(prompts))
        assert first.evaluated_tokens > 200
        assert max(it.evaluated_tokens for it in later) < 60
        assert stub.reloads == 0


async def test_a_long_answer_is_generated_in_segments_that_continue_each_other(
    tmp_path: Path,
) -> None:
    with StubOllama(script(per_generated_token_s=0.0005)) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Long?"))
            turn = await heard.ended()

    assert turn.answer.text == LONG
    assert turn.answer.statistics.segments == len(stub.generations) > 1


async def test_without_slicing_it_is_one_request(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path, time_slicing=False) as (chat, heard):
            chat.ask(question("Long?"))
            turn = await heard.ended()

    assert turn.answer.text == LONG
    assert len(stub.generations) == 1


async def test_another_family_is_asked_through_the_server_s_own_template(tmp_path: Path) -> None:
    model = StubModel(name="llama3:8b", family="llama", cache="dense", capabilities=("completion",))
    with StubOllama(Script(answer=lambda _: "Yes.", models=(model,))) as stub:
        async with chatting(stub, tmp_path, model="llama3:8b") as (chat, heard):
            chat.ask(question("Hello?"))
            turn = await heard.ended()

    assert turn.answer.text == "Yes."
    assert [it.path for it in stub.generations] == ["/api/chat"]


async def test_thoughts_are_told_apart_and_left_out_of_the_next_prompt(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path, think=True) as (chat, heard):
            chat.ask(question("Hello?"))
            turn = await heard.ended()
            chat.ask(question("Why?"))
            await heard.ended(2)

    assert (turn.answer.thinking.strip(), turn.answer.text) == ("Let me see.", "Hi there.")
    assert "Let me see." not in stub.generations[-1].prompt


async def test_stopping_keeps_what_came_and_carrying_on_completes_it(tmp_path: Path) -> None:
    with StubOllama(script(per_generated_token_s=0.002)) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Long?"))
            await heard.came("word20 ")
            await chat.stop()
            stopped = await heard.ended()

            assert stopped.answer.state is AnswerState.STOPPED
            assert LONG.startswith(stopped.answer.text)
            assert chat.keeper.store is not None
            assert chat.keeper.store.turns(chat.session.session_id) == (stopped,)

            chat.carry_on()
            whole = await heard.ended(2)
            assert whole.turn_id == stopped.turn_id
            assert whole.answer.text == LONG
            assert chat.keeper.store.turns(chat.session.session_id)[0].answer.text == LONG


async def test_questions_wait_their_turn_and_one_can_be_taken_back(tmp_path: Path) -> None:
    with StubOllama(script(per_generated_token_s=0.002)) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Long?"))
            chat.ask(question("Oops?"))
            chat.ask(question("Why?"))
            assert [it.text for it in chat.waiting][-2:] == ["Oops?", "Why?"]
            await heard.came("word1 ")

            taken = chat.take_back(0)
            await chat.stop()
            turn = await heard.ended(2)

            assert taken.text == "Oops?"
            assert turn.answer.text == "Because of that."
            assert [it.question.text for it in chat.turns] == ["Long?", "Why?"]
            assert any(isinstance(it, QueueChanged) for it in heard.events)


async def test_a_question_that_finds_no_server_is_kept_and_sent_when_it_is_back(
    tmp_path: Path,
) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            with stub.down():
                chat.ask(question("Hello?"))
                await heard.until(lambda: chat.status.state is ServerState.OFFLINE or None)
                assert chat.busy
            await chat.look_at_server()
            turn = await heard.ended()

    assert turn.answer.text == "Hi there."


async def test_a_missing_model_is_a_status_and_another_one_answers(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path, model="nothere:1b") as (chat, heard):
            chat.ask(question("Hello?"))
            await heard.until(lambda: chat.status.state is ServerState.MODEL_MISSING or None)
            assert "ollama pull nothere:1b" in chat.status.message

            await chat.switch_model("qwen3.6:27b")
            turn = await heard.ended()

    assert turn.answer.text == "Hi there."
    assert turn.answer.model == "qwen3.6:27b"


async def test_a_cloud_model_is_refused(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, _):
            with pytest.raises(EngineNotLocalError):
                await chat.switch_model("kimi-k2:1t-cloud")
            assert chat.model == "qwen3.6:27b"


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (InStream(name="end", after_tokens=3, action="end"), AnswerState.CUT),
        (InStream(name="reset", after_tokens=3, action="reset"), AnswerState.CUT),
        (InStream(name="oom", after_tokens=3, action="oom"), AnswerState.CUT),
        (http_error(500, "boom"), AnswerState.FAILED),
    ],
)
async def test_f06_a_broken_answer_keeps_what_came_says_why_and_the_next_one_works(
    tmp_path: Path, fault: InStream, state: AnswerState
) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            stub.inject(fault)
            chat.ask(question("Long?"))
            broken = await heard.ended()
            chat.ask(question("Hello?"))
            healthy = await heard.ended(2)

    assert broken.answer.state is state
    assert LONG.startswith(broken.answer.text)
    assert broken.answer.problem
    assert bool(broken.answer.text) is (state is AnswerState.CUT)
    assert healthy.answer.text == "Hi there."


async def test_a_server_that_seems_well_and_answers_nothing_is_given_up_with_the_reason(
    tmp_path: Path,
) -> None:
    """A question waits for a server that comes back, not for one that fails at each question."""
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            stub.inject(close_before_headers(), times=None)
            chat.ask(question("Hello?"))
            ending = asyncio.create_task(heard.ended())
            while not ending.done():
                await chat.look_at_server()
            failed = await ending
            stub.heal()
            chat.ask(question("Hello?"))
            healthy = await heard.ended(2)

    assert failed.answer.state is AnswerState.FAILED
    assert failed.answer.problem
    assert healthy.answer.text == "Hi there."


async def test_what_waits_is_told_whenever_it_is_less(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Hello?"))
            chat.ask(question("Why?"))
            await heard.ended(2)

    told = [event.waiting for event in heard.events if isinstance(event, QueueChanged)]
    assert [len(waiting) for waiting in told] == [2, 1, 0]


async def test_a_full_queue_at_the_server_is_waited_out(tmp_path: Path) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            stub.inject(busy())
            chat.ask(question("Hello?"))
            turn = await heard.ended()

    assert turn.answer.text == "Hi there."


async def test_regenerating_rewinding_and_forking_leave_the_old_turns_in_the_store(
    tmp_path: Path,
) -> None:
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Hello?"))
            first = await heard.ended()
            chat.ask(question("Why?"))
            second = await heard.ended(2)

            chat.regenerate(second.turn_id)
            third = await heard.ended(3)
            assert third.parent == first.turn_id
            assert third.turn_id != second.turn_id

            asked = chat.rewind(third.turn_id)
            assert asked.text == "Why?"
            assert asked.expanded == ""
            assert chat.turns == (first,)
            assert isinstance(heard.events[-1], BranchChanged)

            old = chat.session.session_id
            fork = chat.fork(first.turn_id)
            assert fork.session_id != old
            assert chat.turns == (first,)
            assert chat.keeper.store is not None
            assert chat.keeper.store.turn(second.turn_id) == second


async def test_nothing_is_rewound_while_an_answer_comes(tmp_path: Path) -> None:
    with StubOllama(script(per_generated_token_s=0.01)) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            turn = chat.ask(question("Long?"))
            await heard.came("word1 ")
            for act in (chat.rewind, chat.regenerate, chat.fork):
                with pytest.raises(FimbleError, match="being written"):
                    act(turn.turn_id)
            await chat.stop()


async def test_the_meter_prices_a_draft_and_says_what_is_reused(tmp_path: Path) -> None:
    shop = Attachment(
        kind=AttachmentKind.FILE, label="shop.py", text="SKU = 1\n" * 50, language="python"
    )
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            draft = Question(text="Why?", attachments=(shop,))
            await heard.until(lambda: chat.meter(draft).exact or None)
            cold = chat.meter(draft)
            chat.ask(draft)
            await heard.ended()
            warm = chat.meter(question("Hello?"))

    assert "shop.py" in [it.name for it in cold.segments]
    assert cold.to_be_read == cold.tokens
    assert warm.to_be_read < 20 < cold.tokens < warm.tokens
    assert warm.exact
    assert warm.counted_by == "the tokenizer of qwen3.6:27b"
    assert cold.over == 0


async def test_a_question_that_cannot_fit_says_by_how_much(tmp_path: Path) -> None:
    book = Attachment(kind=AttachmentKind.FILE, label="book", text="word " * 40_000)
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            draft = Question(text="Why?", attachments=(book,))
            assert chat.meter(draft).over > 10_000
            chat.ask(draft)
            turn = await heard.ended()

    assert turn.answer.state is AnswerState.FAILED
    assert "context window" in turn.answer.problem
    assert stub.generations == []


async def test_an_answer_that_fills_the_window_ends_there_and_is_no_failure(tmp_path: Path) -> None:
    endless = Script(answer=conversing({"Long?": LONG * 20}))
    book = Attachment(kind=AttachmentKind.FILE, label="book", text="word " * 10_900)
    with StubOllama(endless) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(Question(text="Long?", attachments=(book,)))
            turn = await heard.ended()

    assert turn.answer.state is AnswerState.LENGTH
    assert turn.answer.problem == ""
    assert len(turn.answer.text) > 100
    assert all(it.truncated_tokens == 0 for it in stub.generations)


async def test_a_template_is_used_by_name_with_what_was_mentioned(tmp_path: Path) -> None:
    code = Attachment(
        kind=AttachmentKind.FILE,
        label="shop.py:1-2",
        text="def f():\n    pass\n",
        language="python",
    )
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(Question(text="", attachments=(code,), prompt=PromptUse(name="chat/explain")))
            turn = await heard.ended()
            chat.ask(Question(text="", prompt=PromptUse(name="chat/explain")))
            bare = await heard.ended(2)
            chat.ask(Question(text="", prompt=PromptUse(name="chat/expalin")))
            unknown = await heard.ended(3)

    assert "The file is `shop.py`." in turn.question.expanded
    assert "def f():" in turn.question.expanded
    assert turn.question.system.startswith("You explain code")
    assert bare.answer.state is AnswerState.FAILED
    assert "/explain @src/file.py:10-40" in bare.answer.problem
    assert "explain" in unknown.answer.problem


async def test_f20_a_store_that_fails_is_told_once_and_catches_up(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("a file where the folder should be")
    with StubOllama(script()) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Hello?"))
            await heard.ended()
            problems = [it for it in heard.events if isinstance(it, StoreProblem)]
            assert len(problems) == 1
            assert "memory" in problems[0].sentence

            state.unlink()
            chat.ask(question("Why?"))
            turn = await heard.ended(2)
            assert turn.answer.text == "Because of that."
            assert chat.keeper.complete
            assert chat.keeper.store is not None
            stored = chat.keeper.store.turns(chat.session.session_id)
            assert [it.question.text for it in stored] == ["Hello?", "Why?"]
            assert heard.events.count(StoreProblem("")) == 1


async def test_a_completion_that_waits_is_served_within_one_segment(tmp_path: Path) -> None:
    """On the one slot, also when the completion comes from somewhere else."""
    from fimble.engine.ollama.client import OllamaEngine  # noqa: PLC0415
    from fimble.engine.protocol import GenerateRequest  # noqa: PLC0415
    from support.chatting import chat_settings  # noqa: PLC0415

    with StubOllama(script(per_generated_token_s=0.004)) as stub:
        editor = OllamaEngine(chat_settings(stub.url).ollama)
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Long?"))
            await heard.came("word10 ")
            async for _ in editor.generate(GenerateRequest(prompt="x = ", max_tokens=4)):
                pass
            assert chat.busy
            turn = await heard.ended()
        await editor.aclose()

    assert turn.answer.text == LONG
    order = [it.prompt == "x = " for it in stub.generations]
    assert True in order[1:-1]


async def test_closing_while_an_answer_comes_keeps_it(tmp_path: Path) -> None:
    with StubOllama(script(per_generated_token_s=0.01)) as stub:
        async with chatting(stub, tmp_path) as (chat, heard):
            chat.ask(question("Long?"))
            await heard.came("word3 ")
            session = chat.session.session_id
        async with chatting(stub, tmp_path) as (chat, _):
            chat.resume(session)
            answer = chat.turns[0].answer

    assert answer.state is AnswerState.STOPPED
    assert "word3" in answer.text
    assert [it.outcome for it in stub.generations][-1] == "cancelled"
