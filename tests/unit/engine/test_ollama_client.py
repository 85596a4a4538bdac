"""The Ollama engine against a scripted transport: what it sends, reads, refuses and closes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import aclosing

import httpx
import msgspec
import pytest

from fimble.engine.http_library import ensure_imported
from fimble.engine.ollama import client as client_module
from fimble.engine.ollama.client import OllamaEngine
from fimble.engine.protocol import GenerateRequest, GenerationStatistics, TextChunk
from fimble.errors import (
    EngineFailed,
    EngineNotLocalError,
    EngineProtocolError,
    EngineRejected,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    ModelMissing,
    PromptTooLong,
)

# The scripted server's pieces come from conftest.py, which importlib mode does not let us import.
DONE = b'{"response":"","done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":2}\n'


def chunk(text: str) -> bytes:
    return msgspec.json.encode({"response": text, "done": False}) + b"\n"


def request(prompt: str = "def f(", **fields) -> GenerateRequest:
    return GenerateRequest(prompt=prompt, max_tokens=fields.pop("max_tokens", 16), **fields)


async def collect(engine: OllamaEngine, asked: GenerateRequest | None = None) -> list[object]:
    async with aclosing(engine.generate(asked or request())) as events:
        return [event async for event in events]


@pytest.fixture
async def engine(fake, settings):
    made = OllamaEngine(settings, transport=fake.transport)
    yield made
    await made.aclose()


async def test_text_comes_in_order_and_statistics_end_the_stream(engine, fake, body_of):
    fake.generate = [
        body_of(chunk("a") + chunk("b"), chunk("c\u0085d")[:9], chunk("c\u0085d")[9:], DONE)
    ]

    *texts, last = await collect(engine)

    assert texts == [TextChunk("a"), TextChunk("b"), TextChunk("c\u0085d")]
    assert last == GenerationStatistics(finish="stop", prompt_tokens=9, generated_tokens=2)


async def test_durations_are_seconds_and_length_is_told(engine, fake, body_of):
    fake.generate = [
        body_of(
            b'{"done":true,"done_reason":"length","total_duration":3000000000,'
            b'"load_duration":1000000000,"prompt_eval_duration":500000000,'
            b'"eval_duration":250000000}\n'
        )
    ]

    (last,) = await collect(engine)

    assert last == GenerationStatistics(
        finish="length", load_s=1, prompt_eval_s=0.5, eval_s=0.25, total_s=3
    )


async def test_log_probabilities_come_with_their_text(engine, fake, body_of):
    fake.generate = [
        body_of(
            b'{"response":"ab","logprobs":[{"token":"a","logprob":-0.5},{"logprob":-1}]}\n', DONE
        )
    ]

    first, _ = await collect(engine, request(logprobs=True))

    assert first == TextChunk("ab", (-0.5, -1.0))
    assert fake.prompts()[0]["logprobs"] is True


async def test_a_generation_is_raw_unthinking_untruncated_and_names_every_option(engine, fake):
    await collect(engine, request("P", stop=("\n",), temperature=0.1, top_p=0.9, max_tokens=7))

    (body,) = fake.prompts()
    assert body["prompt"] == "P"
    assert (body["raw"], body["think"], body["truncate"], body["stream"]) == (
        True,
        False,
        False,
        True,
    )
    assert "suffix" not in body
    assert "shift" not in body
    assert body["options"] == {
        "num_ctx": 16384,
        "num_predict": 7,
        "stop": ["\n"],
        "temperature": 0.1,
        "top_p": 0.9,
        "top_k": 20,
        "min_p": 0.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "repeat_penalty": 1.0,
    }


async def test_load_options_and_keep_alive_are_the_same_in_every_request(engine, fake):
    """A difference makes the server read 17 GB from disk again."""
    load_options = ("num_ctx", "num_batch", "num_gpu", "main_gpu", "use_mmap", "num_thread")

    await engine.preload()
    await collect(engine)
    await collect(engine, request("warm", max_tokens=1))

    seen = {
        (*(body["options"].get(name) for name in load_options), body["keep_alive"], "shift" in body)
        for body in fake.sent()
    }
    assert len(fake.sent()) == 3
    assert seen == {(16384, None, None, None, None, None, "30m", False)}


async def test_lone_surrogates_in_a_prompt_are_sent_as_question_marks(engine, fake):
    await collect(engine, request("a\ud800b"))

    assert fake.prompts()[0]["prompt"] == "a?b"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (request(""), EngineRejected),
        (request(max_tokens=0), EngineRejected),
        (request(max_tokens=-1), EngineRejected),
        (request("x = 1\n" * 9000), PromptTooLong),
        (request("x", max_tokens=16384), PromptTooLong),
    ],
    ids=["empty prompt", "no tokens", "negative tokens", "long prompt", "long answer"],
)
async def test_impossible_requests_are_refused_before_anything_is_sent(engine, fake, asked, error):
    with pytest.raises(error):
        await collect(engine, asked)

    assert fake.requests == []


async def test_the_servers_count_raises_later_estimates(engine, fake, body_of):
    prompt = "x = 1\n" * 200
    fake.generate = [body_of(b'{"done":true,"prompt_eval_count":4000}\n')]

    await collect(engine, request(prompt))

    assert engine.tokens.count(prompt) >= 4000 or engine.tokens.count(prompt) >= len(prompt)


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ([chunk("a")], EngineTruncated),
        ([], EngineTruncated),
        ([b"\n\n"], EngineTruncated),
        ([chunk("a"), b'{"response":"b'], EngineProtocolError),
        ([chunk("a"), b"garbage\n"], EngineProtocolError),
        ([b"<html>hello</html>\n"], EngineProtocolError),
        ([b"[]\n"], EngineProtocolError),
        ([chunk("a"), b'{"response":7}\n'], EngineProtocolError),
        ([chunk("a"), b'{"error":"CUDA error: out of memory"}\n'], EngineFailed),
        ([chunk("a"), httpx.ReadError("reset")], EngineUnavailable),
        ([chunk("a"), httpx.RemoteProtocolError("peer closed connection")], EngineTruncated),
        ([chunk("a") * 30 + DONE], EngineProtocolError),
        ([b'{"response":"' + b"x" * (2 << 20)], EngineProtocolError),
        ([chunk("y" * 900_000) * 10], EngineProtocolError),
        ([b'{"response":"a","remote_host":"https://evil.example"}\n'], EngineNotLocalError),
    ],
    ids=[
        "end without done",
        "empty body",
        "blank lines",
        "cut in a record",
        "garbage",
        "html",
        "not an object",
        "wrong type",
        "error line",
        "reset",
        "broken off",
        "more tokens than asked",
        "endless line",
        "endless bytes",
        "forwarded",
    ],
)
async def test_a_stream_that_ends_badly_raises_keeps_the_text_and_is_closed(
    engine, fake, body_of, parts, error
):
    made = body_of(*parts)
    fake.generate = [made]
    texts: list[object] = []

    async def read() -> None:
        async with aclosing(engine.generate(request())) as events:
            async for event in events:
                texts.append(event)  # noqa: PERF401 (kept also when the iteration raises)

    with pytest.raises(error):
        await read()

    assert all(isinstance(text, TextChunk) for text in texts)
    if parts and parts[0] == chunk("a"):
        assert texts == [TextChunk("a")]
    assert made.extensions["body"].closed


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b'{"error":"model \'qwen3.6:27b\' not found"}', ModelMissing),
        (400, b'{"error":"the input length exceeds the context length"}', PromptTooLong),
        (500, b'{"error":"model runner has unexpectedly stopped"}', EngineFailed),
        (502, b"<html>Bad gateway</html>", EngineFailed),
        (307, b"", EngineRejected),
    ],
)
async def test_error_statuses_are_read_and_closed(  # noqa: PLR0917
    engine, fake, body_of, status, body, error
):
    made = body_of(body, status=status, location="http://evil.example/")
    fake.generate = [made]

    with pytest.raises(error):
        await collect(engine)

    assert made.extensions["body"].closed
    assert all("evil" not in str(headers.get("host")) for headers in fake.headers)


async def test_a_huge_error_page_is_cut(engine, fake, body_of):
    made = body_of(*[b"<p>x</p>" * 8192] * 200, status=500)
    fake.generate = [made]

    with pytest.raises(EngineFailed) as caught:
        await collect(engine)

    assert len(caught.value.sentence) < 400
    assert made.extensions["body"].closed


async def test_a_compressed_answer_is_refused_unread(engine, fake, body_of):
    made = body_of(b"\x1f\x8b", **{"content-encoding": "gzip"})
    fake.generate = [made]

    with pytest.raises(EngineProtocolError, match="compressed"):
        await collect(engine)

    assert fake.headers[-1]["accept-encoding"] == "identity"


async def test_closing_the_generator_closes_the_response(engine, fake, body_of):
    never = asyncio.Event()
    made = body_of(chunk("a"), never.wait)
    fake.generate = [made]

    events = engine.generate(request())
    assert await anext(events) == TextChunk("a")
    await events.aclose()

    assert made.extensions["body"].closed


async def test_cancelling_the_task_between_tokens_closes_the_response(engine, fake, body_of):
    waiting, never = asyncio.Event(), asyncio.Event()

    async def stall() -> None:
        waiting.set()
        await never.wait()

    made = body_of(chunk("a"), stall)
    fake.generate = [made]
    task = asyncio.create_task(collect(engine))
    await waiting.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert made.extensions["body"].closed


@pytest.mark.parametrize(
    ("field", "parts", "stage"),
    [
        ("first_token_timeout_s", ["stall"], "first token"),
        ("inter_token_timeout_s", [chunk("a"), "stall"], "inter-token"),
        ("total_timeout_s", [chunk("a"), "stall"], "total"),
    ],
)
async def test_f03_each_deadline_passes_and_closes_the_response(  # noqa: PLR0917
    fake, settings, body_of, field, parts, stage
):
    settings = msgspec.structs.replace(settings, **{field: 0.02})
    never = asyncio.Event()
    made = body_of(*(never.wait if part == "stall" else part for part in parts))
    fake.generate = [made]
    engine = OllamaEngine(settings, transport=fake.transport)

    with pytest.raises(EngineTimeout) as caught:
        await collect(engine)

    assert caught.value.stage == stage
    assert made.extensions["body"].closed
    await engine.aclose()


async def test_a_finished_stream_that_stays_open_is_a_success(engine, fake, body_of, monkeypatch):
    never = asyncio.Event()
    made = body_of(chunk("a"), DONE, never.wait)
    fake.generate = [made]

    events = await collect(engine)

    assert isinstance(events[-1], GenerationStatistics)
    assert made.extensions["body"].closed


async def test_preload_is_shared_and_survives_its_callers(engine, fake):
    started, may_finish = asyncio.Event(), asyncio.Event()

    async def load(_body) -> httpx.Response:
        started.set()
        await may_finish.wait()
        return httpx.Response(200, json={"done": True, "done_reason": "load"})

    fake.load = load
    impatient = asyncio.create_task(engine.preload())
    patient = asyncio.create_task(engine.preload())
    await started.wait()
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    may_finish.set()
    await patient

    assert len(fake.sent()) == 1


async def test_a_generation_waits_for_the_load_and_giving_up_does_not_kill_it(engine, fake):
    started, may_finish, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def load(_body) -> httpx.Response:
        started.set()
        await may_finish.wait()
        finished.set()
        return httpx.Response(200, json={"done": True})

    fake.load = load
    task = asyncio.create_task(collect(engine))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert fake.prompts() == []

    may_finish.set()
    await collect(engine)

    assert finished.is_set()
    assert len(fake.sent()) == 2


async def test_a_load_failure_reaches_every_waiter_and_the_next_try_starts_anew(engine, fake):
    async def failing(_body) -> httpx.Response:
        return httpx.Response(500, json={"error": "unable to allocate CUDA0 buffer"})

    fake.load = failing
    results = await asyncio.gather(engine.preload(), engine.preload(), return_exceptions=True)

    assert [type(result) for result in results] == [EngineFailed, EngineFailed]

    fake.load = None
    await engine.preload()


async def test_residence_is_proved_again_after_a_pause_and_after_a_failure(fake, settings, body_of):
    clock = [0.0]
    engine = OllamaEngine(settings, transport=fake.transport, now=lambda: clock[0])

    def loads() -> int:
        return len(fake.sent()) - len(fake.prompts())

    await collect(engine)
    await collect(engine)
    assert loads() == 1

    clock[0] += client_module.RESIDENT_FOR_S
    await collect(engine)
    assert loads() == 2

    fake.generate = [body_of(b'{"error":"out of memory"}\n'), body_of(DONE)]
    with pytest.raises(EngineFailed):
        await collect(engine)
    await collect(engine)
    assert loads() == 3
    await engine.aclose()


async def test_recovery_unloads_and_loads(engine, fake):
    await engine.recover()

    unload, load = fake.sent()
    assert unload["keep_alive"] == 0
    assert load["keep_alive"] == "30m"


async def test_the_profile_is_narrowed_to_the_vocabulary_read_once_per_digest(engine, fake):
    fake.show["model_info"]["tokenizer.ggml.tokens"] = [
        *("<|im_start|>", "<|im_end|>", "def", "", "<"),
        *("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ]

    profile = await engine.profile()
    await engine.profile()

    assert profile.family == "qwen3.5"
    assert len(profile.layouts) == 3
    assert profile.file_marker == ""
    assert [body["verbose"] for body in fake.sent("/api/show")] == [False, True]


async def test_a_closed_engine_says_so(engine):
    await engine.aclose()

    with pytest.raises(EngineUnavailable, match="closed"):
        await collect(engine)


def test_importing_and_constructing_the_engine_imports_no_http_library():
    code = (
        "import sys\n"
        "from fimble.config.schema import OllamaSettings\n"
        "from fimble.engine.ollama.client import OllamaEngine\n"
        "OllamaEngine(OllamaSettings())\n"
        "heavy = {'httpx', 'ollama', 'anyio', 'pydantic', 'httpcore'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_http_library_comes_without_its_command_line():
    """httpx imports click and rich for a `main` that nobody calls: half of the time it takes."""
    code = (
        "import asyncio, sys\n"
        "from fimble.engine.http_library import ensure_imported\n"
        "asyncio.run(ensure_imported())\n"
        "assert 'httpx' in sys.modules\n"
        "heavy = {'rich', 'click', 'pygments', 'httpx._main'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "import httpx\n"
        "assert callable(httpx.main)\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


async def test_importing_again_changes_nothing():
    before = sys.modules["httpx"]

    await ensure_imported("ollama")

    assert sys.modules["httpx"] is before
