"""The Ollama engine against a server that fails in every way it can (faults F1 to F8).

After each fault the same engine must answer the next request: nothing hangs, no slot stays taken.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import time
from contextlib import aclosing

import msgspec
import pytest

from fimble.config.schema import OllamaSettings
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.protocol import GenerateRequest, GenerationStatistics, TextChunk
from fimble.errors import (
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineProtocolError,
    EngineRejected,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    ModelMissing,
    PromptTooLong,
)
from support.stub_ollama import Script, StubModel, StubOllama, Timing, faults, fixed

ANSWER = "return a + b\n"
PROMPT = "def add(a, b):\n    "


@pytest.fixture
def stub():
    with StubOllama(Script(answer=fixed(ANSWER))) as running:
        yield running


@pytest.fixture
async def engine(stub):
    made = OllamaEngine(OllamaSettings(endpoint=stub.url))
    yield made
    await made.aclose()


def asked(prompt: str = PROMPT, max_tokens: int = 32) -> GenerateRequest:
    return GenerateRequest(prompt=prompt, max_tokens=max_tokens)


async def answer(engine: OllamaEngine, request: GenerateRequest | None = None) -> str:
    """The whole text of an answer that ended well."""
    text, ended = "", False
    async with aclosing(engine.generate(request or asked())) as events:
        async for event in events:
            if isinstance(event, GenerationStatistics):
                ended = True
            else:
                text += event.text
    assert ended, "a stream without statistics must raise"
    return text


async def impatient(stub: StubOllama, **deadlines: float) -> OllamaEngine:
    """An engine with short deadlines, its model already in memory."""
    settings = msgspec.structs.replace(OllamaSettings(endpoint=stub.url), **deadlines)
    engine = OllamaEngine(settings)
    await engine.preload()
    return engine


async def test_the_stub_answers_in_full(engine):
    assert await answer(engine) == ANSWER


async def test_f01_offline_is_a_state_and_ends_when_the_server_returns(stub, engine):
    with stub.down():
        assert (await engine.health()).state == "offline"
        with pytest.raises(EngineUnavailable):
            await answer(engine)

    assert (await engine.health()).state == "loading"
    assert await answer(engine) == ANSWER
    assert (await engine.health()).state == "ready"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.reset_before_headers(), EngineUnavailable),
        (faults.close_before_headers(), EngineUnavailable),
        (faults.reset(2), EngineUnavailable),
        (faults.cut(2), EngineTruncated),
        (faults.http_error(404, "model 'qwen3.6:27b' not found"), ModelMissing),
        (faults.http_error(400, "invalid options: num_ctx"), EngineRejected),
        (faults.http_error(400, "the input length exceeds the context length"), PromptTooLong),
        (faults.http_error(500, "unable to load model"), EngineFailed),
        (faults.busy(), EngineBusy),
        (faults.html_error(502), EngineFailed),
        (faults.html_error(404), EngineRejected),
        (faults.html_error(200), EngineProtocolError),
        (faults.huge_error(), EngineFailed),
        (faults.redirect("http://192.0.2.1/"), EngineRejected),
        (faults.encoded_body(gzip.compress(b"0" * 10_000_000), "gzip"), EngineProtocolError),
        (faults.inject(b"garbage\n"), EngineProtocolError),
        (faults.inject(b"[1,2]\n"), EngineProtocolError),
        (faults.inject(b"null\n"), EngineProtocolError),
        (faults.inject(b'{"response":5}\n'), EngineProtocolError),
        (faults.inject(b'{"response":"\xff"}\n'), EngineProtocolError),
        (faults.inject(b'{"response":"cut\n'), EngineProtocolError),
        (faults.inject(b"<html></html>\n"), EngineProtocolError),
        (faults.cut(2, inside_line=True), EngineTruncated),
        (faults.end_without_done(2), EngineTruncated),
        (faults.end_without_done(0), EngineTruncated),
        (faults.stream_error("CUDA error"), EngineFailed),
        (faults.out_of_memory(), EngineFailed),
        (faults.endless_line(), EngineProtocolError),
    ],
    ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")),
)
async def test_f02_to_f07_each_fault_is_one_of_our_errors_and_the_next_request_works(
    stub, engine, fault, error
):
    await engine.preload()
    stub.inject(fault, times=None)

    with pytest.raises(EngineError) as caught:
        await answer(engine)

    stub.heal()
    assert type(caught.value) is error
    assert len(str(caught.value)) < 600
    assert "\x1b" not in str(caught.value)
    assert await answer(engine) == ANSWER


@pytest.mark.parametrize("fault", [faults.reset_before_headers(), faults.close_before_headers()])
async def test_f02_a_kept_connection_that_the_server_closed_costs_nothing(stub, engine, fault):
    """The race of a request with the server's close is not the user's trouble."""
    await engine.preload()
    stub.inject(fault)

    assert await answer(engine) == ANSWER


@pytest.mark.parametrize(
    ("deadline", "fault", "stage"),
    [
        ("first_token_timeout_s", faults.hang(), "first token"),
        ("first_token_timeout_s", faults.hang_after(0), "first token"),
        ("inter_token_timeout_s", faults.hang_after(2), "inter-token"),
        ("total_timeout_s", faults.hang_after(2), "total"),
        ("total_timeout_s", faults.hang(), "total"),
    ],
)
async def test_f03_a_silent_server_runs_into_the_deadline_and_sees_the_close(
    stub, deadline, fault, stage
):
    engine = await impatient(stub, **{deadline: 0.05})
    stub.inject(fault)

    with pytest.raises(EngineTimeout) as caught:
        await answer(engine)

    assert caught.value.stage == stage
    await stub.wait_for(lambda _: all(it.outcome != "open" for it in stub.generations))
    await engine.aclose()


async def test_f03_a_pause_shorter_than_the_deadline_is_waited_for(stub, engine):
    stub.inject(faults.stall(0.05))

    assert await answer(engine) == ANSWER


async def test_f03_an_address_that_swallows_connections_times_out():
    """A listener whose backlog is full accepts nothing: the connect deadline decides."""
    import socket  # noqa: PLC0415 (this test alone)

    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        engine = OllamaEngine(
            OllamaSettings(endpoint=f"http://127.0.0.1:{port}", connect_timeout_s=0.1)
        )
        started = time.monotonic()

        health = await engine.health()

        assert health.state == "offline"
        assert time.monotonic() - started < 5
        await engine.aclose()


async def test_f05_any_framing_of_the_bytes_reads_the_same():
    text = 'naïve = "\u0085\u2028😀"\n'
    with StubOllama(Script(answer=fixed(text))) as stub:
        engine = OllamaEngine(OllamaSettings(endpoint=stub.url))
        assert await answer(engine) == text

        stub.inject(faults.bytewise())
        assert await answer(engine) == text

        stub.inject(faults.inject(b"\n\r\n \n"))
        assert await answer(engine) == text
        await engine.aclose()


async def test_f05_the_text_before_garbage_is_kept(stub, engine):
    stub.inject(faults.inject(b"garbage\n", after_tokens=2))
    texts: list[str] = []

    async def read() -> None:
        async with aclosing(engine.generate(asked())) as events:
            async for event in events:
                assert isinstance(event, TextChunk)
                texts.append(event.text)

    with pytest.raises(EngineProtocolError) as caught:
        await read()

    assert ANSWER.startswith("".join(texts))
    assert texts
    assert caught.value.offset > 0


async def test_f07_after_a_runner_died_the_model_is_loaded_again(stub, engine):
    await engine.preload()
    stub.inject(faults.out_of_memory())
    with pytest.raises(EngineFailed, match="out of memory"):
        await answer(engine)

    assert (await engine.health()).state == "loading"
    assert await answer(engine) == ANSWER
    assert stub.loads == 2


async def test_a_load_that_fails_is_told_and_tried_again():
    with StubOllama(Script(load_error="unable to allocate CUDA0 buffer")) as stub:
        engine = OllamaEngine(OllamaSettings(endpoint=stub.url))

        for _ in range(2):
            with pytest.raises(EngineFailed, match="CUDA0"):
                await engine.preload()
        await engine.aclose()


async def test_giving_up_during_a_cold_load_never_kills_it():
    with StubOllama(Script(answer=fixed(ANSWER), timing=Timing(load_s=0.2))) as stub:
        engine = OllamaEngine(OllamaSettings(endpoint=stub.url))
        for _ in range(5):
            task = asyncio.create_task(answer(engine))
            await stub.wait_for(lambda requests: any(it.loaded for it in requests))
            task.cancel()
            await asyncio.wait([task])

        assert await answer(engine) == ANSWER
        assert (stub.loads, stub.killed_loads, stub.reloads) == (1, 0, 0)
        await engine.aclose()


async def test_preload_warm_and_generate_never_reload(stub, engine):
    await asyncio.gather(engine.preload(), engine.preload())
    await answer(engine, asked(max_tokens=1))
    await answer(engine)
    await engine.preload()

    assert (stub.loads, stub.reloads) == (1, 0)


async def test_a_leaked_slot_is_freed_by_recovery(stub):
    engine = await impatient(stub, first_token_timeout_s=0.1)
    stub.inject(faults.leak_slot())
    await answer(engine)
    with pytest.raises(EngineTimeout):
        await answer(engine)

    await engine.recover()

    assert await answer(engine) == ANSWER
    await engine.aclose()


async def _seconds_to_close(stub: StubOllama, engine: OllamaEngine, *, after_tokens: int) -> float:
    """Cancel a generation after `after_tokens` tokens; return when the server saw the close."""
    stub.forget_requests()
    enough = asyncio.Event()

    async def read() -> None:
        received = 0
        async with aclosing(engine.generate(asked(max_tokens=2000))) as events:
            async for _ in events:
                received += 1
                if received == after_tokens:
                    enough.set()

    task = asyncio.create_task(read())
    if after_tokens:
        await enough.wait()
    else:
        await stub.wait_for(lambda _: stub.generations)
    cancelled_at = time.monotonic()
    task.cancel()
    await asyncio.wait([task])
    record = await stub.wait_for(
        lambda _: next((it for it in stub.generations if it.closed_by_client_at), None)
    )
    assert task.cancelled()
    assert record.outcome == "cancelled"
    assert record.closed_by_client_at is not None
    return record.closed_by_client_at - cancelled_at


@pytest.mark.parametrize(
    ("timing", "after_tokens"),
    [(Timing(base_s=30), 0), (Timing(per_generated_token_s=0.02), 2)],
    ids=["before the headers", "between tokens"],
)
async def test_f08_cancelling_closes_the_connection_within_fifty_milliseconds(timing, after_tokens):
    """The best of three: other work on the machine only ever adds."""
    with StubOllama(Script(answer=fixed("x = 1\n" * 200), timing=timing)) as stub:
        engine = OllamaEngine(OllamaSettings(endpoint=stub.url))
        await engine.preload()

        seconds = [
            await _seconds_to_close(stub, engine, after_tokens=after_tokens) for _ in range(3)
        ]

        assert min(seconds) < 0.05
        await engine.aclose()


async def test_f08_a_storm_of_cancellations_leaves_nothing_behind(stub, engine):
    """Two hundred generations, most cancelled at a random moment; the last one is whole."""
    await engine.preload()
    moments = random.Random(8)
    for _ in range(200):
        task = asyncio.create_task(answer(engine))
        for _ in range(moments.randrange(12)):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    assert await answer(engine) == ANSWER
    await stub.wait_for(lambda _: all(it.outcome != "open" for it in stub.generations))
    assert stub.max_concurrent <= 2
    assert len(asyncio.all_tasks()) == 1


async def test_an_over_long_prompt_is_never_cut_silently(stub):
    engine = OllamaEngine(OllamaSettings(endpoint=stub.url, num_ctx=2048))
    long = "value_%d = compute(%d)\n"

    with pytest.raises(PromptTooLong):
        await answer(engine, asked("".join(long % (i, i) for i in range(400))))

    assert all(it.truncated_tokens == 0 for it in stub.requests)
    await engine.aclose()


async def test_the_vocabulary_decides_the_layouts():
    model = StubModel(special_tokens=("<|im_start|>", "<|im_end|>", "<think>", "</think>"))
    with StubOllama(Script(models=(model,))) as stub:
        engine = OllamaEngine(OllamaSettings(endpoint=stub.url))

        profile = await engine.profile()

        assert [layout.value for layout in profile.layouts] == ["prefill"]
        await engine.aclose()
