"""Each wait has a deadline, and the error says which one passed (fault F3)."""

from __future__ import annotations

import asyncio

import pytest

from fimble.engine.deadlines import Deadlines
from fimble.errors import EngineTimeout


def deadlines(total_s: float = 60) -> Deadlines:
    return Deadlines(title="Ollama", engine="ollama", total_s=total_s)


async def test_what_comes_in_time_is_returned():
    assert (
        await deadlines().wait(asyncio.sleep(0, "text"), stage="first token", seconds=5) == "text"
    )


async def test_f03_the_shorter_deadline_of_a_stage_passes_first():
    with pytest.raises(EngineTimeout) as caught:
        await deadlines().wait(asyncio.Event().wait(), stage="inter-token", seconds=0.01)

    assert (caught.value.stage, caught.value.deadline_s) == ("inter-token", 0.01)


async def test_f03_the_total_counts_from_the_start_whatever_the_stage():
    clock = deadlines(total_s=0.02)

    async def stream() -> None:
        for _ in range(1000):
            await clock.wait(asyncio.sleep(0.001), stage="inter-token", seconds=5)

    with pytest.raises(EngineTimeout) as caught:
        await stream()

    assert (caught.value.stage, caught.value.deadline_s) == ("total", 0.02)


async def test_the_awaited_task_is_cancelled_when_the_deadline_passes():
    cancelled = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(EngineTimeout):
        await deadlines().wait(endless(), stage="total", seconds=0.01)

    assert cancelled.is_set()


async def test_a_timeout_error_from_inside_is_not_mistaken_for_the_deadline():
    async def failing() -> None:
        raise TimeoutError(110, "Connection timed out")

    with pytest.raises(TimeoutError):
        await deadlines().wait(failing(), stage="total", seconds=5)


async def test_cancellation_from_outside_stays_a_cancellation():
    task = asyncio.create_task(deadlines().wait(asyncio.Event().wait(), stage="total", seconds=5))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
