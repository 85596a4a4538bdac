"""A download goes on where its connection broke, as long as bytes come."""

import pytest

from fimble.config.schema import OllamaSettings
from fimble.engine.ollama.administration import OllamaAdministration, PullProgress
from fimble.engine.pulling import PullMeter, pull_to_the_end
from fimble.errors import EngineTruncated, EngineUnavailable, FimbleError
from support.stub_ollama import Script, StubOllama


class Breaking:
    """A server whose connection breaks after some steps of each request."""

    def __init__(self, *requests):
        self.requests = list(requests)
        self.asked = 0

    async def pull(self, model):
        self.asked += 1
        for step in self.requests.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


def at(completed, digest="sha256:a"):
    return PullProgress(status="pulling", digest=digest, completed_bytes=completed, total_bytes=10)


BROKEN = EngineUnavailable("gone")
DONE = PullProgress(status="success", digest="", completed_bytes=0, total_bytes=0)


async def test_a_broken_connection_is_made_again():
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    server = Breaking([at(3), BROKEN], [BROKEN], [at(7), EngineTruncated("early")], [at(10), DONE])
    steps = [step async for step in pull_to_the_end(server, "m", sleep=sleep)]

    assert [step.completed_bytes for step in steps] == [3, 7, 10, 0]
    assert pauses == [0.5, 1.0, 0.5]


async def sleepless(_seconds):
    return


@pytest.mark.parametrize(
    ("requests", "asked"),
    [([[BROKEN]], 1), ([[at(3), BROKEN]] + [[BROKEN]] * 9, 5)],
    ids=["never begun", "no more comes"],
)
async def test_a_download_that_brings_nothing_is_given_up(requests, asked):
    server = Breaking(*requests)

    with pytest.raises(FimbleError):
        _ = [step async for step in pull_to_the_end(server, "m", sleep=sleepless)]

    assert server.asked == asked


async def test_the_server_goes_on_from_what_it_kept():
    with StubOllama(Script(models=())) as stub:
        settings = OllamaSettings(endpoint=stub.url)
        stub.hold_pulls(50)
        async with OllamaAdministration(settings) as server:
            steps = server.pull("m:1b")
            while (await anext(steps)).completed_bytes < 8_500_000_000:
                pass
            await steps.aclose()
            stub.hold_pulls(None)
            again = [step async for step in pull_to_the_end(server, "m:1b")]

    layer = [step.completed_bytes for step in again if step.total_bytes > 1000]
    assert layer[0] == 8_500_000_000
    assert again[-1].status == "success"


def test_the_speed_is_that_of_the_last_seconds():
    clock = iter([0.0, 1.0, 2.0, 10.0])
    meter = PullMeter(clock=lambda: next(clock))
    for completed in (0, 4, 6):
        meter.note(at(completed))

    assert meter.bytes_per_s == 3.0
    assert (meter.completed_bytes, meter.total_bytes) == (6, 10)
