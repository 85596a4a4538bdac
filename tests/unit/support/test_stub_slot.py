"""The one slot: order, cancellation as measured, loads, reloads, unloading and the leak.

Speeds are scripted so that what must be fast and what must be slow differ by a factor of ten or
more; no test waits for a time to pass, only for an event in the journal.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from support.stub_ollama import (
    RequestRecord,
    Script,
    StubModel,
    StubOllama,
    Timing,
    faults,
    fixed,
)

Start = Callable[[Script | None], StubOllama]

BODY = {"model": "qwen3.6:27b", "prompt": "def f", "raw": True, "stream": False}
ENDLESS = fixed("word other " * 3000)
EIGHT_HUNDRED_TOKENS = "value = 1\n" * 200


async def post(stub: StubOllama, path: str = "/api/generate", **body: object) -> httpx.Response:
    """One request on a connection of its own; cancelling it closes the connection."""
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=20) as client:
        return await client.post(stub.url + path, json=BODY | body)


async def abandon(task: asyncio.Task[httpx.Response]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def open_request(stub: StubOllama, **body: object) -> AsyncIterator[RequestRecord]:
    """A request that the stub has received; abandoned when the block ends."""
    number = len(stub.requests)
    task = asyncio.create_task(post(stub, **body))
    try:
        yield await stub.wait_for(lambda all_: len(all_) > number and all_[number])
    finally:
        await abandon(task)


async def finished(stub: StubOllama, record: RequestRecord) -> RequestRecord:
    await stub.wait_for(lambda _: record.outcome != "open")
    return record


async def test_the_slot_serves_one_at_a_time_in_order_of_arrival(start: Start) -> None:
    stub = start(Script(answer=ENDLESS, timing=Timing(per_generated_token_s=0.01)))
    tasks: list[asyncio.Task[httpx.Response]] = []
    async with open_request(stub) as first:
        await stub.wait_for(lambda _: first.generated_tokens)
        for number in range(1, 4):
            tasks.append(asyncio.create_task(post(stub, options={"num_predict": 3})))
            await stub.wait_for(lambda all_, count=number: len(all_) > count)
        assert stub.max_concurrent == 4
        assert [it.generated_tokens for it in stub.requests[1:]] == [0, 0, 0]
    await asyncio.gather(*tasks)

    starts = [it.first_token_at or 0.0 for it in stub.requests]
    freed = [it.slot_freed_at or 0.0 for it in stub.requests]
    assert starts == sorted(starts)
    assert all(freed[number] < starts[number + 1] for number in range(3))


async def test_queue_wait_shows_only_in_the_total_duration(start: Start) -> None:
    stub = start(Script(timing=Timing(base_s=0.1)))
    first, second = await asyncio.gather(post(stub), post(stub))
    slow = max(first.json(), second.json(), key=lambda it: it["total_duration"])
    parts = ("load_duration", "prompt_eval_duration", "eval_duration")

    assert slow["total_duration"] - sum(slow[it] for it in parts) > 50_000_000


async def test_closing_mid_generation_frees_the_slot_within_a_token(start: Start) -> None:
    stub = start(Script(answer=ENDLESS, timing=Timing(per_generated_token_s=0.02)))
    async with open_request(stub) as record:
        await stub.wait_for(lambda _: record.generated_tokens >= 3)
    await stub.wait_for(lambda _: record.slot_freed_at)

    assert record.outcome == "cancelled"
    assert record.slot_freed_at is not None
    assert record.closed_by_client_at is not None
    assert record.slot_freed_at - record.closed_by_client_at < 0.1
    assert record.generated_tokens < 100


async def test_closing_mid_prompt_frees_the_slot_after_the_running_batch(start: Start) -> None:
    """Two batches, 288 and 512 tokens: the second never begins."""
    stub = start(Script(timing=Timing(per_prompt_token_s=0.0004)))
    async with open_request(stub, prompt=EIGHT_HUNDRED_TOKENS) as record:
        await stub.wait_for(lambda _: record.prompt_tokens)
    await stub.wait_for(lambda _: record.slot_freed_at)
    began = time.monotonic()
    again = (await post(stub, prompt=EIGHT_HUNDRED_TOKENS)).json()

    assert record.evaluated_tokens in {0, record.prompt_tokens - 512}
    assert record.evaluated_tokens < record.prompt_tokens
    assert stub.requests[-1].cached_tokens == record.evaluated_tokens
    assert again["prompt_eval_count"] == record.prompt_tokens
    assert time.monotonic() - began < 2


async def test_a_poll_delays_the_news_of_a_closed_connection(start: Start) -> None:
    """The semaphore is free at once, but llama-server evaluates on until it looks."""
    timing = Timing(per_prompt_token_s=0.0002, cancel_poll_s=60.0)
    stub = start(Script(timing=timing))
    async with open_request(stub, prompt=EIGHT_HUNDRED_TOKENS) as record:
        await stub.wait_for(lambda _: record.prompt_tokens)
    await stub.wait_for(lambda _: record.slot_freed_at)

    assert record.evaluated_tokens == record.prompt_tokens


async def test_a_queued_request_that_leaves_never_reaches_the_slot(start: Start) -> None:
    stub = start(Script(answer=ENDLESS, timing=Timing(per_generated_token_s=0.02)))
    async with open_request(stub) as running:
        await stub.wait_for(lambda _: running.generated_tokens)
        async with open_request(stub, prompt="other") as queued:
            pass
        await finished(stub, queued)

        assert queued.outcome == "cancelled"
        assert queued.cached_tokens == queued.evaluated_tokens == 0
        assert running.outcome == "open"


async def test_closing_during_a_load_kills_the_load(start: Start) -> None:
    stub = start(Script(timing=Timing(load_s=30)))
    async with open_request(stub) as record:
        await stub.wait_for(lambda _: stub.loads == 1)
    await finished(stub, record)

    assert (stub.killed_loads, stub.loaded_models) == (1, ())


async def test_a_request_behind_a_load_that_is_killed_loads_itself(start: Start) -> None:
    stub = start(Script(timing=Timing(load_s=0.3)))
    first = asyncio.create_task(post(stub))
    await stub.wait_for(lambda _: stub.loads == 1)
    second = asyncio.create_task(post(stub))
    await stub.wait_for(lambda all_: len(all_) == 2)
    await abandon(first)

    assert (await second).status_code == 200
    assert (stub.loads, stub.killed_loads) == (2, 1)
    assert stub.requests[1].loaded


async def test_requests_during_a_load_share_it(start: Start) -> None:
    stub = start(Script(timing=Timing(load_s=0.1)))
    replies = await asyncio.gather(*(post(stub) for _ in range(3)))

    assert [it.status_code for it in replies] == [200, 200, 200]
    assert stub.loads == 1
    assert sum(it.loaded for it in stub.requests) == 1
    assert max(it.json()["load_duration"] for it in replies) > 90_000_000


async def test_other_runner_options_reload_the_model_and_lose_the_cache(start: Start) -> None:
    stub = start(Script())
    await post(stub, prompt=EIGHT_HUNDRED_TOKENS, options={"num_ctx": 4096})
    await post(stub, prompt=EIGHT_HUNDRED_TOKENS, options={"num_ctx": 4096, "temperature": 1})
    await post(stub, prompt=EIGHT_HUNDRED_TOKENS, options={"num_ctx": 8192})

    first, same, reloaded = stub.generations
    assert (stub.loads, stub.reloads) == (2, 1)
    assert same.evaluated_tokens == 4
    assert reloaded.evaluated_tokens == first.evaluated_tokens == first.prompt_tokens


async def test_a_reload_waits_for_the_running_request(start: Start) -> None:
    stub = start(Script(answer=ENDLESS, timing=Timing(per_generated_token_s=0.01)))
    async with open_request(stub) as running:
        await stub.wait_for(lambda _: running.generated_tokens)
        reloading = asyncio.create_task(post(stub, options={"num_ctx": 8192, "num_predict": 1}))
        await stub.wait_for(lambda all_: len(all_) == 2)
        assert stub.loads == 1
    assert (await reloading).status_code == 200
    assert stub.requests[1].received_at < (running.finished_at or 0)
    assert stub.reloads == 1


async def test_two_models_have_a_slot_each(start: Start) -> None:
    models = (StubModel(), StubModel(name="small"))
    timing = Timing(per_generated_token_s=0.02)
    stub = start(Script(models=models, answer=ENDLESS, timing=timing))
    async with open_request(stub) as big:
        await stub.wait_for(lambda _: big.generated_tokens)
        reply = await post(stub, model="small", options={"num_predict": 2})

        assert reply.status_code == 200
        assert big.outcome == "open"
        assert set(stub.loaded_models) == {"qwen3.6:27b", "small:latest"}


async def test_too_many_models_unload_the_one_used_longest_ago(start: Start) -> None:
    models = tuple(StubModel(name=f"m{number}") for number in range(3))
    stub = start(Script(models=models, max_loaded=2))
    for number in range(3):
        await post(stub, model=f"m{number}")

    assert set(stub.loaded_models) == {"m1:latest", "m2:latest"}


async def test_a_full_queue_of_loads_answers_503(start: Start) -> None:
    models = (StubModel(), StubModel(name="small"))
    stub = start(Script(models=models, max_pending=0))
    reply = await post(stub)

    assert (reply.status_code, reply.json()["error"]) == (503, faults.BUSY_TEXT)


async def test_a_failing_load_answers_500_with_its_text(start: Start) -> None:
    stub = start(Script(load_error="llama runner process has terminated: exit status 2"))
    reply = await post(stub)

    assert reply.status_code == 500
    assert reply.json()["error"].startswith("llama runner process has terminated")


async def test_keep_alive_expires_an_idle_model(start: Start) -> None:
    stub = start(Script())
    await post(stub, keep_alive="20ms")
    await stub.wait_for(lambda _: stub.loaded_models == ())

    assert stub.requests[0].outcome == "done"


async def test_keep_alive_zero_with_a_prompt_unloads_afterwards(start: Start) -> None:
    stub = start(Script())
    reply = await post(stub, keep_alive=0)
    await stub.wait_for(lambda _: stub.loaded_models == ())

    assert reply.json()["response"] == "return value\n"


async def test_a_leaked_slot_hangs_everybody_until_the_model_is_unloaded(start: Start) -> None:
    stub = start(Script())
    stub.inject(faults.leak_slot())
    await post(stub)
    async with open_request(stub) as stuck:
        running = await post(stub, "/api/show")
        assert running.status_code == 200
        assert stuck.outcome == "open"
        assert stuck.prompt_tokens == 0
    await finished(stub, stuck)
    await post(stub, prompt="", keep_alive=0)

    assert (await post(stub)).json()["response"] == "return value\n"
    assert stub.loads == 2


async def test_the_answer_may_change_while_the_stub_runs(start: Start) -> None:
    stub = start(Script(answer=fixed("one")))
    first = (await post(stub)).json()["response"]
    stub.answer_with(fixed("two"))

    assert (first, (await post(stub)).json()["response"]) == ("one", "two")


async def test_scripted_speed_is_kept(start: Start) -> None:
    """50 ms to the first token and 5 ms for each of the other 19, scaled by two."""
    timing = Timing(base_s=0.025, per_generated_token_s=0.0025, scale=2.0)
    stub = start(Script(answer=ENDLESS, timing=timing))
    await post(stub, options={"num_predict": 1})
    reply = (await post(stub, options={"num_predict": 20})).json()
    record = stub.requests[1]

    assert reply["prompt_eval_duration"] == 50_000_000
    assert reply["eval_duration"] == 95_000_000
    assert record.first_token_at is not None
    assert 0.05 <= record.first_token_at - record.received_at < 0.5
    assert reply["total_duration"] >= 145_000_000
