"""Who answers now, and how the server's absence is a state and not an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from fimble.errors import EngineFailed, EngineTimeout, EngineUnavailable
from fimble.pipeline import engine_router
from fimble.pipeline.engine_router import EngineKind, EngineRouter, EngineStatus
from support.fake_engine import FakeEngine


class Rig:
    def __init__(self, kind: EngineKind = "auto") -> None:
        self.server = FakeEngine("ollama", state="offline")
        self.embedded = FakeEngine("embedded")
        self.statuses: list[EngineStatus] = []
        self.time_s = 0.0
        self.router = EngineRouter(
            kind=kind,
            server=self.server,
            embedded=self.embedded,
            model="m",
            on_status=self.statuses.append,
            now=lambda: self.time_s,
        )

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(status.state, status.engine) for status in self.statuses]


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(engine_router, "_FIRST_RETRY_S", 0.001)
    made = Rig()
    yield made
    await made.router.aclose()


async def test_the_embedded_engine_answers_until_the_server_is_back(rig: Rig) -> None:
    rig.router.start()
    await rig.router.settled()
    assert rig.router.current is rig.embedded

    rig.server.state = "ready"
    await rig.server.checked(rig.server.health_checks + 1)

    assert rig.states == [("starting", "embedded"), ("offline", "embedded"), ("ready", "ollama")]
    assert rig.router.current is rig.server


async def test_a_model_that_is_not_loaded_is_loaded_once(rig: Rig) -> None:
    rig.server.state = "loading"
    rig.router.start()
    await rig.server.checked(2)

    assert rig.server.preloads == 1
    assert rig.states[-1] == ("ready", "ollama")


async def test_a_failed_load_is_one_status_and_another_try(rig: Rig) -> None:
    rig.server.state = "loading"
    rig.server.preload_error = EngineFailed("out of memory")
    rig.router.start()
    await rig.server.checked(1)
    rig.server.preload_error = None
    await rig.server.checked(3)

    assert ("failing", "embedded") in rig.states
    assert rig.router.current is rig.server


@pytest.mark.parametrize(
    ("error", "state"),
    [(EngineUnavailable("gone"), "offline"), (EngineFailed("runner died"), "failing")],
)
async def test_a_failed_request_moves_the_state_at_once_and_the_server_comes_back(
    rig: Rig, error: EngineUnavailable | EngineFailed, state: str
) -> None:
    rig.server.state = "ready"
    rig.router.start()
    await rig.router.settled()
    checks = rig.server.health_checks

    rig.router.note_failure(error)

    assert rig.states[-1] == (state, "embedded")
    assert rig.statuses[-1].message == str(error)
    await rig.server.checked(checks + 1)
    assert rig.router.current is rig.server


async def test_a_server_that_is_well_is_looked_at_again_only_for_a_user_who_comes_back(
    rig: Rig,
) -> None:
    """Its keep-alive may have run out: the first key, and no clock, has it load the model again."""
    rig.server.state = "ready"
    rig.router.start()
    await rig.router.settled()
    rig.time_s = 59.0
    rig.router.note_success()
    rig.time_s = 100.0
    rig.router.user_active()
    for _ in range(5):
        await asyncio.sleep(0)
    assert rig.server.health_checks == 1, "it answered a request a moment ago"

    rig.server.state = "loading"
    rig.time_s = 3_600.0
    rig.router.user_active()
    await rig.server.checked(3)

    assert rig.server.preloads == 1
    assert [state for state, _ in rig.states] == ["starting", "ready", "loading", "ready"]


class Recovering:
    """A router that is ready, with a server that can be told to load its model again."""

    timeout = EngineTimeout("nothing came", stage="first token", deadline_s=60)

    def __init__(self) -> None:
        self.server = FakeEngine("ollama")
        self.recovered = asyncio.Event()
        self.router = EngineRouter(
            kind="ollama", server=self.server, embedded=None, recover=self._recover
        )

    async def _recover(self) -> None:
        self.recovered.set()


@pytest.fixture
async def recovering(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Recovering]:
    monkeypatch.setattr(engine_router, "_FIRST_RETRY_S", 0.001)
    made = Recovering()
    made.router.start()
    await made.router.settled()
    yield made
    await made.router.aclose()


async def test_a_slot_that_never_frees_is_freed_by_loading_the_model_again(
    recovering: Recovering,
) -> None:
    recovering.router.note_failure(recovering.timeout)
    await recovering.server.checked(2)
    assert not recovering.recovered.is_set(), "one timeout may be a long queue"

    recovering.router.note_failure(recovering.timeout)
    await recovering.recovered.wait()


async def test_a_request_that_ends_well_clears_the_suspicion(recovering: Recovering) -> None:
    recovering.router.note_failure(recovering.timeout)
    await recovering.server.checked(2)
    recovering.router.note_success()
    recovering.router.note_failure(recovering.timeout)
    await recovering.server.checked(3)

    assert not recovering.recovered.is_set()


async def test_the_same_failure_twice_is_told_once(rig: Rig) -> None:
    rig.router.note_failure(EngineUnavailable("gone"))
    rig.router.note_failure(EngineUnavailable("gone"))

    assert rig.states == [("offline", "embedded")]


async def test_the_embedded_kind_never_asks_the_server() -> None:
    rig = Rig("embedded")
    rig.router.start()
    await rig.router.settled()

    assert rig.router.current is rig.embedded
    assert rig.server.health_checks == 0
    assert rig.states == [("embedded", "embedded")]


async def test_the_ollama_kind_has_no_stand_in() -> None:
    rig = Rig("ollama")
    await rig.router.check_now()

    assert rig.router.current is None
    assert rig.states == [("offline", "")]


async def test_both_engines_are_closed(rig: Rig) -> None:
    rig.router.start()
    await rig.router.aclose()

    assert rig.server.closed
    assert rig.embedded.closed
